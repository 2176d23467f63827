/** A small state, as another implementation stores it, and answers of `eth_getProof` from it. */
import { RLP } from "@ethereumjs/rlp";
import { EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256 } from "../../src/proof/keccak.js";
import { integerToBytes } from "../../src/proof/rlp.js";
import { toHex } from "../../src/ssz/bytes.js";
import { type BuiltTrie, buildTrie, bytesOf } from "./tries.js";

export interface AccountSeed {
  readonly nonce: bigint;
  readonly balance: bigint;
  /** By slot; what is 0 is not stored. */
  readonly storage?: ReadonlyMap<bigint, bigint>;
  readonly code?: Uint8Array;
}

export interface RpcProof {
  address: string;
  accountProof: string[];
  balance: string;
  nonce: string;
  codeHash: string;
  storageHash: string;
  storageProof: { key: string; value: string; proof: string[] }[];
}

export interface State {
  readonly stateRoot: string;
  readonly trie: BuiltTrie;
  readonly accounts: ReadonlyMap<string, AccountSeed>;
  readonly getProof: (address: string, slots?: readonly bigint[]) => Promise<RpcProof>;
}

const rpcHex = (value: bigint) => `0x${value.toString(16)}`;

export function slotHex(slot: bigint): string {
  return `0x${slot.toString(16).padStart(64, "0")}`;
}

const storageTrieOf = ({ storage = new Map() }: AccountSeed): Promise<BuiltTrie> =>
  buildTrie(
    new Map(
      [...storage]
        .filter(([, value]) => value !== 0n)
        .map(([slot, value]) => [toHex(keccak256(bytesOf(slotHex(slot)))), RLP.encode(integerToBytes(value))]),
    ),
  );

/** Accounts by address in hex. */
export async function buildState(accounts: ReadonlyMap<string, AccountSeed>): Promise<State> {
  const storageTries = new Map<string, BuiltTrie>();
  const entries = new Map<string, Uint8Array>();
  for (const [address, seed] of accounts) {
    const storageTrie = await storageTrieOf(seed);
    storageTries.set(address, storageTrie);
    const codeHash = keccak256(seed.code ?? new Uint8Array(0));
    const fields = [integerToBytes(seed.nonce), integerToBytes(seed.balance), storageTrie.root, codeHash];
    entries.set(toHex(keccak256(bytesOf(address))), RLP.encode(fields));
  }
  const trie = await buildTrie(entries);

  const getProof = async (address: string, slots: readonly bigint[] = []): Promise<RpcProof> => {
    const seed = accounts.get(address);
    const storageTrie = storageTries.get(address);
    const storageProof = slots.map(async (slot) => ({
      key: slotHex(slot),
      value: rpcHex(seed?.storage?.get(slot) ?? 0n),
      proof: storageTrie === undefined ? [] : await hexProof(storageTrie, bytesOf(slotHex(slot))),
    }));
    return {
      address,
      accountProof: await hexProof(trie, bytesOf(address)),
      balance: rpcHex(seed?.balance ?? 0n),
      nonce: rpcHex(seed?.nonce ?? 0n),
      codeHash: seed?.code === undefined ? EMPTY_CODE_HASH : toHex(keccak256(seed.code)),
      storageHash: storageTrie === undefined ? EMPTY_TRIE_ROOT : toHex(storageTrie.root),
      storageProof: await Promise.all(storageProof),
    };
  };
  return { stateRoot: toHex(trie.root), trie, accounts, getProof };
}

async function hexProof(trie: BuiltTrie, preimage: Uint8Array): Promise<string[]> {
  return trie.entries.size === 0 ? [] : (await trie.prove(keccak256(preimage))).map(toHex);
}

export function addressOf(index: number): string {
  return `0x${index.toString(16).padStart(40, "0")}`;
}

/** An account without code, a contract with storage, and enough others that ways are long. */
export function sampleAccounts(): Map<string, AccountSeed> {
  const others = Array.from({ length: 60 }, (_, i): [string, AccountSeed] => [
    addressOf(100 + i),
    { nonce: BigInt(i), balance: BigInt(i) * 10n ** 18n },
  ]);
  const storage = new Map(Array.from({ length: 40 }, (_, i) => [BigInt(i), i % 5 === 0 ? 0n : 2n ** BigInt(6 * i)]));
  storage.set(2n ** 255n, 2n ** 256n - 1n);
  return new Map<string, AccountSeed>([
    [PLAIN, { nonce: 2n ** 64n - 2n, balance: 2n ** 256n - 1n }],
    [CONTRACT, { nonce: 1n, balance: 0n, storage, code: CODE }],
    ...others,
  ]);
}

export const PLAIN = addressOf(0xabcdef);
export const CONTRACT = addressOf(0xc0de);
export const ABSENT = addressOf(0xdead);
export const CODE = Uint8Array.of(0x60, 0x01, 0x60, 0x00, 0xf3);
