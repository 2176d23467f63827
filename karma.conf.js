/**
 * The contract suites in real browsers, bundled by rollup from what `tsc` made. `npm run test:browser` prepares both and
 * says which browsers there are, by CHROME_BIN and FIREFOX_BIN.
 */
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

const { CHROME_BIN, FIREFOX_BIN } = process.env;
const browsers = [...(CHROME_BIN ? ["HeadlessChromium"] : []), ...(FIREFOX_BIN ? ["FirefoxHeadless"] : [])];

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
    reporters: [process.stdout.isTTY ? "progress" : "dots"],
    browserNoActivityTimeout: 120_000,
    singleRun: true,
    concurrency: 1,
  });
}
