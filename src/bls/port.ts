/**
 * The BLS port: verification of sync-committee signatures, and nothing more.
 *
 * A backend starts once (`ready`), then answers synchronously. Keys come as the 48 compressed bytes that a Merkle proof
 * has authenticated; a backend decompresses only what it needs and remembers it in the committee's handle, which lives
 * as long as the committee it was made for.
 *
 * Scheme: consensus-specs `specs/altair/bls.md` (`eth_fast_aggregate_verify`), IETF draft-irtf-cfrg-bls-signature-04,
 * ciphersuite `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_`. Unlike `eth_fast_aggregate_verify`, nobody is no valid set
 * of signers: no participants never verifies.
 */

import type { SignatureFault } from "../errors.js";
import type { BitArray } from "../ssz/bit-array.js";
import type { SyncCommittee } from "../ssz/objects.js";

/** What a backend keeps of a committee: opaque, made by {@link Bls.committee}, only for the backend that made it. */
export interface CommitteeHandle {
  readonly committee: SyncCommittee;
}

/** One signature of a batch: the arguments of {@link Bls.verifySyncAggregate}. */
export interface SyncAggregateItem {
  readonly committee: CommitteeHandle;
  readonly bits: BitArray;
  /** `Bytes32` */
  readonly signingRoot: Uint8Array;
  /** `Bytes96`, compressed */
  readonly signature: Uint8Array;
}

export interface Bls {
  /** Name for errors and benchmarks. */
  readonly name: string;
  /**
   * Starts the backend. May be called any number of times; only the first does work.
   * @throws BLS_UNAVAILABLE when it cannot start here
   */
  ready(): Promise<void>;
  /**
   * Handle of a committee: the same object for the same committee object. Cheap; decompresses nothing.
   * The committee's keys must have been authenticated by a Merkle proof: their subgroup membership was checked at
   * deposit and is not checked key by key again (the sum's is).
   */
  committee(committee: SyncCommittee): CommitteeHandle;
  /**
   * Verifies the aggregate signature of the members whose bit is set.
   *
   * @param bits as many as the committee has members
   * @param signingRoot `Bytes32`
   * @param signature `Bytes96`, compressed
   * @returns `null` if it verifies, else why not
   * @throws BLS_NOT_READY before {@link Bls.ready} resolved
   */
  verifySyncAggregate(
    committee: CommitteeHandle,
    bits: BitArray,
    signingRoot: Uint8Array,
    signature: Uint8Array,
  ): SignatureFault | null;
  /**
   * Verifies many at once, for catching up: each with a random coefficient of 64 bits, one final exponentiation for
   * all. A false one passes with a chance of 2^-64. Every signature's and every aggregate key's subgroup is checked by
   * itself, since the committees of a batch need not be authenticated yet. Not every backend has it.
   *
   * @returns `null` if all verify (none are all), else the fault of one of them; which one, bisecting tells
   * @throws BLS_NOT_READY before {@link Bls.ready} resolved
   */
  verifyBatch?(items: readonly SyncAggregateItem[]): SignatureFault | null;
  /**
   * As {@link verifyBatch}, but somewhere else (in workers) while the caller goes on. Only backends that have
   * `verifyBatch` as well, for whoever has to verify by itself when this fails.
   * @throws (rejects) BLS_WORKER_FAILED when no answer came that could be one: nothing is known about the items then
   */
  verifyBatchAsync?(items: readonly SyncAggregateItem[]): Promise<SignatureFault | null>;
  /** How many batches {@link verifyBatchAsync} verifies at the same time. 0: none any more, use `verifyBatch`. */
  readonly lanes?: number;
  /**
   * The keys that were decompressed so far, for keeping beside a checkpoint: `(index, point)` of 98 bytes each, the
   * aggregate with index 65535. Not every backend has it.
   * @throws BLS_NOT_READY before {@link Bls.ready} resolved
   */
  exportKeys?(committee: CommitteeHandle): Uint8Array;
  /**
   * Takes back what {@link Bls.exportKeys} gave, of the same committee. Nothing is trusted: each point must be on the
   * curve and be the one that the committee's compressed key stands for.
   * @returns whether it was taken; if not, nothing was, and keys are decompressed as they are needed
   * @throws BLS_NOT_READY before {@link Bls.ready} resolved
   */
  importKeys?(committee: CommitteeHandle, bytes: Uint8Array): boolean;
}
