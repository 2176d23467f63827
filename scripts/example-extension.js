// `npm run example:extension`: puts the extension of examples/mv3-extension together for Chromium and for Firefox. The
// sources are the same; what differs is how a manifest names the background.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { end, newestMs, ROOT, readJson, runNpm, say, style, Trouble } from "./shared.js";

const SOURCES = join(ROOT, "examples/mv3-extension");
const TARGET = join(SOURCES, "dist");
const BUNDLE = "sidelight.min.js";
/** Read by people, not by browsers. */
const LEFT_OUT = ["dist", "manifest.json", "mark.svg"];
/** What the worker loads by importScripts, as a list. */
const SCRIPTS = [BUNDLE, "settings.js", "view.js", "background.js"];

/** @returns {Promise<{ chromium: string, firefox: string }>} the two folders to load */
export async function buildExtension() {
  await build();
  const manifest = readJson(join(SOURCES, "manifest.json"));
  rmSync(TARGET, { recursive: true, force: true });
  return {
    chromium: put("chromium", manifest),
    firefox: put("firefox", firefoxManifest(manifest)),
  };
}

async function build() {
  if (newestMs(join(ROOT, "dist", BUNDLE)) > newestMs(join(ROOT, "src"))) return;
  say(style.dim("building …"));
  const { code, output } = await runNpm(["run", "--silent", "build"]);
  if (code !== 0) throw new Trouble(`the build failed:\n${output}`);
}

function firefoxManifest({ minimum_chrome_version: _, ...manifest }) {
  return {
    ...manifest,
    background: { scripts: SCRIPTS },
    browser_specific_settings: {
      gecko: {
        id: "sidelight@example.org",
        strict_min_version: "128.0",
        data_collection_permissions: { required: ["none"] },
      },
    },
  };
}

function put(browser, manifest) {
  const folder = join(TARGET, browser);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(SOURCES)) {
    if (!LEFT_OUT.includes(name)) cpSync(join(SOURCES, name), join(folder, name), { recursive: true });
  }
  cpSync(join(ROOT, "dist", BUNDLE), join(folder, BUNDLE));
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return folder;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  buildExtension().then(({ chromium, firefox }) => {
    say(`Chromium: chrome://extensions, developer mode, "Load unpacked": ${chromium}`);
    say(`Firefox:  about:debugging, "This Firefox", "Load Temporary Add-on": ${firefox}`);
  }, end);
}
