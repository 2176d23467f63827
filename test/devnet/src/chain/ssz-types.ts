import { type Node, Tree } from "@chainsafe/persistent-merkle-tree";
import { ForkName, type ForkPostAltair, isForkPostAltair } from "@lodestar/params";
import {
  type BeaconBlock,
  type BeaconBlockBody,
  type LightClientBootstrap,
  type LightClientFinalityUpdate,
  type LightClientHeader,
  type LightClientOptimisticUpdate,
  type LightClientUpdate,
  type SignedBeaconBlock,
  sszTypesFor,
} from "@lodestar/types";

/**
 * The methods of an SSZ type that the devnet uses. The packages type each fork apart, and a union of their types has
 * no callable method; this is the one place where that is bridged by a cast.
 */
export type SszType<T> = {
  defaultValue(): T;
  serialize(value: T): Uint8Array;
  deserialize(data: Uint8Array): T;
  toJson(value: T): unknown;
  fromJson(json: unknown): T;
  hashTreeRoot(value: T): Uint8Array;
  clone(value: T): T;
  equals(a: T, b: T): boolean;
  toView(value: T): { node: Node };
  getPathInfo(path: (string | number)[]): { gindex: bigint };
};

export type BlockTypes = {
  BeaconBlockBody: SszType<BeaconBlockBody>;
  BeaconBlock: SszType<BeaconBlock>;
  SignedBeaconBlock: SszType<SignedBeaconBlock>;
};

export type LightClientTypes = {
  LightClientHeader: SszType<LightClientHeader>;
  LightClientBootstrap: SszType<LightClientBootstrap>;
  LightClientUpdate: SszType<LightClientUpdate>;
  LightClientFinalityUpdate: SszType<LightClientFinalityUpdate>;
  LightClientOptimisticUpdate: SszType<LightClientOptimisticUpdate>;
};

export type LightClientTypeName = keyof LightClientTypes;

export function blockTypes(fork: ForkName): BlockTypes {
  return sszTypesFor(fork) as unknown as BlockTypes;
}

export function lightClientTypes(fork: ForkName): LightClientTypes {
  if (!isForkPostAltair(fork)) throw new Error(`no light client data before Altair, got fork ${fork}`);
  return sszTypesFor(fork as ForkPostAltair) as unknown as LightClientTypes;
}

/** Merkle branch of `gindex` below `node`, leaf first. */
export function branchOf(node: Node, gindex: number | bigint): Uint8Array[] {
  return new Tree(node).getSingleProof(BigInt(gindex));
}

export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

export function fromHex(hex: string): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex)) throw new Error(`expected 0x-prefixed hex, got ${hex.slice(0, 80)}`);
  return new Uint8Array(Buffer.from(hex.slice(2), "hex"));
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** An empty Merkle branch of the given depth. */
export function zeroBranch(depth: number): Uint8Array[] {
  return Array.from({ length: depth }, () => new Uint8Array(32));
}

export { ForkName };
