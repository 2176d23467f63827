// `npm run lock`: completes the lockfiles after `npm install`, here and below test/ and examples/. A registry mirror that lacks the builds of a tool for
// other platforms leaves them out of the lockfile, and `npm ci` then refuses it everywhere. Their names say all that npm
// needs to know to pass over them: version, operating system, processor and C library.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packages } from "./setup.js";
import { end, ROOT, say } from "./shared.js";

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "win32"];
const C_LIBRARIES = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" };

function complete(path) {
  const lock = JSON.parse(readFileSync(path, "utf8"));
  const added = {};
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const isThere = [`${parent}/node_modules/${name}`, `node_modules/${name}`].some((key) => key in lock.packages);
      const platform = platformOf(name);
      if (isThere || platform === null) continue;
      added[`node_modules/${name}`] = { version, ...platform, ...(dev ? { dev } : {}), optional: true };
    }
  }
  const packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(path, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  return Object.keys(added).length;
}

/** From a name such as `@rollup/rollup-linux-arm64-musl`; `null` if it names no platform. */
function platformOf(name) {
  const parts = name.split("/").at(-1).split("-");
  const at = parts.findIndex((part) => SYSTEMS.includes(part));
  if (at === -1 || parts[at + 1] === undefined) return null;
  const libc = parts[at] === "linux" ? C_LIBRARIES[parts[at + 2] ?? "gnu"] : undefined;
  return { cpu: [parts[at + 1]], ...(libc === undefined ? {} : { libc: [libc] }), os: [parts[at]] };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    for (const folder of packages()) {
      const count = complete(join(ROOT, folder, "package-lock.json"));
      say(`${join(folder, "package-lock.json")}: ${count} packages of other platforms added`);
    }
  } catch (error) {
    end(error);
  }
}
