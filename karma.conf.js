/**
 * The contract suites in real browsers, bundled by rollup from what `tsc` made (`npm run test:browser` builds both).
 * Chromium always; Firefox when FIREFOX_BIN names one. Elsewhere than on Debian set CHROME_BIN.
 */
import { existsSync } from "node:fs";
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import chromeLauncher from "karma-chrome-launcher";
import firefoxLauncher from "karma-firefox-launcher";
import mocha from "karma-mocha";
import rollupPreprocessor from "karma-rollup-preprocessor";

const CHROMIUM_FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const found = (variable, path) => {
  process.env[variable] ??= existsSync(path) ? path : undefined;
  if (process.env[variable] === "undefined") delete process.env[variable];
  return process.env[variable] !== undefined;
};
const browsers = [
  ...(found("CHROME_BIN", "/usr/bin/chromium") ? ["HeadlessChromium"] : []),
  ...(found("FIREFOX_BIN", "/usr/bin/firefox-esr") ? ["FirefoxHeadless"] : []),
];
if (browsers.length === 0) throw new Error("no browser found: install Debian's chromium, or set CHROME_BIN");

export default function configure(config) {
  config.set({
    frameworks: ["mocha"],
    plugins: [mocha, chromeLauncher, firefoxLauncher, rollupPreprocessor],
    files: [{ pattern: "dist-test/test/browser/*.test.js", watched: false }],
    preprocessors: { "dist-test/test/browser/*.test.js": ["rollup"] },
    rollupPreprocessor: {
      output: { format: "iife", name: "tests", sourcemap: "inline" },
      plugins: [resolve({ browser: true }), commonjs()],
      onwarn() {},
    },
    client: { mocha: { timeout: 60_000 } },
    customLaunchers: { HeadlessChromium: { base: "Chromium", flags: CHROMIUM_FLAGS } },
    browsers,
    reporters: ["progress"],
    browserNoActivityTimeout: 120_000,
    singleRun: true,
    concurrency: 1,
  });
}
