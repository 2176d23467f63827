/**
 * The tests below test/browser in real browsers. `npm run test:browser` prepares what this expects: the bundles, the
 * browsers (CHROME_BIN, FIREFOX_BIN), and the chains that the tests run against (SIDELIGHT_TEST_WORLD).
 */
import chromeLauncher from "karma-chrome-launcher";
import firefoxLauncher from "karma-firefox-launcher";
import mocha from "karma-mocha";
import { CHROMIUM_FLAGS } from "./scripts/browsers.js";

const { CHROME_BIN, FIREFOX_BIN, SIDELIGHT_TEST_WORLD = "{}" } = process.env;
const browsers = [...(CHROME_BIN ? ["HeadlessChromium"] : []), ...(FIREFOX_BIN ? ["HeadlessFirefox"] : [])];
const chains = Object.entries(JSON.parse(SIDELIGHT_TEST_WORLD));

export default function configure(config) {
  config.set({
    frameworks: ["mocha"],
    plugins: [mocha, chromeLauncher, firefoxLauncher],
    files: [
      { pattern: "dist-test/bundle/*.test.js", type: "module", watched: false },
      { pattern: "dist-test/bundle/**/*.js", included: false, watched: false },
      { pattern: "test/browser/pages/*.html", included: false, watched: false },
      { pattern: "src/bls/blst/wasm/*.wasm", included: false, watched: false },
    ],
    // The chains' own servers are of other origins, as nodes are; only what commands them is of the pages' own.
    proxies: Object.fromEntries(chains.map(([name, { controlUrl }]) => [`/chain/${name}`, controlUrl])),
    customHeaders: [
      // A sandboxed frame has an origin of its own, and may load no module without this.
      { match: "/dist-test/bundle/", name: "Access-Control-Allow-Origin", value: "*" },
      { match: "/pages/clear-site-data", name: "Clear-Site-Data", value: '"storage"' },
    ],
    client: {
      mocha: { timeout: 60_000 },
      chains: Object.fromEntries(chains.map(([name, { url }]) => [name, url])),
    },
    customLaunchers: {
      HeadlessChromium: { base: "Chromium", flags: CHROMIUM_FLAGS },
      HeadlessFirefox: {
        base: "FirefoxHeadless",
        // KiB of storage for all origins, of which one gets a fifth: a disk that quota.test.ts can fill
        prefs: { "dom.quotaManager.temporaryStorage.fixedLimit": 51_200 },
      },
    },
    browsers,
    reporters: [process.stdout.isTTY ? "progress" : "dots"],
    // A machine that is busy with something else is no reason to fail: a browser that is gone closes its connection.
    captureTimeout: 300_000,
    pingTimeout: 300_000,
    browserNoActivityTimeout: 300_000,
    singleRun: true,
  });
}
