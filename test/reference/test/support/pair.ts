/** The library and the reference side by side: fed the same objects at the same time, each with a store of its own. */
import { isDeepStrictEqual } from "node:util";
import { isSidelightError, messageOf } from "../../../../src/errors.js";
import type { Network } from "../../../../src/networks/types.js";
import {
  type Chain,
  createChain,
  decodeBootstrap,
  decodeFinalityUpdate,
  decodeOptimisticUpdate,
  decodeUpdate,
  finalityUpdateAsUpdate,
  initializeLightClientStore,
  type LightClientStore,
  type LightClientUpdate,
  optimisticUpdateAsUpdate,
  processLightClientUpdate,
} from "../../../../src/spec/index.js";
import { fromHex } from "../../../../src/ssz/bytes.js";
import type { RawObject } from "../../../../src/transport/port.js";
import { testBls } from "../../../support/backends.js";
import type { Item, Reference, SentObject, SignedKind, Verdict } from "../../src/client.js";

/** A chain that both know. */
export interface Subject {
  readonly network: Network;
  /** The same as the answer of `/eth/v1/config/spec`. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What the library says: a verdict, and the code of the check that failed. */
export interface OurVerdict extends Verdict {
  readonly code?: string;
}

export interface Judgement {
  readonly item: Item;
  readonly ours: OurVerdict;
  readonly theirs: Verdict;
}

export interface BootstrapJudgement {
  readonly ours: { readonly accepted: boolean; readonly code?: string; readonly reason?: string };
  readonly theirs: { readonly accepted: boolean; readonly reason?: string };
  /** To go on from, where both accepted it. */
  readonly pair: Pair | null;
}

export interface Pair {
  /** Feeds both, in order. Once one of them alone has accepted what is to be kept, the two are no longer comparable. */
  judge(items: readonly Item[]): Promise<Judgement[]>;
  /** Whether the library makes the same object of both, whatever their encodings, shapes and names of forks. */
  isSame(a: Item, b: Item): boolean;
  /** Another pair that goes on from the same stores. */
  copy(): Promise<Pair>;
}

export const bls = testBls();

export async function openPair(
  reference: Reference,
  { network, spec }: Subject,
  { root, object }: { readonly root: string; readonly object: SentObject },
): Promise<BootstrapJudgement> {
  await bls.ready();
  const chain = createChain(network, bls);
  const { genesisValidatorsRoot } = network;
  const theirs = await reference.open({ spec, genesisValidatorsRoot, root, bootstrap: object });
  const { session, accepted, reason } = theirs;
  const ours = attempt(() => initializeLightClientStore(chain, fromHex(root), decodeBootstrap(chain, rawOf(object))));
  const pair = "value" in ours && session !== null ? pairFrom(reference, chain, ours.value, session) : null;
  return {
    ours: "value" in ours ? { accepted: true } : { accepted: false, ...ours },
    theirs: { accepted, reason },
    pair,
  };
}

function pairFrom(reference: Reference, chain: Chain, start: LightClientStore, session: number): Pair {
  let store = start;

  function judgeHere(item: Item): OurVerdict {
    const result = attempt(() =>
      processLightClientUpdate(chain, store, decodeSigned(chain, item.kind, rawOf(item.object)), item.currentSlot),
    );
    const next = "value" in result ? result.value : store;
    if (item.keep) store = next;
    const slots = {
      finalizedSlot: next.finalizedHeader.beacon.slot,
      optimisticSlot: next.optimisticHeader.beacon.slot,
    };
    return "value" in result ? { accepted: true, ...slots } : { accepted: false, ...slots, ...result };
  }

  return {
    async judge(items) {
      // the other process works at the same time
      const verification = reference.verify({ session, items });
      const ours = items.map(judgeHere);
      const { verdicts } = await verification;
      return items.map((item, i) => ({ item, ours: ours[i]!, theirs: verdicts[i]! }));
    },
    isSame(a, b) {
      const [one, other] = [a, b].map(({ kind, object }) => attempt(() => decodeSigned(chain, kind, rawOf(object))));
      return "value" in one! && "value" in other! && isDeepStrictEqual(one.value, other.value);
    },
    async copy() {
      return pairFrom(reference, chain, store, await reference.copy(session));
    },
  };
}

/** Anything but an error of the library is a fault of the library: it is thrown on. */
function attempt<T>(run: () => T): { value: T } | { code: string; reason: string } {
  try {
    return { value: run() };
  } catch (error) {
    if (!isSidelightError(error)) throw error;
    return { code: error.code, reason: messageOf(error) };
  }
}

function rawOf(object: SentObject): RawObject {
  const { fork } = object;
  if (object.encoding === "ssz") return { encoding: "ssz", bytes: fromHex(object.hex), fork };
  return { encoding: "json", value: JSON.parse(object.text), fork };
}

function decodeSigned(chain: Chain, kind: SignedKind, raw: RawObject): LightClientUpdate {
  if (kind === "update") return decodeUpdate(chain, raw);
  if (kind === "finality") return finalityUpdateAsUpdate(decodeFinalityUpdate(chain, raw));
  return optimisticUpdateAsUpdate(decodeOptimisticUpdate(chain, raw));
}
