/** What a peer may do instead of helping, and what it is blamed for: the same wherever a client runs. */
import type { ErrorCode } from "../../src/errors.js";
import type { Fault } from "../devnet/src/faults.ts";

export const BAD_PEERS: readonly (readonly [what: string, fault: Fault, code: ErrorCode])[] = [
  ["stalls", { kind: "hang" }, "REQUEST_TIMEOUT"],
  ["lies", { kind: "wrong-committee" }, "CURRENT_COMMITTEE_BRANCH_INVALID"],
  ["follows another fork", { kind: "other-network" }, "PEER_IRRELEVANT"],
  ["announces more than is allowed", { kind: "oversized", variant: "declared" }, "INPUT_TOO_LARGE"],
  ["never stops sending", { kind: "oversized" }, "INPUT_TOO_LARGE"],
  ["sends corrupt frames", { kind: "wrong-checksum" }, "RESPONSE_INVALID"],
];

/** For a test that waits for it. */
export const PATIENCE_MS = 1_000;
