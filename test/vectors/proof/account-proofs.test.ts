/** Real answers of `eth_getProof`, and account proofs in other clothes, each against the state root of its block. */
import { expect } from "chai";
import {
  keccak256,
  verifyAccountProof,
  verifyCode,
  verifyExecutionHeader,
  verifyGetProof,
  verifyStorageProof,
  verifyTrieProof,
} from "../../../src/proof/index.js";
import { decodeTrieNode } from "../../../src/proof/trie-node.js";
import { equalBytes, toHex } from "../../../src/ssz/bytes.js";
import { bytesOf } from "../../support/tries.js";
import { countChecked } from "../counts.js";
import { describeWithData, listFiles, readJson, readText } from "../data-folder.js";

interface Answer {
  readonly address: string;
  readonly accountProof: string[];
  readonly storageProof: { readonly key: string; readonly value: string; readonly proof: string[] }[];
}

interface Block {
  readonly hash: string;
  readonly stateRoot: string;
}

function countAccountProof(file: string): void {
  countChecked({ suite: "eth_getProof", release: file.split("/").slice(0, 2).join("/"), preset: "", fork: "" });
}

/** The state root of a block whose hash is recomputed. */
function stateRootOf(block: unknown): string {
  return verifyExecutionHeader({ blockHash: (block as Block).hash, header: block }).stateRoot;
}

function verifyAnswer(file: string, stateRoot: string, answer: Answer) {
  const slots = answer.storageProof.map(({ key }) => key);
  const proven = verifyGetProof({ stateRoot, address: answer.address, slots, answer });
  countAccountProof(file);
  return proven;
}

describeWithData("real account and storage proofs", () => {
  it("of helios' block, with the deposit contract's code", () => {
    const FOLDER = "el-proofs/helios-rpc";
    const stateRoot = stateRootOf(readJson(`${FOLDER}/rpc/block.json`));
    for (const file of ["proof.json", "block_miner_proof.json"]) {
      const { account } = verifyAnswer(FOLDER, stateRoot, readJson(`${FOLDER}/rpc/${file}`) as Answer);
      expect(account).to.not.equal(null);
    }

    // another API's answers: the same in other words
    const addressOf = (file: string) => (readJson(`${FOLDER}/rpc/${file}`) as Answer).address;
    const { accounts } = readJson(`${FOLDER}/verifiable_api/access_list.json`) as { accounts: Record<string, object> };
    const others: [string, object][] = [
      [addressOf("proof.json"), readJson(`${FOLDER}/rpc/account.json`) as object],
      [addressOf("block_miner_proof.json"), readJson(`${FOLDER}/rpc/block_miner_account.json`) as object],
      ...Object.entries(accounts),
    ];
    for (const [address, other] of others) {
      const { account, code, ...rest } = other as Answer & { account: Record<string, string>; code: string };
      const answer = { ...rest, address, ...account, storageHash: account["storageRoot"] };
      const proven = verifyAnswer(FOLDER, stateRoot, answer);
      expect(verifyCode({ codeHash: proven.account!.codeHash, code })).to.equal(code);
    }
  });

  it("of nimbus' verified proxy, with the contract's code", () => {
    const FOLDER = "el-proofs/nimbus-verified-proxy";
    const stateRoot = stateRootOf(readJson(`${FOLDER}/proof_block.json`));
    const { account, storage } = verifyAnswer(FOLDER, stateRoot, readJson(`${FOLDER}/storage_proof.json`) as Answer);
    expect(storage[0]!.value).to.equal(0x288a82d13c3d1600n);
    const code = readJson(`${FOLDER}/code.json`) as string;
    expect(verifyCode({ codeHash: account!.codeHash, code })).to.equal(code);
  });

  it("of eth-avm: a balance of USDT", () => {
    const FILE = "el-proofs/eth-avm/eth_data.json.gz";
    const data = readJson(FILE) as { block_header: unknown; proof: Answer };
    const { storage } = verifyAnswer(FILE, stateRootOf(data.block_header), data.proof);
    expect(storage[0]!.value).to.equal(0x3f1ca131081cf8n);
  });

  it("of the execution API's own tests (no state root among the data: the first node's hash)", () => {
    const files = listFiles("el-proofs/execution-apis/eth_getProof");
    expect(files).to.have.length(4);
    for (const file of files) {
      const line = readText(file)
        .split("\n")
        .find((text) => text.startsWith("<<"))!;
      const { result } = JSON.parse(line.slice(2)) as { result: Answer };
      const { account } = verifyAnswer(file, hashOfFirst(result.accountProof), result);
      expect(account).to.not.equal(null);
    }
  });

  it("of union: a slot with a value and one without (no state root among the data: the first node's hash)", () => {
    const verifyFile = (file: string) => {
      const answer = readJson(`el-proofs/union/${file}`) as Answer;
      return verifyAnswer("el-proofs/union", hashOfFirst(answer.accountProof), answer).storage[0]!.value;
    };
    expect(verifyFile("valid_storage_proof_sepolia.json")).to.equal(0x1n << 248n);
    expect(verifyFile("valid_absence_proof_sepolia.json")).to.equal(0n);
  });

  it("of Lodestar's prover: every account that its requests needed", () => {
    let proofs = 0;
    for (const file of listFiles("el-proofs/lodestar-prover")) {
      const data = readJson(file) as {
        request: { method: string };
        response: { result: unknown };
        execution: { block: Block };
        dependentRequests: unknown[];
      };
      const stateRoot = stateRootOf(data.execution.block);
      for (const { payload, response } of exchanges(data.dependentRequests)) {
        if (payload.method !== "eth_getProof") continue;
        const [address, slots] = payload.params as [string, string[]];
        const { account } = verifyGetProof({ stateRoot, address, slots, answer: response.result });
        proofs++;
        countAccountProof(file);
        if (data.request.method === "eth_getBalance")
          expect(account!.balanceWei).to.equal(BigInt(data.response.result as string));
        if (data.request.method === "eth_getTransactionCount")
          expect(account!.nonce).to.equal(BigInt(data.response.result as string));
        if (data.request.method === "eth_getCode") {
          const code = data.response.result as string;
          expect(verifyCode({ codeHash: account!.codeHash, code })).to.equal(code);
        }
      }
    }
    expect(proofs).to.equal(10);
  });

  it("of a mainnet session: against the finalized header that its signatures prove", () => {
    const FOLDER = "mainnet/deneb-argument/inclusion/base-data";
    const { data } = readJson(`${FOLDER}/FinalityUpdateDeneb.json`) as {
      data: { finalized_header: { execution: { state_root: string } } };
    };
    const { result } = readJson(`${FOLDER}/EthGetProof.json`) as { result: Answer };
    verifyAnswer(FOLDER, data.finalized_header.execution.state_root, result);
  });

  it("of union's relayer: one with each update", () => {
    const CONTRACT = "0x971a9631b0a4e0e78954c764c7060e9d95d5cfd6";
    const files = listFiles("sepolia/union-history");
    for (const file of files) {
      const { address, proof, storageHash, stateRoots } = relayed(readJson(file));
      expect(address ?? CONTRACT).to.equal(CONTRACT);
      const stateRoot = stateRoots.find((root) => root === hashOfFirst(proof))!;
      const account = verifyAccountProof({ stateRoot, address: CONTRACT, proof });
      expect(account!.storageHash).to.equal(storageHash);
      countAccountProof("sepolia/union-history");
    }
    expect(files).to.have.length(15);
  });
});

describeWithData("real and derived nodes of tries", () => {
  interface Nodes {
    readonly nodes: {
      readonly label: string;
      readonly hex: string;
      readonly keccak256: string;
      readonly n_items: number;
    }[];
  }

  it("are what they are said to be", () => {
    const { nodes } = readJson("el-proofs/eth-avm/rlp-nodes.json") as Nodes;
    for (const { label, hex, keccak256: hash, n_items: items } of nodes) {
      expect(toHex(keccak256(bytesOf(hex)))).to.equal(`0x${hash}`);
      const { kind } = decodeTrieNode(bytesOf(hex), { proof: label, index: 0 });
      expect(kind === "branch").to.equal(items === 17);
    }
    countChecked({ suite: "trie nodes", release: "el-proofs/eth-avm", preset: "", fork: "" }, nodes.length);
  });

  it("prove what the scenarios made of them say", () => {
    interface Key {
      readonly key: string;
      readonly key_nibs: number;
      readonly expected_status: number;
      readonly expected_value?: string;
    }
    const { nodes, scenarios } = readJson("el-proofs/eth-avm/mpt-nodes.json") as Nodes & {
      scenarios: Record<string, unknown>[];
    };
    let checked = 0;
    for (const scenario of scenarios) {
      const proof = (scenario["nodes"] as string[]).map((label) =>
        bytesOf(nodes.find((node) => node.label === label)!.hex),
      );
      const root = bytesOf(scenario["root"] as string);
      const right: Key[] = [
        scenario["short_key"] as Key,
        scenario["long_key"] as Key,
        { ...scenario, key: scenario["honest_key"], key_nibs: scenario["honest_key_nibs"] } as unknown as Key,
      ].filter((entry) => entry?.key !== undefined);
      for (const { key, expected_value: value } of right) {
        expect(toHex(verifyTrieProof({ root, key: bytesOf(key), proof })!)).to.equal(`0x${value}`);
        checked++;
      }
      for (const { key, key_nibs: nibbles } of scenario["wrong_keys"] as Key[]) {
        // keys of half a byte have no bytes
        if (nibbles !== key.length) continue;
        expect(verifyTrieProof({ root, key: bytesOf(key), proof })).to.equal(null);
        checked++;
      }
    }
    countChecked({ suite: "trie scenarios", release: "el-proofs/eth-avm", preset: "", fork: "" }, checked);
  });
});

describeWithData("real account and storage proofs with something changed", () => {
  it("are refused, each of them: every node with a bit flipped, left out, twice, cut, or of another proof", () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    const answer = readJson("el-proofs/nimbus-verified-proxy/storage_proof.json") as Answer & { storageHash: string };
    const stateRoot = hashOfFirst(answer.accountProof);
    const { key, proof: storageNodes } = answer.storageProof[0]!;
    const { storageHash } = answer;
    let tried = 0;
    const refusesAll = (
      nodes: readonly Uint8Array[],
      others: readonly Uint8Array[],
      verify: (proof: Uint8Array[]) => unknown,
    ) => {
      for (const changed of changes(nodes, others)) {
        tried++;
        let proven: unknown;
        try {
          proven = verify(changed);
        } catch {
          continue;
        }
        expect.fail(`proves ${proven}: ${changed.map(toHex)}`);
      }
    };
    const accountNodes = answer.accountProof.map(bytesOf);
    const nodesOfStorage = storageNodes.map(bytesOf);
    refusesAll(accountNodes, nodesOfStorage, (proof) =>
      verifyAccountProof({ stateRoot, address: answer.address, proof }),
    );
    refusesAll(nodesOfStorage, accountNodes, (proof) => verifyStorageProof({ storageHash, slot: key, proof }));
    Error.stackTraceLimit = stackTraceLimit;
    expect(tried).to.be.greaterThan(5000);
  }).timeout(120_000);
});

function hashOfFirst(proof: readonly string[]): string {
  return toHex(keccak256(bytesOf(proof[0]!)));
}

interface Exchange {
  readonly payload: { readonly method: string; readonly params: unknown[] };
  readonly response: { readonly result: unknown };
}

/** Requests with their answers; of a batch, one by one. */
function exchanges(dependent: readonly unknown[]): Exchange[] {
  return dependent.flatMap((item) => {
    const { payload, response } = item as { payload: Exchange["payload"]; response: Exchange["response"] };
    if (!Array.isArray(payload)) return [{ payload, response }];
    return payload.map((one, i) => ({ payload: one, response: (response as unknown as Exchange["response"][])[i]! }));
  });
}

/** Two shapes of the same message. */
function relayed(json: unknown) {
  const message = json as { client_message?: { data: unknown } };
  const { account_update: update, consensus_update: consensus } = (message.client_message?.data ?? message) as {
    account_update: {
      proofs?: { key: string; proof: string[]; value: string }[];
      account_proof?: { proof: string[]; contract_address?: string; storage_root: string };
    };
    consensus_update: Record<"attested_header" | "finalized_header", { execution: { state_root: string } }>;
  };
  const stateRoots = [consensus.finalized_header, consensus.attested_header].map(
    ({ execution }) => execution.state_root,
  );
  const hexOf = (base64: string) => `0x${Buffer.from(base64, "base64").toString("hex")}`;
  const { proofs, account_proof: plain } = update;
  if (plain !== undefined) {
    return { address: plain.contract_address, proof: plain.proof, storageHash: plain.storage_root, stateRoots };
  }
  const { key, proof, value } = proofs![0]!;
  return { address: hexOf(key), proof: proof.map(hexOf), storageHash: hexOf(value), stateRoots };
}

function* changes(nodes: readonly Uint8Array[], others: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [i, node] of nodes.entries()) {
    for (let at = 0; at < node.length; at++) {
      yield nodes.with(
        i,
        node.map((byte, k) => (k === at ? byte ^ (1 << (at % 8)) : byte)),
      );
    }
    for (const length of [0, 1, 31, 32, 33, node.length - 1]) yield nodes.with(i, node.subarray(0, length));
    yield nodes.with(i, Uint8Array.of(...node, 0));
    yield nodes.with(i, Uint8Array.of(0xf9, ...node));
    yield nodes.with(i, new Uint8Array(1_000_000));
    yield nodes.toSpliced(i, 1);
    yield nodes.slice(0, i);
    for (const other of [...nodes, ...others]) {
      yield nodes.toSpliced(i, 0, other);
      yield [...nodes, other];
      if (!equalBytes(other, node)) yield nodes.with(i, other);
    }
    for (let j = 0; j < i; j++) yield nodes.with(i, nodes[j]!).with(j, node);
  }
}
