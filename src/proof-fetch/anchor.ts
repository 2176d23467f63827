/** Which verified header an answer stands on. */
import type { VerifiedHeader } from "../client/types.js";
import { optionInvalid, SidelightError } from "../errors.js";

/** The part of a client that is looked at: it may run in a worker, or in another tab. */
export interface HeaderSource {
  readonly head: VerifiedHeader | null;
  readonly finalized: VerifiedHeader | null;
}

/**
 * - `"finalized"`: what is final. Will not be replaced
 * - `"head"`: the newest verified block. May be
 */
export type Anchor = "finalized" | "head";

/** @throws CLIENT_STATE_INVALID before there is a verified header */
export function anchorHeader(client: HeaderSource, at: Anchor): VerifiedHeader {
  if (at !== "finalized" && at !== "head") throw optionInvalid("at", '"finalized" or "head"', at);
  const header = client[at];
  if (header !== null) return header;
  const details = { method: "get", state: "without a verified header" };
  throw new SidelightError(
    "CLIENT_STATE_INVALID",
    `expected a client with a verified header, got none: start it`,
    details,
  );
}
