/** Finds files, exports and dependencies that nothing uses. What `package.json` exports is used by others. */
import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

const publicModules = Object.values(exports)
  .flatMap((target) => target.default ?? [])
  .map((path) => path.replace("./dist/", "src/").replace(/\.js$/, ".ts"));

export default {
  ignoreExportsUsedInFile: true,
  workspaces: {
    ".": {
      entry: [
        ...publicModules,
        "src/iife.ts",
        "src/cli/main.ts",
        "src/cli/peers.ts",
        "bench/*.ts",
        "examples/*/*.js",
        "scripts/*.js",
        "test/{browser,unit,kernels,vectors,e2e,live,examples,hostile}/**/*.test.ts",
        // bundled by path
        "test/hostile/crash/{child,page}.ts",
        "test/examples/peers-worker.ts",
        "test/examples/board-page/day.ts",
        // in the browsers these stand for others, or are workers
        "test/browser/{vectors,workers}/*.ts",
        "test/unit/worker/thread.ts",
      ],
      project: [
        "src/**",
        "bench/**",
        "scripts/*.js",
        "test/{browser,contract,e2e,examples,hostile,kernels,live,support,unit,vectors}/**/*.ts",
      ],
      // blst-sources is read by path; karma is run by path; reference-data is what the bundle of browser tests puts there
      ignoreDependencies: ["blst-sources", "karma", "reference-data"],
      ignoreBinaries: ["clang", "wasm-ld", "mount", "umount"],
    },
    "examples/dapp-vite": { project: ["src/**"] },
    "examples/dashboard": { project: ["src/**"] },
    "test/devnet": {
      entry: ["bundle.js", "src/client.ts", "src/read-blocks.ts", "test/*.ts"],
      project: ["*.js", "{src,test}/**/*.ts"],
    },
    "test/reference": {
      entry: ["src/main.ts", "test/**/*.test.ts"],
      project: ["{src,test}/**/*.ts"],
      // named for their versions alone; tsx is named to Node
      ignoreDependencies: ["@chainsafe/ssz", "@lodestar/api", "tsx"],
    },
    "test/consumers": {
      entry: ["test/*.test.ts", "src/fixture.ts"],
      project: ["{src,test}/**/*.ts"],
      // commands, run as a user would type them
      ignoreDependencies: ["@rollup/plugin-node-resolve", "esbuild", "rollup", "vite", "webpack", "webpack-cli"],
    },
  },
};
