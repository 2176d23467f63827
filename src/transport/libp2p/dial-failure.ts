/** Why a peer could not be reached, in words. */
import { messageOf } from "../../errors.js";

/**
 * A websocket fails with an event and not with an error: Node's knows the reason, a page's does not. What was tried in
 * several ways, by libp2p (addresses) or by Node (IPv6 and IPv4), has a reason for each.
 */
export function describeDialFailure(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return [...new Set(thrown.errors.map(describeDialFailure))].join("; ");
  }
  if (thrown instanceof Error) return messageOf(thrown);
  const { error, message } = (thrown ?? {}) as Partial<ErrorEvent>;
  if (error instanceof Error) return describeDialFailure(error);
  return typeof message === "string" && message !== "" ? message : "the websocket could not be opened";
}
