import { expect } from "chai";
import { decodeBootstrap } from "../../../src/ssz/decode.js";
import { executionHeaderRoot } from "../../../src/ssz/roots.js";
import { NEWEST_DEPTHS } from "../../../src/ssz/types.js";
import { emptyBranch, emptyHeader, isEmptyHeader, normalizeMerkleBranch } from "../../../src/ssz/upgrade.js";
import { executionRoot } from "../../support/blocks.js";
import { ExecutionPayloadHeaders } from "../../support/containers.js";
import { fill } from "../../support/fill.js";
import { forgeAt } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import { DISTINCT_FORKS, LIGHT_CLIENT_FORKS } from "../../support/networks.js";
import { oneOfEach } from "../../support/objects.js";
import { isAtLeast } from "../../support/protocol.js";
import { emptyHeaderOf, headerInShape } from "../../support/wire.js";

describe("normalizeMerkleBranch", () => {
  it("puts zero nodes in front, and never shortens", () => {
    const branch = [fill("a"), fill("b")];
    expect(normalizeMerkleBranch(branch, 2)).to.deep.equal(branch);
    expect(normalizeMerkleBranch(branch, 1)).to.deep.equal(branch);
    const padded = normalizeMerkleBranch(branch, 4);
    expect(padded).to.deep.equal([new Uint8Array(32), new Uint8Array(32), ...branch]);
    expect(padded[0]).to.not.equal(padded[1]);
    expect(normalizeMerkleBranch([], 3)).to.deep.equal(emptyBranch(3));
  });
});

describe("emptyHeader", () => {
  it("is empty, and stays it: nobody shares its bytes", () => {
    emptyHeader().beacon.parentRoot.fill(1);
    emptyHeader().executionBranch[0]!.fill(1);
    expect(isEmptyHeader(emptyHeader())).to.equal(true);
    expect(emptyHeader().executionBranch.length).to.equal(NEWEST_DEPTHS.execution);
  });

  it("is no longer empty with any single field set", () => {
    const header = emptyHeader();
    const { beacon } = header;
    const beacons = [
      { ...beacon, slot: 1 },
      { ...beacon, proposerIndex: 1 },
      { ...beacon, parentRoot: fill("x") },
      { ...beacon, stateRoot: fill("x") },
      { ...beacon, bodyRoot: fill("x") },
    ];
    for (const other of beacons) expect(isEmptyHeader({ ...header, beacon: other })).to.equal(false);
    expect(isEmptyHeader({ ...header, executionBlockHash: fill("x") })).to.equal(false);
    expect(isEmptyHeader({ ...header, execution: ExecutionPayloadHeaders.deneb.defaultValue() })).to.equal(false);
    for (let node = 0; node < 11; node++) {
      const executionBranch = header.executionBranch.map((known, i) => (i === node ? fill("x") : known));
      expect(isEmptyHeader({ ...header, executionBranch })).to.equal(false);
    }
  });

  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`is what the empty header of ${fork} becomes in every newer shape`, async () => {
      const forge = await forgeAt(fork);
      const update = forge.update({ attestedSlot: 100, finalizedSlot: null });
      for (const shape of LIGHT_CLIENT_FORKS.filter((newer) => isAtLeast(newer, fork))) {
        expect(update.value({ shape }).finalizedHeader).to.deep.equal(emptyHeader());
      }
    });
  }
});

describe("upgradeHeader", () => {
  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`makes of ${fork} headers what the specification's steps make`, async () => {
      const forge = await forgeAt(fork);
      for (const slot of [0, 7, 31, 32, 33, 100]) {
        const { header } = forge.block({ slot });
        const value = forge.bootstrap(slot).value().header;
        const gloas = headerInShape(header, "gloas", fork);
        expect(value.beacon).to.deep.equal(header.beacon);
        expect(value.executionBlockHash).to.deep.equal(gloas.executionBlockHash);
        expect(value.executionBranch).to.deep.equal(gloas.executionBranch);
        if (header.execution === undefined) expect(value.execution).to.equal(null);
        else expect(value.execution).to.deep.equal({ blobGasUsed: 0n, excessBlobGas: 0n, ...header.execution });
      }
    });

    it(`gives the same from every shape that holds ${fork} data`, async () => {
      const forge = await forgeAt(fork);
      for (const forged of oneOfEach(forge, 100)) {
        for (const shape of DISTINCT_FORKS.filter((newer) => isAtLeast(newer, fork))) {
          for (const encoding of ["ssz", "json"] as const) {
            const same = contentOf(forged.value({ shape, encoding }));
            const withoutExecution = (content: string) => content.replace(/"execution":(null|\{[^}]*\})/g, "");
            const exact = shape !== "gloas" || fork === "gloas";
            const normal = exact ? (content: string) => content : withoutExecution;
            expect(normal(same)).to.equal(normal(contentOf(forged.value())));
          }
        }
      }
    });
  }

  it("keeps the root of the payload header, before Deneb and from it on", async () => {
    for (const fork of ["capella", "deneb"] as const) {
      const forge = await forgeAt(fork);
      const { execution } = forge.bootstrap(100).value().header;
      const expected = executionRoot(forge.block({ slot: 100 }).header.execution!);
      expect(executionHeaderRoot(forge.chain.types, execution!, fork === "deneb")).to.deep.equal(expected);
    }
  });

  it("keeps an empty payload header that has a branch, for the check to refuse", async () => {
    for (const fork of ["altair", "capella", "deneb", "electra"] as const) {
      const forge = await forgeAt(fork);
      const shape = fork === "altair" ? "capella" : fork;
      const json = forge.bootstrap(100).json(shape) as { header: { execution_branch: string[]; execution: unknown } };
      json.header.execution = forge.update({ attestedSlot: 100, finalizedSlot: null }).json(shape)[
        "finalized_header"
      ] as never;
      json.header.execution = (json.header.execution as { execution: unknown }).execution;
      json.header.execution_branch[3] = `0x${"11".repeat(32)}`;
      const { header } = decodeBootstrap(forge.chain, { encoding: "json", value: json, fork: shape });
      expect(header.execution).to.not.equal(null);
      expect(isEmptyHeader({ ...header, beacon: emptyHeader().beacon })).to.equal(false);
    }
    expect(emptyHeaderOf("altair")).to.have.keys("beacon");
  });
});
