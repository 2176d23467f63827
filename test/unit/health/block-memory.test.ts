/** Block mode remembers about three epochs, however long it runs: counted by what is still reachable. */
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { createBlockHealth } from "../../../src/health/blocks/block-health.js";
import type { BlockFacts } from "../../../src/health/blocks/decode-block.js";
import { mainnet } from "../../../src/networks/mainnet.js";
import { minimalPreset } from "../../../src/networks/presets.js";
import type { Network } from "../../../src/networks/types.js";
import { BitArray } from "../../../src/ssz/bit-array.js";
import { toHex } from "../../../src/ssz/bytes.js";

const network: Network = { ...mainnet, preset: minimalPreset };
const { slotsPerEpoch } = minimalPreset;
const EPOCHS = 400;
const EPOCHS_REMEMBERED = 4;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const rootOf = (slot: number) => {
  const root = new Uint8Array(32);
  new DataView(root.buffer).setUint32(0, slot + 1);
  return root;
};

/** A block whose one attestation, by everyone, is for the block before it; `bits` is what a vote keeps. */
function blockAt(slot: number, bits: BitArray): BlockFacts {
  const voted = slot - 1;
  const epoch = Math.floor(voted / slotsPerEpoch);
  const source = { epoch: Math.max(0, epoch - 1), root: rootOf(Math.max(0, epoch - 1) * slotsPerEpoch) };
  const target = { epoch, root: rootOf(epoch * slotsPerEpoch) };
  return {
    slot,
    root: toHex(rootOf(slot)),
    parentRoot: toHex(rootOf(slot - 1)),
    proposerIndex: 0,
    attestations: [
      { aggregationBits: bits, data: { slot: voted, index: 0, beaconBlockRoot: rootOf(voted), source, target } },
    ],
    proposerSlashings: 0,
    attesterSlashings: 0,
    syncCommitteeBits: "0xffffffff",
    syncCommitteeSize: 32,
  };
}

describe("createBlockHealth over a long time", () => {
  for (const direction of ["forwards", "backwards"] as const) {
    it(`keeps ${EPOCHS_REMEMBERED} epochs of votes at most, ${direction}`, async () => {
      const health = createBlockHealth({ network });
      const seen: WeakRef<BitArray>[] = [];
      let completed = 0;
      const count = EPOCHS * slotsPerEpoch;
      for (let i = 0; i < count; i++) {
        const slot = direction === "forwards" ? 1 + i : count - i;
        const bits = new BitArray(Uint8Array.of(0x0f), 4);
        seen.push(new WeakRef(bits));
        const epochs = health.add(blockAt(slot, bits));
        completed += epochs.length;
        for (const { values } of epochs) expect(values.voteParticipation).to.equal(1);
      }
      expect(completed).to.be.within(EPOCHS - 3, EPOCHS);
      // a WeakRef that was made or read in this turn keeps its object until the turn ends
      await setTimeout(0);
      collectGarbage();
      const reachable = seen.filter((each) => each.deref() !== undefined).length;
      expect(reachable).to.be.within(1, EPOCHS_REMEMBERED * slotsPerEpoch);
      // used here, so that it was not collected as a whole
      expect(health.add).to.be.a("function");
    });
  }
});
