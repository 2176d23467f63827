/** Forged chains for both: what a committee that lies could sign. */
import type { LightClientFork, Network } from "../../../../src/networks/types.js";
import { createForge, type Forge } from "../../../support/forge.js";
import { bytesHex } from "../../../support/protocol.js";
import type { Item, Reference, SentObject, SignedKind } from "../../src/client.js";
import { openPair, type Pair } from "./pair.js";
import { specOf } from "./spec-of.js";

/** What the forge makes, as far as this needs to know. */
interface Sendable {
  readonly fork: LightClientFork;
  json(): Record<string, unknown>;
}

export function sent(forged: Sendable, fork: string = forged.fork): SentObject {
  return { encoding: "json", fork, text: JSON.stringify(forged.json()) };
}

/** To be tried, not kept. The clock stands at the end of time unless something else is asked for. */
export function tryOut(kind: SignedKind, forged: Sendable, fork?: string): Item {
  return { kind, object: sent(forged, fork), currentSlot: 100_000, keep: false };
}

/** A forge and both stores, started from its block at a slot. */
export async function openForged(
  reference: Reference,
  network: Network,
  slot: number,
): Promise<{ forge: Forge; pair: Pair }> {
  const forge = await createForge({ network });
  const bootstrap = forge.bootstrap(slot);
  const root = bytesHex(bootstrap.root);
  const { ours, theirs, pair } = await openPair(
    reference,
    { network, spec: specOf(network) },
    { root, object: sent(bootstrap) },
  );
  if (pair === null) throw new Error(`bootstrap of ${network.name}: ${ours.reason} / ${theirs.reason}`);
  return { forge, pair };
}
