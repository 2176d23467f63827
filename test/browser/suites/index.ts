/** What runs in a page, in a dedicated and in a shared worker alike. */
import { blstBls } from "../../../src/bls/blst/index.js";
import { blsContract } from "../../contract/bls.js";
import type { Chains } from "../support/chains.js";
import { clientSuites } from "./client.js";
import { sourceSuites } from "./sources.js";
import { storeSuites } from "./stores.js";

export function defineSuites(scope: string, getChains: () => Chains): void {
  storeSuites(scope);
  blsContract("blstBls", blstBls, { isBrief: scope !== "page" });
  sourceSuites(getChains);
  clientSuites(scope, getChains);
}
