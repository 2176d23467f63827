/**
 * A second reading of blocks, by `@lodestar/types` and plain sets: what `sidelight/health` is compared with on real blocks.
 * Reads one JSON a line from standard input and answers with one. `LODESTAR_PRESET` decides the preset.
 */
import { createInterface } from "node:readline";
import type { ForkName } from "@lodestar/params";
import type { Attestation, altair, electra, SignedBeaconBlock } from "@lodestar/types";
import { blockTypes, fromHex, toHex } from "./chain/ssz-types.ts";

/** A block, as JSON of the Beacon API or as SSZ; signed or not. */
type Request = { fork: ForkName; json?: Record<string, unknown>; ssz?: string };

export type ReadBlock = {
  root: string;
  slot: number;
  parentRoot: string;
  /** The signed block's bytes, whatever came. */
  ssz: string;
  proposerSlashings: number;
  attesterSlashings: number;
  syncBits: string;
  /** One entry for each bit of an attestation that is set. */
  votes: { seat: string; slot: number; head: string; target: string; source: string }[];
};

function read({ fork, json, ssz }: Request): ReadBlock {
  const types = blockTypes(fork);
  const signed = ssz === undefined ? fromJson(fork, json ?? {}) : fromSsz(fork, fromHex(ssz));
  const { message } = signed;
  const { body } = message;
  return {
    root: toHex(types.BeaconBlock.hashTreeRoot(message)),
    slot: message.slot,
    parentRoot: toHex(message.parentRoot),
    ssz: toHex(types.SignedBeaconBlock.serialize(signed)),
    proposerSlashings: body.proposerSlashings.length,
    attesterSlashings: body.attesterSlashings.length,
    syncBits:
      "syncAggregate" in body ? toHex((body.syncAggregate as altair.SyncAggregate).syncCommitteeBits.uint8Array) : "0x",
    votes: (body.attestations as Attestation[]).flatMap(votesOf),
  };
}

function fromJson(fork: ForkName, json: Record<string, unknown>): SignedBeaconBlock {
  const signed = "message" in json ? json : { message: json, signature: `0x${"00".repeat(96)}` };
  return blockTypes(fork).SignedBeaconBlock.fromJson(signed);
}

function fromSsz(fork: ForkName, bytes: Uint8Array): SignedBeaconBlock {
  const types = blockTypes(fork);
  // a signed block begins with the offset of its message
  if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === 100) {
    return types.SignedBeaconBlock.deserialize(bytes);
  }
  return { message: types.BeaconBlock.deserialize(bytes), signature: new Uint8Array(96) } as SignedBeaconBlock;
}

function votesOf(attestation: Attestation): ReadBlock["votes"] {
  const { data, aggregationBits } = attestation;
  const { committeeBits } = attestation as Partial<electra.Attestation>;
  const committee = committeeBits ? committeeBits.getTrueBitIndexes().join("+") : String(data.index);
  return aggregationBits.getTrueBitIndexes().map((position) => ({
    seat: `${data.slot}/${committee}/${position}`,
    slot: data.slot,
    head: toHex(data.beaconBlockRoot),
    target: toHex(data.target.root),
    source: `${data.source.epoch}:${toHex(data.source.root)}`,
  }));
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(read(JSON.parse(line) as Request))}\n`);
}
