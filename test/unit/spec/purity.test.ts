/** The protocol's functions change none of their arguments, whether they accept or refuse. */
import { expect } from "chai";
import { initializeLightClientStore } from "../../../src/spec/initialize.js";
import {
  applyLightClientUpdate,
  processLightClientFinalityUpdate,
  processLightClientOptimisticUpdate,
  processLightClientStoreForceUpdate,
  processLightClientUpdate,
} from "../../../src/spec/process.js";
import { isBetterUpdate } from "../../../src/spec/update.js";
import { validateLightClientUpdate } from "../../../src/spec/validate.js";
import { DECODERS } from "../../support/decoders.js";
import { codeOf } from "../../support/expect-code.js";
import type { Forge, UpdateOptions } from "../../support/forge.js";
import { forgeAt, storeAt, storeWithNext } from "../../support/forges.js";
import { contentOf, deepFreeze } from "../../support/frozen.js";
import { DISTINCT_FORKS } from "../../support/networks.js";
import { oneOfEach } from "../../support/objects.js";

const OPTIONS: UpdateOptions[] = [
  { attestedSlot: 100, finalizedSlot: 80 },
  { attestedSlot: 100, finalizedSlot: null, participants: 3 },
  { attestedSlot: 100, finalizedSlot: 0, nextCommittee: false },
  { attestedSlot: 150, finalizedSlot: 130 },
  { attestedSlot: 60 },
  { attestedSlot: 100, signers: [1], bits: [2] },
  { attestedSlot: 100, participants: 0 },
];

for (const fork of DISTINCT_FORKS) {
  describe(`purity (${fork})`, () => {
    let forge: Forge;
    before(async () => {
      forge = await forgeAt(fork);
    });

    /** Runs on frozen arguments and compares their bytes. Refusals are welcome, TypeErrors are not. */
    function unchanged(what: string, args: readonly unknown[], run: () => unknown): void {
      deepFreeze(args);
      const before = contentOf(args);
      codeOf(run);
      expect(contentOf(args), what).to.equal(before);
    }

    it("validate, process, apply and force leave store and update alone", () => {
      for (const options of OPTIONS) {
        const update = forge.update(options).value();
        for (const store of [
          storeAt(forge, 70),
          storeWithNext(forge, 70),
          { ...storeWithNext(forge, 70), bestValidUpdate: update },
        ]) {
          const { chain } = forge;
          const args = [store, update];
          unchanged("validate", args, () => validateLightClientUpdate(chain, store, update, 1000));
          unchanged("process", args, () => processLightClientUpdate(chain, store, update, 1000));
          unchanged("finality", args, () => processLightClientFinalityUpdate(chain, store, update, 1000));
          unchanged("optimistic", args, () => processLightClientOptimisticUpdate(chain, store, update, 1000));
          unchanged("apply", args, () => applyLightClientUpdate(chain, store, update));
          unchanged("force", args, () => processLightClientStoreForceUpdate(chain, store, 1000));
          unchanged("rank", args, () => isBetterUpdate(chain, update, store.bestValidUpdate ?? update));
        }
      }
    });

    it("initialize leaves the bootstrap and the root alone", () => {
      const { root, value } = forge.bootstrap(70);
      for (const trusted of [root, new Uint8Array(32)]) {
        const bootstrap = value();
        unchanged("initialize", [bootstrap, trusted], () =>
          initializeLightClientStore(forge.chain, trusted, bootstrap),
        );
      }
    });

    it("decoding leaves bytes and JSON alone", () => {
      for (const forged of oneOfEach(forge, 100)) {
        for (const encoding of ["ssz", "json"] as const) {
          const raw = forged.raw({ encoding });
          unchanged(forged.object, [raw], () => DECODERS[forged.object](forge.chain, raw));
        }
      }
    });

    it("gives the same answer twice", () => {
      const update = forge.update({ attestedSlot: 100 }).value();
      const store = storeAt(forge, 70);
      const [first, second] = [1, 2].map(() => processLightClientUpdate(forge.chain, store, update, 1000));
      expect(contentOf(first)).to.equal(contentOf(second));
    });
  });
}
