/** Verifies evidence of a contradiction: pure, but for the BLS backend that the caller has started. */
import type { Bls } from "../bls/port.js";
import { assertCommitteeProof } from "../client/resume.js";
import type { Evidence } from "../client/types.js";
import { isSidelightError, optionInvalid, SidelightError } from "../errors.js";
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import { type Chain, createChain } from "../spec/chain.js";
import { areContradictory, finalBlockOf, trustedFinalBlock } from "../spec/contradiction.js";
import type { LightClientStore } from "../spec/store.js";
import { countParticipants, hasSupermajority } from "../spec/update.js";
import { assertVerifiedUpdate } from "../spec/validate.js";
import { equalBytes, hexToBytes, isHex, toHex } from "../ssz/bytes.js";
import type { LightClientUpdate } from "../ssz/objects.js";
import { beaconHeaderRoot, syncCommitteeRoot } from "../ssz/roots.js";
import { SszError } from "../ssz/type.js";
import { emptyHeader } from "../ssz/upgrade.js";
import { decodeStatement, type Statement } from "../store/statement.js";
import { MAX_SSZ_BYTES } from "./text.js";

export interface VerifyEquivocationOptions {
  readonly network: Network;
  /** A backend that is ready (`await bls.ready()`). */
  readonly bls: Bls;
  /**
   * What the verifier trusts, as `0x` hex: roots of sync committees (`hash_tree_root`), or of blocks that are final, such as
   * a checkpoint. Each statement has to rest on one of them; one that nobody signed, on a block.
   */
  readonly trusted: readonly string[];
}

/** What evidence proves. */
export interface Equivocation {
  readonly kind: Evidence["kind"];
  readonly known: ProvenStatement;
  readonly received: ProvenStatement;
  /**
   * Members (positions in the committee) that signed both; `null` if one was not signed, or by another committee. Where it
   * is the same committee, at least a third of it.
   */
  readonly signedBoth: readonly number[] | null;
}

export interface ProvenStatement {
  /** As in `Evidence`: the block that was signed or is final, or the committee. */
  readonly slot: number;
  readonly root: string;
  /** Who signed, of how many; `null`: nothing was signed, it is what the trusted block says. */
  readonly participants: { readonly count: number; readonly size: number } | null;
  readonly restsOn: Footing;
}

/** What one has to trust to believe a statement: either of the two roots. */
export interface Footing {
  /** Which of them is. With `committee`, its period and block are what the evidence says, and nothing more. */
  readonly trusted: "block" | "committee";
  readonly committeePeriod: number;
  readonly committeeRoot: string;
  /** The block whose state holds that committee. */
  readonly blockSlot: number;
  readonly blockRoot: string;
}

/**
 * @returns what is proven
 * @throws OPTION_INVALID `trusted` is no list of roots
 * @throws EVIDENCE_INVALID where it proves nothing: malformed, of another network, resting on nothing that is trusted, not
 *   signed by 2/3, or no contradiction; one of the sync protocol's codes where what was signed does not verify
 */
export function verifyEquivocation(evidence: Evidence, options: VerifyEquivocationOptions): Equivocation {
  const { network, bls } = options;
  const trusted = trustedRoots(options.trusted);
  if (evidence.genesisValidatorsRoot.toLowerCase() !== network.genesisValidatorsRoot.toLowerCase()) {
    throw evidenceInvalid("another chain", network.genesisValidatorsRoot, evidence.genesisValidatorsRoot);
  }
  const chain = createChain(network, bls);
  const known = decode(chain, "known", evidence.known.ssz);
  const received = decode(chain, "received", evidence.received.ssz);
  if (received.update === null) throw evidenceInvalid("received", "something that was signed", "nothing");
  const subjects = contradictionOf(chain, evidence.kind, known, received);
  const [provenKnown, provenReceived] = [known, received].map((statement, i) => {
    const { slot, root } = subjects[i]!;
    const { source: _, ssz: __, ...said } = i === 0 ? evidence.known : evidence.received;
    if (said.slot !== slot || said.root !== toHex(root)) {
      throw evidenceInvalid("summary", `slot ${slot}, root ${toHex(root)}`, `slot ${said.slot}, root ${said.root}`);
    }
    // what nobody signed says the block alone: whoever trusts no more than a committee could be shown any state that holds it
    const isBlockNeeded = statement.update === null;
    const restsOn = footingOf(chain, statement, trusted, isBlockNeeded);
    const participants = statement.update === null ? null : assertSigned(chain, statement, statement.update);
    return { slot, root: toHex(root), participants, restsOn };
  }) as [ProvenStatement, ProvenStatement];
  return {
    kind: evidence.kind,
    known: provenKnown,
    received: provenReceived,
    signedBoth: signersOfBoth(known, received),
  };
}

function trustedRoots(roots: readonly string[]): string[] {
  if (!Array.isArray(roots)) throw optionInvalid("trusted", "an array of roots", roots);
  return roots.map((root: string, i) => {
    if (!isHex(root, 32)) throw optionInvalid(`trusted[${i}]`, "0x hex of 32 bytes", root);
    return root.toLowerCase();
  });
}

function decode(chain: Chain, name: string, ssz: string): Statement {
  const bytes = hexToBytes(ssz, 0, MAX_SSZ_BYTES);
  if (bytes === null) throw evidenceInvalid(name, "0x hex", "something else");
  try {
    return decodeStatement(chain, bytes);
  } catch (cause) {
    if (cause instanceof SszError) throw evidenceInvalid(name, `${cause.expected} at ${cause.path}`, cause.actual);
    if (isSidelightError(cause, "SNAPSHOT_INVALID"))
      throw evidenceInvalid(name, cause.details.expected, cause.details.actual);
    throw cause;
  }
}

interface Subject {
  readonly slot: number;
  readonly root: Uint8Array;
}

/** What each statement is about. @throws EVIDENCE_INVALID if they do not contradict each other */
function contradictionOf(chain: Chain, kind: Evidence["kind"], known: Statement, received: Statement): Subject[] {
  const { network } = chain;
  if (kind === "finality") {
    const blocks = [known, received].map(({ update, proof }) => {
      const block = update === null ? trustedFinalBlock(chain, proof.header) : finalBlockOf(chain, update);
      if (block === null) throw evidenceInvalid("finality", "a finalized block", "none");
      return block;
    });
    if (areContradictory(network, blocks[0]!, blocks[1]!)) return blocks;
    throw evidenceInvalid("no contradiction", "blocks that cannot both be final", "blocks that can");
  }
  const isHead = kind === "head";
  const subjects = [known, received].map((statement) =>
    isHead ? headOf(chain, statement) : nextCommitteeOf(chain, statement),
  );
  const key = ({ slot }: Subject) => (isHead ? slot : computeSyncCommitteePeriodAtSlot(network, slot));
  const [a, b] = subjects as [Subject, Subject];
  if (key(a) === key(b) && !equalBytes(a.root, b.root)) return subjects;
  throw evidenceInvalid(
    "no contradiction",
    `two roots of one ${isHead ? "slot" : "period"}`,
    `${toHex(a.root)} of ${key(a)}, ${toHex(b.root)} of ${key(b)}`,
  );
}

function headOf({ types }: Chain, { update }: Statement): Subject {
  if (update === null) throw evidenceInvalid("head", "a block that was signed", "none");
  const { beacon } = update.attestedHeader;
  return { slot: beacon.slot, root: beaconHeaderRoot(types, beacon) };
}

function nextCommitteeOf({ types }: Chain, { update, committee, proof }: Statement): Subject {
  if (update === null) {
    if (proof.kind !== "next")
      throw evidenceInvalid("next committee", "a proof of a next committee", "one of a current one");
    return { slot: proof.header.slot, root: syncCommitteeRoot(types, committee) };
  }
  if (update.nextSyncCommittee === null) throw evidenceInvalid("next committee", "an update that names one", "none");
  return { slot: update.attestedHeader.beacon.slot, root: syncCommitteeRoot(types, update.nextSyncCommittee) };
}

/** @throws EVIDENCE_INVALID if the committee is not proven by its block, or neither of them is trusted */
function footingOf(
  chain: Chain,
  { committee, proof }: Statement,
  trusted: readonly string[],
  isBlockNeeded: boolean,
): Footing {
  try {
    assertCommitteeProof(chain, committee, proof);
  } catch (cause) {
    if (!isSidelightError(cause, "SNAPSHOT_INVALID")) throw cause;
    throw evidenceInvalid("committee", `one in the state ${cause.details.expected}`, cause.details.actual);
  }
  const { slot } = proof.header;
  const committeeRoot = toHex(syncCommitteeRoot(chain.types, committee));
  const blockRoot = toHex(beaconHeaderRoot(chain.types, proof.header));
  const isBlock = trusted.includes(blockRoot);
  if (!isBlock && (isBlockNeeded || !trusted.includes(committeeRoot))) {
    const expected = isBlockNeeded ? `block ${blockRoot}` : `block ${blockRoot} or committee ${committeeRoot}`;
    throw evidenceInvalid("rests on what is not trusted", expected, trusted.join(", ") || "nothing");
  }
  const committeePeriod = computeSyncCommitteePeriodAtSlot(chain.network, slot) + (proof.kind === "next" ? 1 : 0);
  return { trusted: isBlock ? "block" : "committee", committeePeriod, committeeRoot, blockSlot: slot, blockRoot };
}

function assertSigned(chain: Chain, { committee, proof }: Statement, update: LightClientUpdate) {
  const { network } = chain;
  const count = countParticipants(update.syncAggregate);
  const size = update.syncAggregate.syncCommitteeBits.bitLen;
  if (!hasSupermajority(count, size)) throw evidenceInvalid("signed by too few", `at least 2/3 of ${size}`, `${count}`);
  const period = computeSyncCommitteePeriodAtSlot(network, proof.header.slot) + (proof.kind === "next" ? 1 : 0);
  const { slotsPerEpoch, epochsPerSyncCommitteePeriod } = network.preset;
  const empty = emptyHeader();
  const header = { ...empty, beacon: { ...empty.beacon, slot: period * slotsPerEpoch * epochsPerSyncCommitteePeriod } };
  // as if this committee were all that is known: who it says comes next is what is in question
  const store: LightClientStore = {
    finalizedHeader: header,
    optimisticHeader: header,
    currentSyncCommittee: committee,
    nextSyncCommittee: null,
    bestValidUpdate: null,
    previousMaxActiveParticipants: 0,
    currentMaxActiveParticipants: 0,
  };
  assertVerifiedUpdate(chain, store, update, Number.POSITIVE_INFINITY);
  return { count, size };
}

function signersOfBoth(known: Statement, received: Statement): number[] | null {
  if (known.update === null || received.update === null) return null;
  if (!equalBytes(known.committee.aggregatePubkey, received.committee.aggregatePubkey)) return null;
  const [a, b] = [known.update, received.update].map(({ syncAggregate }) => syncAggregate.syncCommitteeBits);
  return Array.from({ length: a!.bitLen }, (_, i) => i).filter((i) => a!.get(i) && b!.get(i));
}

export function evidenceInvalid(reason: string, expected: string, actual: string): SidelightError<"EVIDENCE_INVALID"> {
  const message = `evidence: ${reason}: expected ${expected}, got ${actual}`;
  return new SidelightError("EVIDENCE_INVALID", message, { reason, expected, actual });
}
