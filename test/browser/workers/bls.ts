/** A page's worker for signatures, as the documentation shows it. */
import { blstBls } from "../../../src/bls/blst/index.js";
import { type BlsPort, serveBls } from "../../../src/bls/pooled/index.js";

// the compiler is told of pages only
serveBls(globalThis as unknown as BlsPort, blstBls());
