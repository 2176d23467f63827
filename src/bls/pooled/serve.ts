/** What runs in the caller's worker. */
import { messageOf, type SignatureFault } from "../../errors.js";
import type { Bls, SyncAggregateItem } from "../port.js";
import { type BlsPort, openLine } from "./line.js";
import { decodeBatch, isOurs, verdictMessage } from "./wire.js";

/**
 * Verifies what a {@link pooledBls} at the other end of `port` sends, with `bls`, which is started at once. Whatever else
 * comes over the port is left to others.
 *
 * @param port in a browser's worker `self`, in Node `parentPort` of `node:worker_threads`; or a `MessagePort`
 * @param bls such as `blstBls()`
 * @returns ends the service; the port stays open
 * @example
 * serveBls(self, blstBls());
 */
export function serveBls(port: BlsPort, bls: Bls): () => void {
  const ready = bls.ready();
  ready.catch(() => {}); // each batch tells

  async function answer(message: Record<string, unknown>): Promise<void> {
    const id = Number(message["id"]);
    try {
      await ready;
      line.post(verdictMessage(id, { fault: verify(bls, message["batch"]) }), []);
    } catch (error) {
      line.post(verdictMessage(id, { error: messageOf(error) }), []);
    }
  }

  const line = openLine(port, {
    message: (message) => {
      if (isOurs(message)) void answer(message);
    },
    failed: () => {}, // whoever asked has to notice
  });
  return line.end;
}

function verify(bls: Bls, batch: unknown): SignatureFault | null {
  if (!(batch instanceof ArrayBuffer)) throw new Error("a batch that is no buffer");
  const items: SyncAggregateItem[] = decodeBatch(batch).map(({ committee, ...item }) => ({
    ...item,
    committee: bls.committee(committee),
  }));
  if (bls.verifyBatch !== undefined) return bls.verifyBatch(items);
  for (const { committee, bits, signingRoot, signature } of items) {
    const fault = bls.verifySyncAggregate(committee, bits, signingRoot, signature);
    if (fault !== null) return fault;
  }
  return null;
}
