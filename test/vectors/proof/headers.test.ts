/** Real execution headers of every fork that has come to pass, in JSON and in RLP, each with its hash recomputed. */
import { expect } from "chai";
import {
  decodeExecutionHeaderJson,
  type ExecutionHeader,
  encodeExecutionHeader,
  executionHeaderHash,
  keccak256,
  verifyExecutionHeader,
} from "../../../src/proof/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { bytesOf } from "../../support/tries.js";
import { countChecked } from "../counts.js";
import { describeWithData, listFiles, readJson, readText, readYaml } from "../data-folder.js";
import { EXECUTION_BLOCKS } from "./blocks.js";

/** The fork by what the header has. */
function forkOf(header: ExecutionHeader): string {
  if (header.slotNumber !== null) return "amsterdam";
  if (header.requestsHash !== null) return "prague, osaka";
  if (header.blobGasUsed !== null) return "cancun";
  if (header.withdrawalsRoot !== null) return "shanghai";
  if (header.baseFeePerGas !== null) return header.difficulty === 0n ? "paris" : "london";
  return "frontier to berlin";
}

function countHeader(form: string, header: ExecutionHeader): void {
  countChecked({ suite: "execution headers", release: form, preset: "", fork: forkOf(header) });
}

describeWithData("real execution headers", () => {
  it("in JSON have the hash of their block", () => {
    for (const { file, json } of EXECUTION_BLOCKS) {
      const block = json(readJson(file)) as { hash: string; transactions?: unknown };
      const header = verifyExecutionHeader({ blockHash: block.hash, header: block });
      // the form that is hashed holds everything
      const rlp = encodeExecutionHeader(header);
      expect(verifyExecutionHeader({ blockHash: block.hash, header: rlp })).to.deep.equal(header);
      countHeader("JSON", header);
    }
  });

  it("in RLP have the hash that they are found by", () => {
    const FOLDER = "blocks/portal-headers-with-proof";
    const files = listFiles(FOLDER).filter((file) => /^\d+\.yaml$/.test(file.slice(FOLDER.length + 1)));
    expect(files).to.have.length(15);
    for (const file of files) {
      const { content_key: key, content_value: value } = readYaml(file) as Record<string, string>;
      // a selector and the block's hash; a container of two lists, the first of which is the header
      const blockHash = `0x${key!.slice(4)}`;
      const bytes = bytesOf(value!);
      const [from, to] = [0, 4].map((at) => new DataView(bytes.buffer).getUint32(at, true)) as [number, number];
      const header = verifyExecutionHeader({ blockHash, header: bytes.subarray(from, to) });
      expect(header.number).to.equal(Number(/(\d+)\.yaml$/.exec(file)![1]));
      countHeader("RLP", header);
    }
  });

  it("in RLP are the parents of each other", () => {
    const headers = portalHeaders();
    const byHash = new Map(headers.map((header) => [executionHeaderHash(header), header]));
    const pairs = headers.filter(({ parentHash }) => byHash.has(parentHash));
    // 22431083 and 22431084, on both sides of Prague
    expect(pairs.map(({ number }) => number)).to.deep.equal([22_431_084]);
    expect(headers).to.have.length(5);
    for (const header of headers) countHeader("RLP", header);
  });

  it("in JSON agree with what a beacon block says of the same block", () => {
    let checked = 0;
    for (const file of listFiles("el-proofs/lodestar-prover")) {
      const { execution, beacon } = readJson(file) as {
        execution: { block: unknown };
        beacon: { executionPayload: Record<string, string> };
      };
      const header = decodeExecutionHeaderJson(execution.block);
      const payload = beacon.executionPayload;
      expect(executionHeaderHash(header)).to.equal(payload["block_hash"]);
      expect(header.stateRoot).to.equal(payload["state_root"]);
      expect(header.mixHash).to.equal(payload["prev_randao"]);
      expect(String(header.baseFeePerGas)).to.equal(payload["base_fee_per_gas"]);
      checked++;
    }
    expect(checked).to.equal(9);
  });
});

function portalHeaders(): ExecutionHeader[] {
  return listFiles("blocks/portal-block-data").map((file) => {
    const rlp = bytesOf(/^header: (0x[0-9a-f]+)$/m.exec(readText(file))![1]!);
    const number = Number(/(\d+)\.yaml/.exec(file)![1]);
    const blockHash = toHex(keccak256(rlp));
    const header = verifyExecutionHeader({ blockHash, header: rlp });
    expect(header.number).to.equal(number);
    return header;
  });
}
