// The pages of examples/dashboard, built for serving. `npm run demo` and the tests use it.
import { join } from "node:path";
import { isNewer, ROOT, run, Trouble } from "./shared.js";

const SOURCES = "examples/dashboard";
/** The library as it is built: that is what goes in. */
const INPUTS = [
  "dist",
  ...["src", "index.html", "package-lock.json", "tsconfig.json"].map((name) => `${SOURCES}/${name}`),
];

/** Needs a built library. @returns {Promise<string>} the folder to serve */
export async function buildDashboard() {
  const folder = join(ROOT, SOURCES, "dist");
  if (isNewer(`${SOURCES}/dist/index.html`, INPUTS)) return folder;
  const vite = join(ROOT, SOURCES, "node_modules/vite/bin/vite.js");
  const options = { cwd: join(ROOT, SOURCES) };
  const { code, output } = await run(process.execPath, [vite, "build", "--logLevel", "error"], options);
  if (code !== 0) throw new Trouble(`the dashboard could not be built:\n${output}`);
  return folder;
}
