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
import type { BitArray } from "@chainsafe/ssz";
import type { SignatureFault } from "../errors.js";
import type { SyncCommittee } from "../ssz/objects.js";

/** What a backend keeps of a committee: opaque, made by {@link Bls.committee}, only for the backend that made it. */
export interface CommitteeHandle {
  readonly committee: SyncCommittee;
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
}
