// What a worker runs in benchmarks. Plain JavaScript: Node starts it, and only then can TypeScript be loaded.
import { parentPort } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { serveBls } = await import("../src/bls/pooled/index.ts");
const { blstBls } = await import("../src/bls/blst/index.ts");
serveBls(parentPort, blstBls());
