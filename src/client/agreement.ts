/**
 * Does what the sync committee signs agree with what it signed before? Everything that was verified passes here, before it
 * becomes the state; what is no news is looked at as well, and verified if it would be a contradiction.
 *
 * Kept to compare with: signed heads of the last 64 slots, finalized blocks of the last 8 epochs (at first the checkpoint;
 * the newest one however old), and what proved the next committee. All of them signed by 2/3: fewer prove no more than
 * that some members sign anything.
 */
import type { Clock } from "../clock.js";
import { SidelightError } from "../errors.js";
import type { Chain } from "../spec/chain.js";
import { areContradictory, type FinalBlock, finalBlockOf, trustedFinalBlock } from "../spec/contradiction.js";
import { finalityUpdateAsUpdate } from "../spec/process.js";
import { storePeriod } from "../spec/store.js";
import { countParticipants, hasSupermajority } from "../spec/update.js";
import { equalBytes, toHex } from "../ssz/bytes.js";
import type { LightClientUpdate } from "../ssz/objects.js";
import { beaconHeaderRoot, syncCommitteeRoot } from "../ssz/roots.js";
import { encodeStatement, type Statement } from "../store/statement.js";
import { periodAtSlot } from "./describe.js";
import { signatureOf, type VerifiedSignature, type VerifiedState } from "./state.js";
import type { Evidence, EvidenceStatement } from "./types.js";

const HEAD_SLOTS = 64;
const FINAL_EPOCHS = 8;
/** Of those epochs; a chain has one in each. */
const MAX_FINAL_BLOCKS = 16;
/** Evidence kept at most: the newest. Each takes up to 300 KB. */
const MAX_EVIDENCE = 8;

interface Said extends Statement {
  readonly source: string;
  readonly slot: number;
  readonly root: Uint8Array;
}

interface SaidFinal extends Said {
  readonly block: FinalBlock;
}

interface Contradiction {
  readonly kind: Evidence["kind"];
  readonly known: Said;
  /** Slot and root of what was received. */
  readonly slot: number;
  readonly root: Uint8Array;
}

export interface Agreement {
  /** Signed contradictions, newest last. */
  readonly evidence: readonly Evidence[];
  /** An earlier run has kept this. */
  recall(evidence: Evidence): void;
  /** Trust begins with this state. Forgets what was signed before. */
  begin(state: VerifiedState): void;
  /** Newest slot of a block that 2/3 signed; and of one whose state was proven to hold something as final. -1: none. */
  signedSlot(): number;
  finalitySlot(): number;
  /** Would it contradict what was signed before, if its own signature were true? */
  isSuspect(before: VerifiedState, update: LightClientUpdate): boolean;
  /**
   * Takes note of what was verified from `before`; a contradiction is told, and kept.
   * @throws FINALITY_CONFLICT
   */
  admit(before: VerifiedState, signature: VerifiedSignature): void;
}

export function createAgreement(chain: Chain, clock: Clock, onEvidence: (evidence: Evidence) => void): Agreement {
  const { network, types } = chain;
  const evidence: Evidence[] = [];
  const heads = new Map<number, Said>();
  let finalBlocks: SaidFinal[] = [];
  let finalitySlot = -1;
  /** What proved the next committee. */
  let next: VerifiedSignature | null = null;

  /** The gravest one: what contradicts finality mostly contradicts a head as well. */
  function contradiction(before: VerifiedState, update: LightClientUpdate): Contradiction | null {
    if (!hasTwoThirds(update)) return null;
    const block = finalBlockOf(chain, update);
    const final = block && finalBlocks.find((each) => areContradictory(network, each.block, block));
    if (final) return { kind: "finality", known: final, slot: block.slot, root: block.root };
    const { slot } = update.attestedHeader.beacon;
    const { nextSyncCommittee } = update;
    const isOfKnownNext =
      before.store.nextSyncCommittee && periodAtSlot(chain, slot) === storePeriod(chain, before.store);
    if (isOfKnownNext && nextSyncCommittee !== null) {
      const root = syncCommitteeRoot(types, nextSyncCommittee);
      const known = whoNamed(before);
      if (!equalBytes(root, known.root)) return { kind: "next-committee", known, slot, root };
    }
    const head = heads.get(slot);
    const root = beaconHeaderRoot(types, update.attestedHeader.beacon);
    return head && !equalBytes(root, head.root) ? { kind: "head", known: head, slot, root } : null;
  }

  /** The update that proved the next committee; after resuming, only that it was proven in the state of a block. */
  function whoNamed({ store, nextCommitteeProof, nextCommitteeBy }: VerifiedState): Said {
    const committee = store.nextSyncCommittee!;
    const root = syncCommitteeRoot(types, committee);
    if (next?.update.nextSyncCommittee === committee) {
      return { ...next, source: next.by.source, slot: next.update.attestedHeader.beacon.slot, root };
    }
    const proof = nextCommitteeProof!;
    return { source: nextCommitteeBy?.source ?? "", slot: proof.header.slot, root, update: null, committee, proof };
  }

  function keep({ kind, known, slot, root }: Contradiction, { update, committee, proof, by }: VerifiedSignature): void {
    const describe = (said: Said) => {
      const { source } = said;
      return { source, slot: said.slot, root: toHex(said.root), ssz: toHex(encodeStatement(chain, said)) };
    };
    // one is enough: whoever repeats it must not push the others out
    const at = evidence.findIndex((each) => each.kind === kind && each.received.root === toHex(root));
    // finality ends everything each time: the host has forgotten the one before, or this would not have been looked at
    if (at >= 0 && kind !== "finality") return;
    if (at >= 0) evidence.splice(at, 1);
    const made: Evidence = {
      version: 1,
      kind,
      network: network.name,
      genesisValidatorsRoot: network.genesisValidatorsRoot,
      receivedAtMs: clock.nowMs(),
      known: describe(known),
      received: describe({ source: by.source, slot, root, update, committee, proof }),
    };
    evidence.push(made);
    if (evidence.length > MAX_EVIDENCE) evidence.shift();
    onEvidence(made);
    if (kind === "finality") throw finalityConflict(made);
  }

  function remember(signature: VerifiedSignature): void {
    const { update, committee, proof, by } = signature;
    if (!hasTwoThirds(update)) return;
    if (update.nextSyncCommittee !== null) next = signature;
    const said = { source: by.source, update, committee, proof };
    const { beacon } = update.attestedHeader;
    const { slot } = beacon;
    if (!heads.has(slot)) heads.set(slot, { ...said, slot, root: beaconHeaderRoot(types, beacon) });
    // by slots, not by number: whoever is catching up must not hold on to the committees of many periods
    const newest = Math.max(...heads.keys());
    for (const each of heads.keys()) if (each <= newest - HEAD_SLOTS) heads.delete(each);
    const block = finalBlockOf(chain, update);
    if (block !== null) finalitySlot = Math.max(finalitySlot, slot);
    const last = finalBlocks.at(-1);
    if (block === null || (last !== undefined && equalBytes(last.root, block.root))) return;
    // what is final counts however long ago that is: while nothing newer becomes final, it is all there is
    const oldest = Math.min(newest - FINAL_EPOCHS * network.preset.slotsPerEpoch, block.slot - 1);
    finalBlocks = [...finalBlocks, { ...said, ...block, block }].filter((each) => each.slot > oldest);
    if (finalBlocks.length > MAX_FINAL_BLOCKS) finalBlocks.shift();
  }

  return {
    evidence,
    recall: (kept) => void evidence.push(kept),
    begin(state) {
      heads.clear();
      next = null;
      finalBlocks = [];
      const { finality, finalizedBy, store, currentCommitteeProof: proof } = state;
      if (finality !== null) {
        // once it was forced, a state says so for good; but what has become final since was signed by 2/3 again
        if (!finalizedBy.forced)
          remember(signatureOf(chain, state, finalityUpdateAsUpdate(finality), finalizedBy.source));
        return;
      }
      const block = trustedFinalBlock(chain, store.finalizedHeader.beacon);
      const { source } = finalizedBy;
      finalBlocks = [{ ...block, block, source, update: null, committee: store.currentSyncCommittee, proof }];
    },
    signedSlot: () => Math.max(-1, ...heads.keys()),
    finalitySlot: () => finalitySlot,
    isSuspect: (before, update) => contradiction(before, update) !== null,
    admit(before, signature) {
      const found = contradiction(before, signature.update);
      if (found !== null) keep(found, signature);
      remember(signature);
    },
  };
}

export function hasTwoThirds({ syncAggregate }: LightClientUpdate): boolean {
  return hasSupermajority(countParticipants(syncAggregate), syncAggregate.syncCommitteeBits.bitLen);
}

export function finalityConflict({ known, received }: Pick<Evidence, "known" | "received">) {
  const named = ({ source, slot, root }: EvidenceStatement) => ({ source, slot, root });
  const details = { known: named(known), received: named(received) };
  const message = `signed as final: ${known.root} and ${received.root}, which cannot both be: nothing is trusted until you decide`;
  return new SidelightError("FINALITY_CONFLICT", message, details);
}
