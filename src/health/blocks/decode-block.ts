/** From a block's bytes to what its votes say, once its root is that of a verified header. */
import type { Network } from "../../networks/types.js";
import { verifyBeaconBlock } from "../../proof/beacon/block.js";
import { createBeaconTypes } from "../../proof/beacon/types.js";
import type { BitArray } from "../../ssz/bit-array.js";
import { toHex } from "../../ssz/bytes.js";

interface Checkpoint {
  readonly epoch: number;
  readonly root: Uint8Array;
}

/** What is read of an attestation, of any fork. */
export interface Attestation {
  readonly aggregationBits: BitArray;
  readonly data: {
    readonly slot: number;
    readonly index: number;
    readonly beaconBlockRoot: Uint8Array;
    readonly source: Checkpoint;
    readonly target: Checkpoint;
  };
  /** From Electra on (EIP-7549). */
  readonly committeeBits?: BitArray;
}

/** What block mode knows of a block. */
export interface BlockFacts {
  readonly slot: number;
  /** `hash_tree_root`, as `0x` hex. */
  readonly root: string;
  readonly parentRoot: string;
  readonly proposerIndex: number;
  readonly attestations: readonly Attestation[];
  readonly proposerSlashings: number;
  readonly attesterSlashings: number;
  /** Who signed the parent: `Bitvector` as `0x` hex, and its length. */
  readonly syncCommitteeBits: string;
  readonly syncCommitteeSize: number;
}

export interface BlockDecoder {
  /**
   * Proves a block and reads it. The proposer's signature is not looked at, as the root was verified.
   *
   * @param bytes SSZ of the block, signed or not
   * @param root of a verified header: `0x` hex
   * @throws DECODE_FAILED, INPUT_TOO_LARGE, FORK_MISMATCH, MERKLE_ROOT_MISMATCH
   */
  decode(bytes: Uint8Array, root: string): BlockFacts;
}

export function createBlockDecoder(network: Network): BlockDecoder {
  const types = createBeaconTypes(network.preset);
  return {
    decode(bytes, root) {
      const proven = verifyBeaconBlock({ types, network, root, bytes });
      // part by part: a payload's transactions are hashed, and never made into values
      const bits = proven.get(["body", "syncAggregate"]).syncCommitteeBits;
      return {
        slot: proven.get(["slot"]),
        root,
        parentRoot: toHex(proven.get(["parentRoot"])),
        proposerIndex: proven.get(["proposerIndex"]),
        attestations: proven.get(["body", "attestations"]),
        proposerSlashings: proven.get(["body", "proposerSlashings"]).length,
        attesterSlashings: proven.get(["body", "attesterSlashings"]).length,
        syncCommitteeBits: toHex(bits.uint8Array),
        syncCommitteeSize: bits.bitLen,
      };
    },
  };
}
