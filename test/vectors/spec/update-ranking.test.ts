/** consensus-specs `tests/formats/light_client/update_ranking.md`: updates of one period, best first. */
import { expect } from "chai";
import { blstBls } from "../../../src/bls/blst/index.js";
import { createChain, decodeUpdate, isBetterUpdate } from "../../../src/spec/index.js";
import { describeWithData, readSszSnappy, readYaml } from "../data-folder.js";
import { casesOf, countCase, labelOf } from "./cases.js";
import { networkOfFork } from "./networks.js";

describeWithData("light_client/update_ranking", () => {
  for (const vector of casesOf("light_client", "update_ranking")) {
    it(`${labelOf(vector)}: each update is better than all that follow, and none of them than it`, function () {
      this.timeout(60_000);
      const { updates_count } = readYaml(`${vector.folder}/meta.yaml`) as { updates_count: string };
      const count = Number(updates_count);
      const names = Array.from({ length: count }, (_, i) => `updates_${i}.ssz_snappy`);
      expect(vector.files.filter((file) => file.startsWith("updates_"))).to.have.members(names);

      const chain = createChain(networkOfFork(vector.fork, vector.preset as "minimal"), blstBls());
      const updates = names.map((name) =>
        decodeUpdate(chain, {
          encoding: "ssz",
          bytes: readSszSnappy(`${vector.folder}/${name}`),
          fork: vector.fork,
        }),
      );
      for (const [i, better] of updates.entries()) {
        expect(isBetterUpdate(chain, better, better), `${i} than itself`).to.equal(false);
        for (const [j, worse] of updates.entries()) {
          if (j > i) expect(isBetterUpdate(chain, better, worse), `${i} than ${j}`).to.equal(true);
          if (j > i) expect(isBetterUpdate(chain, worse, better), `${j} than ${i}`).to.equal(false);
        }
      }
      countCase(vector);
    });
  }
});
