// What a worker runs in tests: the built files, since Node starts a worker without what loads TypeScript.
import { parentPort } from "node:worker_threads";
import { blstBls } from "../../dist/bls/blst/index.js";
import { serveBls } from "../../dist/bls/pooled/index.js";

serveBls(parentPort, blstBls());
