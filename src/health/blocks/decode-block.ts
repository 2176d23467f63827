/** From a block's bytes to what its votes say, once its root is that of a verified header. */
import { SidelightError } from "../../errors.js";
import type { Network } from "../../networks/types.js";
import { readBeaconBlock, verifyBeaconBlock } from "../../proof/beacon/block.js";
import { type BeaconBlock, createBeaconTypes } from "../../proof/beacon/types.js";
import type { ProvenSsz } from "../../proof/ssz-proof.js";
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
  /**
   * Reads what somebody says is the block at a slot. Nothing of it is proven, until its `root` is found to be that of a
   * verified header.
   *
   * @param bytes SSZ of the block, signed or not
   * @throws DECODE_FAILED, INPUT_TOO_LARGE, FORK_MISMATCH; CLAIM_MISMATCH it is of another slot
   */
  decodeAt(bytes: Uint8Array, slot: number): BlockFacts;
}

export function createBlockDecoder(network: Network): BlockDecoder {
  const types = createBeaconTypes(network.preset);
  return {
    decode: (bytes, root) => factsOf(verifyBeaconBlock({ types, network, root, bytes })),
    decodeAt(bytes, slot) {
      const facts = factsOf(readBeaconBlock({ types, network, bytes }));
      if (facts.slot !== slot) throw ofAnotherSlot(slot, facts.slot);
      return facts;
    },
  };
}

/** Part by part: a payload's transactions are hashed, and never made into values. */
function factsOf(block: ProvenSsz<BeaconBlock>): BlockFacts {
  const bits = block.get(["body", "syncAggregate"]).syncCommitteeBits;
  return {
    slot: block.get(["slot"]),
    root: block.root,
    parentRoot: toHex(block.get(["parentRoot"])),
    proposerIndex: block.get(["proposerIndex"]),
    attestations: block.get(["body", "attestations"]),
    proposerSlashings: block.get(["body", "proposerSlashings"]).length,
    attesterSlashings: block.get(["body", "attesterSlashings"]).length,
    syncCommitteeBits: toHex(bits.uint8Array),
    syncCommitteeSize: bits.bitLen,
  };
}

function ofAnotherSlot(slot: number, actual: number): SidelightError<"CLAIM_MISMATCH"> {
  const message = `BeaconBlock: expected the block at slot ${slot}, got one of slot ${actual}`;
  const details = { object: "BeaconBlock", field: "slot", claimed: `${slot}`, proven: `${actual}` };
  return new SidelightError("CLAIM_MISMATCH", message, details);
}
