/** The proofs of one update: finality, next committee (given its root), execution payloads, and the headers' roots. */
import {
  assertValidLightClientHeader,
  createChain,
  finalizedRootGindexAtSlot,
  isValidNormalizedMerkleBranch,
  nextSyncCommitteeGindexAtSlot,
} from "../src/spec/index.js";
import { beaconHeaderRoot, syncCommitteeRoot } from "../src/ssz/roots.js";
import { decodeLine } from "./cases.js";
import type { Bench } from "./context.js";
import { DEFAULT_HASHER, withHashers } from "./hashers.js";
import { measure } from "./measure.js";
import { readyDefault } from "./peers.js";

const COUNT = 200;

export const merkleBranch: Bench = {
  name: "merkle-branch",
  async run({ isQuick, data }) {
    const bls = await readyDefault();
    const chain = createChain(data.network, bls!);
    const update = decodeLine(chain, data.lines.at(-1)!);
    const { finalizedHeader, finalityBranch, nextSyncCommittee, nextSyncCommitteeBranch } = update;
    const { slot, stateRoot } = update.attestedHeader.beacon;
    const committeeRoot = syncCommitteeRoot(chain.types, nextSyncCommittee);

    const check = (name: string, leaf: Uint8Array, branch: readonly Uint8Array[], gindex: number) => {
      if (!isValidNormalizedMerkleBranch(name, leaf, branch, gindex, stateRoot)) throw new Error(`${name}: refused`);
    };
    const tasks: Readonly<Record<string, () => void>> = {
      "next committee branch": () =>
        check(
          "next committee",
          committeeRoot,
          nextSyncCommitteeBranch,
          nextSyncCommitteeGindexAtSlot(data.network, slot),
        ),
      "finality branch, header root": () => {
        const root = beaconHeaderRoot(chain.types, finalizedHeader.beacon);
        check("finality", root, finalityBranch, finalizedRootGindexAtSlot(data.network, slot));
      },
      "execution branch": () => assertValidLightClientHeader(chain, "attested header", update.attestedHeader),
    };

    return withHashers((hashers) => {
      const variants = Object.entries(tasks).flatMap(([task, run]) =>
        hashers.map(({ name, use }) => ({
          metric: `${task}, ${name}`,
          ...(name === DEFAULT_HASHER ? {} : { baseline: `${task}, ${DEFAULT_HASHER}` }),
          count: COUNT,
          prepare: use,
          run() {
            for (let i = 0; i < COUNT; i++) run();
          },
        })),
      );
      return measure(variants, { bench: merkleBranch.name, unit: "µs", rounds: isQuick ? 7 : 31 });
    });
  },
};
