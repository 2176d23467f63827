/** `hash_tree_root` of a sync committee: 1023 hashes, twice in every update (the next one, and the known one). */
import { createTypes } from "../src/spec/index.js";
import { syncCommitteeRoot } from "../src/ssz/roots.js";
import { startFrom } from "./cases.js";
import type { Bench } from "./context.js";
import { DEFAULT_HASHER, withHashers } from "./hashers.js";
import { measure } from "./measure.js";
import { readyDefault } from "./peers.js";

const COUNT = 10;

export const committeeRoot: Bench = {
  name: "committee-root",
  async run({ isQuick, data }) {
    const bls = await readyDefault();
    const { currentSyncCommittee } = startFrom(data, bls).store;
    const types = createTypes(data.network.preset);
    return withHashers((hashers) =>
      measure(
        hashers.map(({ name, use }) => ({
          metric: name,
          ...(name === DEFAULT_HASHER ? {} : { baseline: DEFAULT_HASHER }),
          count: COUNT,
          prepare: use,
          run() {
            for (let i = 0; i < COUNT; i++) syncCommitteeRoot(types, currentSyncCommittee);
          },
        })),
        { bench: committeeRoot.name, unit: "ms", rounds: isQuick ? 7 : 31 },
      ),
    );
  },
};
