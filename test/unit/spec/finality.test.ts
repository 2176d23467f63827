import { expect } from "chai";
import { validateLightClientUpdate } from "../../../src/spec/validate.js";
import type { LightClientUpdate } from "../../../src/ssz/objects.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import type { Forge, ForgedUpdate } from "../../support/forge.js";
import { forgeAt, storeAt } from "../../support/forges.js";
import { LIGHT_CLIENT_FORKS } from "../../support/networks.js";
import { bytesHex, depthOf, isAtLeast, stateGindices } from "../../support/protocol.js";
import { emptyHeaderOf } from "../../support/wire.js";

const FINALIZED = 80;
const ATTESTED = 100;

for (const fork of LIGHT_CLIENT_FORKS) {
  describe(`finality of an update (${fork})`, () => {
    let forge: Forge;
    let honest: ForgedUpdate;

    before(async () => {
      forge = await forgeAt(fork);
      honest = forge.update({ attestedSlot: ATTESTED, finalizedSlot: FINALIZED });
    });

    const validate = (update: LightClientUpdate, from = 70) =>
      validateLightClientUpdate(forge.chain, storeAt(forge, from), update, 1000);

    it("takes a true finalized header, none, and genesis's zero root", () => {
      validate(honest.value());
      validate(forge.update({ attestedSlot: ATTESTED, finalizedSlot: null }).value());
      validate(forge.update({ attestedSlot: ATTESTED, finalizedSlot: 0 }).value());
    });

    it("takes a block that finalizes itself: finalized slot = attested slot is no fault of order", () => {
      // nothing in the protocol forbids it; a state cannot hold its own block's root, so another block of that slot
      const other = forge.block({ slot: ATTESTED, finalizedRoot: fill("other") });
      const update = forge.update({ attestedSlot: ATTESTED, attested: { finalizedRoot: other.root } });
      validate(update.edit((wire) => Object.assign(wire, { finalizedHeader: other.header })).value());
    });

    it("refuses any other finalized block, true in itself", () => {
      for (const slot of [FINALIZED - 1, FINALIZED + 1, 72, ATTESTED]) {
        const { header } = forge.block({ slot });
        const update = honest.edit((wire) => Object.assign(wire, { finalizedHeader: header }));
        const details = expectCode("FINALITY_BRANCH_INVALID", () => validate(update.value()));
        expect(details).to.deep.equal({
          slot: ATTESTED,
          gindex: stateGindices(fork).finalizedRoot,
          finalizedSlot: slot,
          stateRoot: bytesHex(honest.wire.attestedHeader.beacon.stateRoot),
        });
      }
    });

    it("refuses a change of any field of the finalized beacon header", () => {
      for (const key of ["slot", "proposerIndex", "parentRoot", "stateRoot"] as const) {
        const update = honest.edit(({ finalizedHeader: { beacon } }) => {
          if (key === "slot" || key === "proposerIndex") beacon[key]++;
          else beacon[key][0]! ^= 1;
        });
        expectCode("FINALITY_BRANCH_INVALID", () => validate(update.value()));
      }
      const body = honest.edit(({ finalizedHeader }) => finalizedHeader.beacon.bodyRoot.fill(1));
      const code = isAtLeast(fork, "capella") ? "EXECUTION_BRANCH_INVALID" : "FINALITY_BRANCH_INVALID";
      expectCode(code, () => validate(body.value()));
    });

    it("refuses a change of any node of the branch", () => {
      for (let node = 0; node < depthOf(stateGindices(fork).finalizedRoot); node++) {
        const update = honest.edit((wire) => wire.finalityBranch[node]!.fill(1, 31));
        expectCode("FINALITY_BRANCH_INVALID", () => validate(update.value()));
      }
    });

    it("refuses something in front of the branch, and a branch that is too short", () => {
      const value = honest.value();
      const depth = depthOf(stateGindices(fork).finalizedRoot);
      for (let node = 0; node < 9 - depth; node++) {
        const finalityBranch = value.finalityBranch.map((known, i) => (i === node ? fill("node") : known));
        const run = () => validate({ ...value, finalityBranch });
        expect(expectCode("BRANCH_LENGTH_INVALID", run)).to.include({ expected: depth, actual: 9 - node });
      }
      const finalityBranch = value.finalityBranch.slice(10 - depth);
      const run = () => validate({ ...value, finalityBranch });
      expect(expectCode("BRANCH_LENGTH_INVALID", run)).to.include({ expected: depth, actual: depth - 1 });
    });

    it("refuses a finalized header without a branch", () => {
      const update = forge.update({ attestedSlot: ATTESTED, finalizedSlot: null }).edit((wire) => {
        wire.finalizedHeader = honest.wire.finalizedHeader;
      });
      const details = expectCode("FINALIZED_HEADER_UNEXPECTED", () => validate(update.value()));
      expect(details).to.deep.equal({ finalizedSlot: FINALIZED });
    });

    it("refuses any field of an otherwise empty header without a branch", () => {
      for (const key of ["slot", "proposerIndex", "parentRoot", "stateRoot", "bodyRoot"] as const) {
        const update = forge.update({ attestedSlot: ATTESTED, finalizedSlot: null });
        const changed = update.edit(({ finalizedHeader: { beacon } }) => {
          if (key === "slot" || key === "proposerIndex") beacon[key] = 1;
          else beacon[key][31] = 1;
        });
        expectCode("FINALIZED_HEADER_UNEXPECTED", () => validate(changed.value()));
      }
    });

    it("refuses execution data in an otherwise empty header", () => {
      for (const options of [{ finalizedSlot: null }, { finalizedSlot: 0 }] as const) {
        const value = forge.update({ attestedSlot: ATTESTED, ...options }).value();
        const { finalizedHeader } = value;
        const executionBranch = finalizedHeader.executionBranch.map((node, i) => (i === 10 ? fill("node") : node));
        for (const bits of [{ executionBlockHash: fill("hash") }, { executionBranch }]) {
          const changed = { ...value, finalizedHeader: { ...finalizedHeader, ...bits } };
          expectCode("FINALIZED_HEADER_UNEXPECTED", () => validate(changed));
        }
      }
    });

    it("refuses a zeroed finalized header where the state holds a block", () => {
      const update = honest.edit((wire) => Object.assign(wire, { finalizedHeader: emptyHeaderOf(fork) }));
      const details = expectCode("FINALITY_BRANCH_INVALID", () => validate(update.value()));
      expect(details.finalizedSlot).to.equal(0);
    });

    it("refuses a block as finalized where the state holds the zero root of genesis", () => {
      const update = forge.update({ attestedSlot: ATTESTED, finalizedSlot: 0 }).edit((wire) => {
        wire.finalizedHeader = honest.wire.finalizedHeader;
      });
      expectCode("FINALITY_BRANCH_INVALID", () => validate(update.value()));
    });

    it("refuses the genesis block itself, although the state holds its root", () => {
      const genesis = forge.block({ slot: 0 });
      const update = forge
        .update({ attestedSlot: ATTESTED, attested: { finalizedRoot: genesis.root } })
        .edit((wire) => Object.assign(wire, { finalizedHeader: genesis.header }));
      const details = expectCode("FINALIZED_HEADER_UNEXPECTED", () => validate(update.value()));
      expect(details).to.deep.equal({ finalizedSlot: 0 });
    });

    it("refuses a finalized header with execution data that is not its block's", () => {
      if (!isAtLeast(fork, "capella")) return;
      const { execution, executionBlockHash, executionBranch } = forge.block({ slot: FINALIZED - 1 }).header;
      const stolen = execution === undefined ? { executionBlockHash } : { execution };
      const update = honest.edit((wire) => Object.assign(wire.finalizedHeader, { ...stolen, executionBranch }));
      const details = expectCode("EXECUTION_BRANCH_INVALID", () => validate(update.value()));
      expect(details).to.include({ header: "finalized header", slot: FINALIZED });
    });
  });
}
