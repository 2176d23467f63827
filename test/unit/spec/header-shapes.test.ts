/** Execution data in the shape of another fork than the slot's. */
import { expect } from "chai";
import { getLcExecutionRoot } from "../../../src/spec/header.js";
import { ExecutionPayloadHeaders } from "../../support/containers.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import { forgeAt } from "../../support/forges.js";
import { assertValid, headerOf, headerOfJson, headerSuite, SLOT } from "../../support/headers.js";
import { hash } from "../../support/protocol.js";
import type { WireExecution } from "../../support/wire.js";

headerSuite("capella", (context) => {
  it("takes Deneb's shape with blob fields of zero, as Capella's", () => {
    const { forge, honest } = context();
    for (const shape of ["deneb", "electra"] as const) {
      const header = headerOf(honest, undefined, shape);
      assertValid(forge, header);
      expect(header).to.deep.equal(honest.value().header);
    }
  });

  for (const field of ["blobGasUsed", "excessBlobGas"] as const) {
    it(`refuses Deneb's shape with a ${field}, although its branch is true`, () => {
      const { forge, honest } = context();
      const header = headerOf(honest, undefined, "deneb");
      const blobs = { ...header.execution!, [field]: 1n };
      const run = () => assertValid(forge, { ...header, execution: blobs });
      const name = field === "blobGasUsed" ? "blob_gas_used" : "excess_blob_gas";
      expect(expectCode("EXECUTION_UNEXPECTED", run)).to.include({ field: name, fork: "capella" });
      // and as it comes over the wire
      const wire = honest.json("deneb") as { header: { execution: Record<string, string> } };
      wire.header.execution[name] = "1";
      expectCode("EXECUTION_UNEXPECTED", () => assertValid(forge, headerOfJson(forge, wire, "deneb")));
    });
  }

  it("refuses a payload that the block hashed as Deneb's", () => {
    const { forge } = context();
    for (const blobGasUsed of [0n, 1n]) {
      const execution = (honest: WireExecution) => ({ ...honest, blobGasUsed, excessBlobGas: 0n });
      const header = forge.bootstrap({ slot: SLOT, execution }).value({ shape: "deneb" }).header;
      const code = blobGasUsed === 0n ? "EXECUTION_BRANCH_INVALID" : "EXECUTION_UNEXPECTED";
      expectCode(code, () => assertValid(forge, header));
    }
  });
});

headerSuite("deneb", (context) => {
  it("refuses Capella's shape, which drops the blob fields", () => {
    const { forge, honest } = context();
    expectCode("EXECUTION_BRANCH_INVALID", () => assertValid(forge, headerOf(honest, undefined, "capella")));
  });

  it("refuses a payload that the block hashed as Capella's", () => {
    const { forge } = context();
    const execution = ({ blobGasUsed, excessBlobGas, ...rest }: WireExecution) => rest;
    for (const shape of ["capella", "deneb"] as const) {
      const header = forge.bootstrap({ slot: SLOT, execution }).value({ shape }).header;
      expectCode("EXECUTION_BRANCH_INVALID", () => assertValid(forge, header));
    }
  });
});

headerSuite("gloas", (context) => {
  it("gives the block hash as root, and no payload header", () => {
    const { forge, honest } = context();
    const { header } = honest.value();
    expect(header.execution).to.equal(null);
    expect(getLcExecutionRoot(forge.chain, header)).to.deep.equal(honest.block.header.executionBlockHash);
  });

  it("refuses another hash, and a change of any node", () => {
    const { forge, honest } = context();
    const header = honest.value().header;
    expectCode("EXECUTION_BRANCH_INVALID", () =>
      assertValid(forge, { ...header, executionBlockHash: fill("another") }),
    );
    for (let node = 0; node < 11; node++) {
      const executionBranch = header.executionBranch.map((known, i) => (i === node ? fill("node") : known));
      expectCode("EXECUTION_BRANCH_INVALID", () => assertValid(forge, { ...header, executionBranch }));
    }
    const executionBranch = header.executionBranch.slice(1);
    const details = expectCode("BRANCH_LENGTH_INVALID", () => assertValid(forge, { ...header, executionBranch }));
    expect(details).to.include({ gindex: 2856, expected: 11, actual: 10 });
  });

  it("refuses a hash that lies elsewhere in the body", () => {
    const { forge } = context();
    for (const executionGindex of [2857, 2858, 2048, 4095, 1428, 5712]) {
      const elsewhere = forge.bootstrap({ slot: SLOT, executionGindex });
      const branch = elsewhere.block.header.executionBranch!;
      const fitted = Array.from({ length: 11 }, (_, i) => branch[i] ?? new Uint8Array(32));
      const header = headerOf(elsewhere, (wire) => Object.assign(wire.header, { executionBranch: fitted }));
      expectCode("EXECUTION_BRANCH_INVALID", () => assertValid(forge, header));
    }
  });

  it("refuses a body of Fulu, in the shape of either", () => {
    const { forge } = context();
    const fulu = forge.bootstrap({ slot: SLOT, fork: "fulu" });
    for (const shape of ["fulu", "gloas"] as const) {
      const { header } = fulu.value({ shape });
      const code = codeOf(() => assertValid(forge, header));
      expect(code).to.be.oneOf(["EXECUTION_BRANCH_INVALID", "EXECUTION_UNEXPECTED"]);
    }
  });

  it("refuses a payload header beside a hash that is proven: the branch does not prove it", () => {
    const { forge, honest } = context();
    const execution = ExecutionPayloadHeaders.deneb.defaultValue();
    const run = () => assertValid(forge, { ...honest.value().header, execution });
    expect(expectCode("EXECUTION_UNEXPECTED", run)).to.include({ field: "execution", fork: "gloas" });
  });

  it("refuses Fulu's shape even where its computed branch leads to the body root", async () => {
    const { forge, honest } = context();
    const fulu = (await forgeAt("fulu")).bootstrap(SLOT).value().header;
    // a body root made to fit: what the hash and the branch give at Gloas's index
    const bodyRoot = fulu.executionBranch.reduce(
      (node, sibling, i) => ((2856 >> i) & 1 ? hash(sibling, node) : hash(node, sibling)),
      fulu.executionBlockHash,
    );
    const beacon = { ...honest.value().header.beacon, bodyRoot };
    expectCode("EXECUTION_UNEXPECTED", () => assertValid(forge, { ...fulu, beacon }));
  });
});
