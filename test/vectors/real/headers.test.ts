/** A node's answers for 192 slots in a row: a block's header, or 404 where the slot was missed. */
import { expect } from "chai";
import { toHex } from "../../../src/ssz/bytes.js";
import { decodeJson } from "../../../src/ssz/json.js";
import { beaconHeaderRoot } from "../../../src/ssz/roots.js";
import { describeWithData, listFiles, readJson } from "../data-folder.js";
import { readObjects } from "./raw.js";
import { CHAINS, countObject, decodeSigned } from "./session.js";
import { SESSIONS } from "./sessions.js";

const SET = "mainnet/bellatrix-capella-synapse";

type Answer =
  | { readonly code: number }
  | { readonly data: { readonly root: string; readonly header: { message: unknown } } };

describeWithData("answers for single slots", () => {
  const chain = CHAINS.mainnet;
  const rootOfSlot = new Map<number, string>();
  let missed = 0;

  it("have the root that the header has, and the parent that came before it", () => {
    let parent: string | undefined;
    for (const path of listFiles(`${SET}/beacon/header`)) {
      const answer = readJson(path) as Answer;
      if ("code" in answer) {
        expect(answer.code, path).to.equal(404);
        missed++;
        continue;
      }
      const context = { object: "BeaconBlockHeader", fork: "capella" };
      const header = decodeJson(chain.types.BeaconBlockHeader, answer.data.header.message, context);
      expect(path.endsWith(`slot-${String(header.slot).padStart(9, "0")}.json`), path).to.equal(true);
      expect(toHex(beaconHeaderRoot(chain.types, header)), path).to.equal(answer.data.root);
      if (parent !== undefined) expect(toHex(header.parentRoot), path).to.equal(parent);
      parent = answer.data.root;
      rootOfSlot.set(header.slot, parent);
      countObject(chain, `${SET} (headers)`, header.slot);
    }
    expect(rootOfSlot.size + missed).to.equal(192);
    expect(missed).to.be.greaterThan(0);
  });

  it("are the blocks that the finality updates speak of", () => {
    const steps = SESSIONS.filter(({ set }) => set === SET).flatMap((session) => session.steps);
    const finality = steps.filter(({ kind }) => kind === "finality");
    expect(finality).to.have.length(6);
    let found = 0;
    for (const { source } of finality) {
      const update = decodeSigned(chain, "finality", readObjects(source)[0]!);
      for (const { beacon } of [update.attestedHeader, update.finalizedHeader]) {
        const root = rootOfSlot.get(beacon.slot);
        if (root === undefined) continue;
        expect(toHex(beaconHeaderRoot(chain.types, beacon))).to.equal(root);
        found++;
      }
    }
    expect(found).to.be.greaterThan(6);
  });
});
