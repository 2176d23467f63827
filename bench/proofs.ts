/** Proofs, beside those who also verify them: an account and its storage, and parts of a beacon state. */
import { join } from "node:path";
import {
  createNodeFromProof,
  type Hasher as PeerHasher,
  ProofType,
  setHasher,
} from "@chainsafe/persistent-merkle-tree";
import { hasher as asSha256 } from "@chainsafe/persistent-merkle-tree/hasher/as-sha256";
import { hasher as noble } from "@chainsafe/persistent-merkle-tree/hasher/noble";
import { createMPT, verifyMPTWithMerkleProof } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { mainnet } from "../src/networks/mainnet.js";
import { createBeaconTypes, type ForkTypes } from "../src/proof/beacon/types.js";
import { createSszProof, validatorAt, verifyGetProof, verifySszProof } from "../src/proof/index.js";
import { keccak256 } from "../src/proof/keccak.js";
import { fromHex, toHex } from "../src/ssz/bytes.js";
import { type Hasher, plainHasher, useHasher } from "../src/ssz/hash.js";
import type { AnyType } from "../src/ssz/type.js";
import { randomValue } from "../test/support/random-ssz.js";
import { buildState, CONTRACT, type RpcProof, sampleAccounts } from "../test/support/state.js";
import { hasData, readJson } from "../test/vectors/data-folder.js";
import type { Bench, BenchContext } from "./context.js";
import { measureAsync, type Variant } from "./measure.js";
import { readyDefault } from "./peers.js";
import type { Row } from "./table.js";

const BENCH = "proofs";
const COUNT = 50;

export const proofsBench: Bench = {
  name: BENCH,
  async run(context) {
    // with its WASM's hasher, which a client always has
    await readyDefault();
    const fast = useHasher(plainHasher);
    try {
      return [...(await ofAccount(context)), ...(await ofState(context, fast))];
    } finally {
      useHasher(fast);
      setHasher(noble);
    }
  },
};

interface AccountCase {
  readonly words: string;
  readonly stateRoot: string;
  readonly slot: string;
  readonly answer: RpcProof;
}

/** Wrapped ether on mainnet: as long as such ways are. */
async function accountCase(): Promise<AccountCase> {
  if (hasData) {
    const folder = "el-proofs/nimbus-verified-proxy";
    const answer = readJson(join(folder, "storage_proof.json")) as RpcProof;
    const { stateRoot } = readJson(join(folder, "proof_block.json")) as { stateRoot: string };
    return { words: "mainnet, wrapped ether", stateRoot, slot: answer.storageProof[0]!.key, answer };
  }
  const { stateRoot, getProof } = await buildState(sampleAccounts());
  const answer = await getProof(CONTRACT, [2n]);
  return { words: "a small state: no reference data", stateRoot, slot: answer.storageProof[0]!.key, answer };
}

async function ofAccount({ isQuick, note }: BenchContext): Promise<Row[]> {
  const { words, stateRoot, slot, answer } = await accountCase();
  const { address, storageProof, accountProof } = answer;
  const nodes = [accountProof.length, storageProof[0]!.proof.length];
  const metric = `account and slot, ${nodes.join(" + ")} nodes`;
  note(`proofs: of ${words}`);
  const { value } = verifyGetProof({ stateRoot, address, slots: [slot], answer }).storage[0]!;

  async function byMpt(): Promise<void> {
    const account = await walk(fromHex(stateRoot), fromHex(address), accountProof);
    const [, , storageHash] = RLP.decode(account) as Uint8Array[];
    const word = RLP.decode(await walk(storageHash!, fromHex(slot), storageProof[0]!.proof)) as Uint8Array;
    if (BigInt(toHex(word)) !== value) throw new Error("another value");
  }

  const peer = `${metric}: @ethereumjs/mpt`;
  return measureAsync(
    [
      {
        metric: `${metric}: sidelight`,
        baseline: peer,
        count: COUNT,
        run() {
          for (let i = 0; i < COUNT; i++) verifyGetProof({ stateRoot, address, slots: [slot], answer });
        },
      },
      {
        metric: peer,
        count: COUNT,
        async run() {
          for (let i = 0; i < COUNT; i++) await byMpt();
        },
      },
    ],
    { bench: BENCH, unit: "µs", rounds: isQuick ? 7 : 31 },
  );
}

async function walk(root: Uint8Array, preimage: Uint8Array, proof: readonly string[]): Promise<Uint8Array> {
  const found = await verifyMPTWithMerkleProof(await createMPT(), root, keccak256(preimage), proof.map(fromHex));
  if (found === null) throw new Error("proven absent");
  return found;
}

/** A validator in a state of mainnet's preset: its tree is as deep as mainnet's, whatever there is in it. */
async function ofState({ isQuick }: BenchContext, fast: Hasher): Promise<Row[]> {
  const { BeaconState: type } = createBeaconTypes(mainnet.preset).forks.electra as unknown as ForkTypes;
  const bytes = type.serialize(randomValue(type as AnyType, "state-7") as never);
  const proof = createSszProof({ type, bytes, paths: validatorAt(1).paths });
  const { root, descriptor, leaves } = proof;
  const expected = fromHex(root);

  const ours = (name: string, hasher: Hasher, baseline: string): Variant => ({
    metric: metricOf(`sidelight, ${name}`),
    baseline: metricOf(baseline),
    count: COUNT,
    prepare: () => void useHasher(hasher),
    run() {
      for (let i = 0; i < COUNT; i++) verifySszProof({ type, root, proof });
    },
  });
  const theirs = (name: string, hasher: PeerHasher): Variant => ({
    metric: metricOf(name),
    count: COUNT,
    prepare: () => setHasher(hasher),
    run() {
      for (let i = 0; i < COUNT; i++) {
        const node = createNodeFromProof({ type: ProofType.compactMulti, leaves: [...leaves], descriptor });
        if (node.root.some((byte, at) => byte !== expected[at])) throw new Error("another root");
      }
    },
  });
  function metricOf(name: string): string {
    return `a validator, ${leaves.length} nodes: ${name}`;
  }

  const peer = "persistent-merkle-tree";
  return measureAsync(
    [
      ours("plain", plainHasher, `${peer}, noble`),
      ours(fast.name, fast, `${peer}, as-sha256`),
      theirs(`${peer}, noble`, noble),
      theirs(`${peer}, as-sha256`, asSha256),
    ],
    { bench: BENCH, unit: "µs", rounds: isQuick ? 7 : 31 },
  );
}
