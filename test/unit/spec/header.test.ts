/** The execution data of a header belongs to its beacon block, by the rules of the slot's fork. */
import { expect } from "chai";
import { getLcExecutionRoot } from "../../../src/spec/header.js";
import type { LightClientHeader } from "../../../src/ssz/objects.js";
import { executionRoot } from "../../support/blocks.js";
import { ExecutionPayloadHeaders } from "../../support/containers.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import type { Forge } from "../../support/forge.js";
import { forgeAt } from "../../support/forges.js";
import { assertValid, GINDEX, headerOf, headerOfJson, headerSuite, SLOT } from "../../support/headers.js";
import { bytesHex, depthOf, isAtLeast } from "../../support/protocol.js";
import type { WireExecution } from "../../support/wire.js";

for (const fork of ["altair", "bellatrix"] as const) {
  headerSuite(fork, (context) => {
    it("takes empty execution data in every newer shape, as none", () => {
      const { forge, honest } = context();
      for (const shape of ["altair", "capella", "deneb", "electra", "gloas"] as const) {
        const header = headerOf(honest, undefined, shape);
        assertValid(forge, header);
        expect(header.execution).to.equal(null);
        expect(getLcExecutionRoot(forge.chain, header)).to.deep.equal(new Uint8Array(32));
      }
    });

    const full = (bits: Partial<LightClientHeader>) => {
      const { forge, honest } = context();
      const details = expectCode("EXECUTION_UNEXPECTED", () =>
        assertValid(forge, { ...honest.value().header, ...bits }),
      );
      expect(details).to.include({ header: "header in question", slot: SLOT, fork });
      return details.field;
    };

    it("refuses a payload header, a block hash, a branch: each alone", () => {
      const { honest } = context();
      const { executionBranch } = honest.value().header;
      const execution = ExecutionPayloadHeaders.deneb.defaultValue();
      expect(full({ execution })).to.equal("execution");
      expect(full({ executionBlockHash: fill("hash") })).to.equal("execution_block_hash");
      for (let node = 0; node < executionBranch.length; node++) {
        const branch = executionBranch.map((known, i) => (i === node ? fill("node") : known));
        expect(full({ executionBranch: branch })).to.equal("execution_branch");
      }
    });

    it("refuses a true payload proof of Capella's form", async () => {
      const { forge, honest } = context();
      const capella = (await forgeAt("capella")).bootstrap(SLOT);
      for (const shape of ["capella", "deneb", "gloas"] as const) {
        const { execution, executionBlockHash, executionBranch } = capella.value({ shape }).header;
        const { beacon } = honest.value().header;
        const header = {
          beacon: { ...beacon, bodyRoot: capella.block.header.beacon.bodyRoot },
          execution,
          executionBlockHash,
          executionBranch,
        };
        expectCode("EXECUTION_UNEXPECTED", () => assertValid(forge, header));
      }
    });

    it("refuses any field of an otherwise empty payload header, over the wire", () => {
      const { forge, honest } = context();
      for (const shape of ["capella", "deneb", "electra"] as const) {
        const names = ExecutionPayloadHeaders[shape === "capella" ? "capella" : "deneb"].fieldsEntries.map(
          (entry) => entry.fieldName,
        );
        for (const name of names) {
          const wire = honest.edit(() => {}).json(shape) as { header: { execution: Record<string, string> } };
          const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
          const old = wire.header.execution[key]!;
          wire.header.execution[key] = old === "0x" ? "0x01" : old.startsWith("0x") ? `${old.slice(0, -1)}1` : "1";
          const value = headerOfJson(forge, wire, shape);
          const details = expectCode("EXECUTION_UNEXPECTED", () => assertValid(forge, value));
          expect(details.field).to.equal("execution");
        }
      }
    });
  });
}

for (const fork of ["capella", "deneb", "electra", "fulu"] as const) {
  headerSuite(fork, (context) => {
    const hasBlobs = isAtLeast(fork, "deneb");
    const names = ExecutionPayloadHeaders[hasBlobs ? "deneb" : "capella"].fieldsEntries.map(
      (entry) => entry.fieldName as keyof WireExecution,
    );

    /** Refused for the branch, and nothing else. */
    function expectInvalid(forge: Forge, header: LightClientHeader): void {
      const details = expectCode("EXECUTION_BRANCH_INVALID", () => assertValid(forge, header));
      const { slot, bodyRoot } = header.beacon;
      const expected = { header: "header in question", slot, gindex: GINDEX[fork], bodyRoot: bytesHex(bodyRoot) };
      expect(details).to.deep.equal(expected);
    }

    it("gives the payload header's root, also of a header in Gloas' shape", () => {
      const { forge, honest } = context();
      const expected = executionRoot(honest.block.header.execution!);
      expect(getLcExecutionRoot(forge.chain, honest.value().header)).to.deep.equal(expected);
      const bare = honest.value({ shape: "gloas" }).header;
      assertValid(forge, bare);
      expect(getLcExecutionRoot(forge.chain, bare)).to.deep.equal(expected);
    });

    for (const name of names) {
      it(`refuses another ${name}`, () => {
        const { forge, honest } = context();
        const header = headerOf(honest, (wire) => {
          const execution = wire.header.execution as unknown as Record<string, bigint | Uint8Array>;
          const old = execution[name]!;
          execution[name] = typeof old === "bigint" ? old ^ 1n : old.map((byte) => byte ^ 0x80);
        });
        expectInvalid(forge, header);
      });
    }

    it("refuses extra data that is one byte longer or shorter", () => {
      const { forge, honest } = context();
      for (const change of [
        (bytes: Uint8Array) => Uint8Array.of(...bytes, 0),
        (bytes: Uint8Array) => bytes.slice(0, -1),
      ]) {
        const header = headerOf(honest, (wire) => {
          wire.header.execution!.extraData = change(wire.header.execution!.extraData);
        });
        expectInvalid(forge, header);
      }
    });

    it("refuses a change of any node of the branch, sent or computed", () => {
      const { forge, honest } = context();
      const header = honest.value().header;
      const depth = depthOf(GINDEX[fork]!);
      for (let node = 11 - depth; node < 11; node++) {
        const executionBranch = header.executionBranch.map((known, i) => (i === node ? fill("node") : known));
        expectInvalid(forge, { ...header, executionBranch });
      }
    });

    it("refuses something in front of the branch, and a branch that is too short", () => {
      const { forge, honest } = context();
      const header = honest.value().header;
      const depth = depthOf(GINDEX[fork]!);
      for (let node = 0; node < 11 - depth; node++) {
        const executionBranch = header.executionBranch.map((known, i) => (i === node ? fill("node") : known));
        const run = () => assertValid(forge, { ...header, executionBranch });
        expect(expectCode("BRANCH_LENGTH_INVALID", run)).to.include({ gindex: GINDEX[fork], expected: depth });
      }
      const executionBranch = header.executionBranch.slice(12 - depth);
      const run = () => assertValid(forge, { ...header, executionBranch });
      expect(expectCode("BRANCH_LENGTH_INVALID", run)).to.include({ expected: depth, actual: depth - 1 });
    });

    it("refuses a block hash that is not the payload header's", () => {
      const { forge, honest } = context();
      expectInvalid(forge, { ...honest.value().header, executionBlockHash: fill("another") });
    });

    it("refuses a payload header beside a true hash and branch that are not its own", () => {
      const { forge, honest } = context();
      const header = honest.value().header;
      const execution = { ...header.execution!, stateRoot: fill("state root of a thief") };
      expectInvalid(forge, { ...header, execution });
    });

    it("refuses the payload of another block, complete with its branch", () => {
      const { forge, honest } = context();
      const { execution, executionBranch } = forge.block({ slot: SLOT - 1 }).header;
      expectInvalid(
        forge,
        headerOf(honest, (wire) => Object.assign(wire.header, { execution, executionBranch })),
      );
    });

    it("refuses no execution data where the fork has it", () => {
      const { forge, honest } = context();
      const { beacon } = honest.block.header;
      const empty = ExecutionPayloadHeaders[hasBlobs ? "deneb" : "capella"].defaultValue();
      const zeroes = Array.from({ length: 4 }, () => new Uint8Array(32));
      expectInvalid(
        forge,
        headerOf(honest, (wire) => Object.assign(wire.header, { execution: empty, executionBranch: zeroes })),
      );
      const none = { beacon, execution: null, executionBlockHash: new Uint8Array(32), executionBranch: [] };
      expectCode("BRANCH_LENGTH_INVALID", () => assertValid(forge, none));
    });

    it("refuses a payload that lies elsewhere in the body", () => {
      const { forge } = context();
      for (const executionGindex of [24, 26, 16, 31, 50, 12]) {
        const elsewhere = forge.bootstrap({ slot: SLOT, executionGindex });
        const branch = elsewhere.block.header.executionBranch!;
        // a sibling's branch has the right length; the others are cut or padded to it
        const fitted = Array.from({ length: 4 }, (_, i) => branch[i] ?? new Uint8Array(32));
        expectInvalid(
          forge,
          headerOf(elsewhere, (wire) => Object.assign(wire.header, { executionBranch: fitted })),
        );
      }
    });
  });
}
