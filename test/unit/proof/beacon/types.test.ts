/**
 * States and blocks of every fork, against `@chainsafe/ssz` with containers that were written apart: encodings, roots and
 * generalized indices.
 */
import type { CompositeTypeAny, JsonPath } from "@chainsafe/ssz";
import { expect } from "chai";
import { mainnet } from "../../../../src/networks/index.js";
import { gnosisPreset, mainnetPreset, minimalPreset } from "../../../../src/networks/presets.js";
import { LIGHT_CLIENT_FORKS } from "../../../../src/networks/types.js";
import { beaconTypesAtSlot, createBeaconTypes } from "../../../../src/proof/beacon/types.js";
import { toHex } from "../../../../src/ssz/bytes.js";
import { locate } from "../../../../src/ssz/path.js";
import { rootOfBytes } from "../../../../src/ssz/tree.js";
import type { AnyType } from "../../../../src/ssz/type.js";
import { expectCode } from "../../../support/expect-code.js";
import { FUZZ } from "../../../support/fuzz.js";
import { pathsInto, randomValue } from "../../../support/random-ssz.js";
import { createConsensusTypes } from "../../../vectors/types/index.js";

const PRESETS = [minimalPreset, mainnetPreset];
const CONTAINERS = ["BeaconState", "BeaconBlockBody"] as const;
/** Forks whose states are tried in mainnet's size; with SIDELIGHT_FUZZ above 1 all of them. */
const WHOLE_STATES = FUZZ > 1 ? LIGHT_CLIENT_FORKS : LIGHT_CLIENT_FORKS.slice(-2);

describe("createBeaconTypes", () => {
  for (const preset of PRESETS) {
    const ours = createBeaconTypes(preset);
    const theirs = createConsensusTypes(preset.name as "minimal");
    for (const fork of LIGHT_CLIENT_FORKS) {
      for (const name of CONTAINERS) {
        const type = ours.forks[fork][name] as unknown as AnyType;
        const other: CompositeTypeAny = theirs[fork][name];

        it(`${preset.name} ${fork} ${name}: every path has the generalized index of @chainsafe/ssz`, () => {
          const paths = pathsInto(type);
          for (const path of paths) {
            const found = locate(type, path);
            const label = path.join(".");
            if (!("gindex" in found)) throw new Error(`${label}: ${found.expected}`);
            expect(found.gindex, label).to.equal(gindexOf(other, path));
          }
          expect(paths.length).to.be.above(50);
        });

        it(`${preset.name} ${fork} ${name}: encodings and roots are those of @chainsafe/ssz`, () => {
          // a state of this size takes seconds, and what is in it is what is in the small one
          if (preset === mainnetPreset && name === "BeaconState" && !WHOLE_STATES.includes(fork)) return;
          for (const seed of preset === mainnetPreset ? ["a"] : ["a", "b"]) {
            const value = randomValue(type, seed);
            const bytes = (type as { serialize(v: unknown): Uint8Array }).serialize(value);
            const decoded = other.deserialize(bytes);
            expect(toHex(other.serialize(decoded)) === toHex(bytes), "encoding").to.equal(true);
            const root = toHex(other.hashTreeRoot(decoded));
            expect(toHex(rootOfBytes(type, bytes)), "root of the bytes").to.equal(root);
            // it has 65536 mixes: to compare them one by one takes seconds
            if (preset === mainnetPreset) continue;
            expect(type.deserialize(bytes), "decoded").to.deep.equal(value);
            expect(toHex((type as { hashTreeRoot(v: unknown): Uint8Array }).hashTreeRoot(value))).to.equal(root);
          }
        });
      }
    }
  }

  it("knows Gnosis Chain's withdrawals: 8 of a payload", () => {
    const { forks } = createBeaconTypes(gnosisPreset);
    const payload = forks.fulu.BeaconBlockBody.fields.find(({ name }) => name === "executionPayload")!.type as AnyType;
    const fields = payload.kind === "container" ? payload.fields : [];
    const withdrawals = fields.find(({ name }) => name === "withdrawals");
    expect(withdrawals?.type.name).to.equal("List[Withdrawal, 8]");
  });
});

/** `"length"` is at the right of the list's root. */
function gindexOf(type: CompositeTypeAny, path: readonly (string | number)[]): bigint {
  if (path.at(-1) === "length") return 2n * gindexOf(type, path.slice(0, -1)) + 1n;
  return path.length === 0 ? 1n : type.getPathInfo(path as JsonPath).gindex;
}

describe("beaconTypesAtSlot", () => {
  const types = createBeaconTypes(mainnetPreset);
  it("gives the containers of the slot's fork", () => {
    const first = mainnet.forks.electra.epoch * 32;
    expect(beaconTypesAtSlot(types, mainnet, first)).to.equal(types.forks.electra);
    expect(beaconTypesAtSlot(types, mainnet, first - 1)).to.equal(types.forks.deneb);
  });

  it("refuses a slot before Altair", () => {
    expectCode("FORK_MISMATCH", () => beaconTypesAtSlot(types, mainnet, 0));
  });
});
