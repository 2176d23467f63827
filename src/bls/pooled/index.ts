/**
 * Verification on more than one core: batches go to workers that the caller made, everything else stays here.
 *
 * Trusted: the workers, as the caller's own code. One that says "verifies" is believed; one that refuses is not, but
 * checked. One that is late, gone, or makes no sense is not asked any more, and costs time only.
 */
import { type Clock, systemClock } from "../../clock.js";
import { optionInvalid, SidelightError, type SignatureFault } from "../../errors.js";
import type { Bls, SyncAggregateItem } from "../port.js";
import { createLane, type Lane } from "./lane.js";
import type { BlsPort } from "./line.js";
import { encodeBatch } from "./wire.js";

export type { BlsPort } from "./line.js";
export { serveBls } from "./serve.js";

export interface PooledBlsOptions {
  /** The backend of this thread, which can verify batches: for what is not sent, and for when no worker is left. */
  readonly local: Bls;
  /**
   * How long a worker may take for a batch, in milliseconds; for the first one, its start included.
   * @default 10_000
   */
  readonly timeoutMs?: number;
  /** @default systemClock() */
  readonly clock?: Clock;
}

export interface PooledBls extends Bls {
  /** Workers that are asked: those that did not fail. */
  readonly lanes: number;
  verifyBatch: NonNullable<Bls["verifyBatch"]>;
  verifyBatchAsync: NonNullable<Bls["verifyBatchAsync"]>;
  /** Leaves the workers alone from now on: batches are verified here. The workers are the caller's to end. */
  close(): void;
}

/**
 * A backend whose batches are verified by workers, several at once. The library makes no worker: each of `ports` leads to
 * one in which the caller runs {@link serveBls}.
 *
 * @param ports `Worker`s or `MessagePort`s, of a browser or of Node
 * @throws OPTION_INVALID
 * @example
 * const workers = [1, 2].map(() => new Worker(new URL("./bls-worker.js", import.meta.url), { type: "module" }));
 * const bls = pooledBls(workers, { local: blstBls() });
 */
export function pooledBls(ports: readonly BlsPort[], options: PooledBlsOptions): PooledBls {
  const { local, timeoutMs = 10_000, clock = systemClock() } = options;
  assertPorts(ports);
  if (typeof local?.verifyBatch !== "function") throw optionInvalid("local", "a backend that verifies batches", local);
  if (!(timeoutMs > 0)) throw optionInvalid("timeoutMs", "a number above 0", timeoutMs);
  const name = `pooled ${local.name}`;
  const lanes = ports.map((port, worker) => createLane({ port, worker, timeoutMs, clock }));
  let isReady = false;

  function leastBusy(): Lane | null {
    let best: Lane | null = null;
    for (const lane of lanes) {
      if (lane.isUsable() && (best === null || lane.load() < best.load())) best = lane;
    }
    return best;
  }

  function assertReady(): void {
    if (isReady) return;
    throw new SidelightError("BLS_NOT_READY", `${name}: used before ready() resolved`, { backend: name });
  }

  function verifyHere(items: readonly SyncAggregateItem[]): SignatureFault | null {
    assertReady();
    return local.verifyBatch!(items);
  }

  async function verifyBatchAsync(items: readonly SyncAggregateItem[]): Promise<SignatureFault | null> {
    assertReady();
    const lane = leastBusy();
    const batch = lane === null ? null : encodeBatch(items);
    if (lane === null || batch === null) return verifyHere(items);
    if ((await lane.verify(batch)) === null) return null;
    const fault = verifyHere(items);
    if (fault === null) throw lane.giveUp("refused a batch that verifies");
    return fault;
  }

  return {
    name,
    get lanes() {
      return lanes.filter((lane) => lane.isUsable()).length;
    },
    async ready() {
      await local.ready();
      isReady = true;
    },
    committee: (committee) => local.committee(committee),
    verifySyncAggregate(...signed) {
      assertReady();
      return local.verifySyncAggregate(...signed);
    },
    verifyBatch: verifyHere,
    verifyBatchAsync,
    ...(local.exportKeys && { exportKeys: (committee) => local.exportKeys!(committee) }),
    ...(local.importKeys && { importKeys: (committee, bytes) => local.importKeys!(committee, bytes) }),
    close() {
      for (const lane of lanes) lane.giveUp("the pool was closed");
    },
  };
}

function assertPorts(ports: readonly BlsPort[]): void {
  if (!Array.isArray(ports)) throw optionInvalid("ports", "an array of ports", ports);
  ports.forEach((port: BlsPort | null | undefined, i) => {
    const isPort =
      typeof port?.postMessage === "function" &&
      (("on" in port && typeof port.on === "function") ||
        ("addEventListener" in port && typeof port.addEventListener === "function"));
    if (!isPort) throw optionInvalid(`ports[${i}]`, "a Worker or a MessagePort", port);
  });
}
