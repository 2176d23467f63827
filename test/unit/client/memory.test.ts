import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { createLightClient } from "../../../src/client/light-client.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { RawObject, Source, SubscribeOptions } from "../../../src/transport/port.js";
import { firstMembers } from "../../support/bits.js";
import { manualClock } from "../../support/clock.js";
import { createForge } from "../../support/forge.js";
import { networkAtFork } from "../../support/networks.js";
import { stubBls } from "../../support/stub-bls.js";
import { drive, until } from "./waiting.js";

const START_SLOT = 100;
/** Until the engine has compiled and learnt what it will. */
const WARM_SLOTS = 400;
const MEASURED_SLOTS = 600;
const LAST_SLOT = START_SLOT + WARM_SLOTS + MEASURED_SLOTS;
const PERIOD_SLOTS = 64;
/** 500 bytes a slot, for what the engine still learns (more when coverage is measured): one header kept would be ten times it. */
const MARGIN_BYTES = 1_000_000;

const network = networkAtFork("electra");
const slotMs = network.slotDurationMs;

function timeOf(slot: number): number {
  return network.genesisTime * 1000 + slot * slotMs;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function heapBytes(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return process.memoryUsage().heapUsed;
}

/** Made before anything is measured: a forge remembers its blocks. Nobody looks at the signatures. */
async function createData() {
  const forge = await createForge({ network, bls: stubBls() });
  const unsigned = { signers: [], bits: firstMembers(network.preset.syncCommitteeSize) };
  const optimistic: RawObject[] = [];
  const finality: RawObject[] = [];
  const updates: RawObject[] = [];
  for (let slot = START_SLOT - 8; slot <= LAST_SLOT + 8; slot++) {
    optimistic[slot] = forge.optimisticUpdate({ attestedSlot: slot - 1, ...unsigned }).raw();
    if (slot % 8 === 2) finality[slot] = forge.finalityUpdate({ attestedSlot: slot - 1, ...unsigned }).raw();
  }
  for (let period = 0; period * PERIOD_SLOTS < LAST_SLOT; period++) {
    updates.push(forge.update({ attestedSlot: period * PERIOD_SLOTS + 16, ...unsigned }).raw());
  }
  return { bootstrap: forge.bootstrap(8), optimistic, finality, updates };
}

describe("the memory of a client that follows", function () {
  this.timeout(120_000);
  let data: Awaited<ReturnType<typeof createData>>;

  before(async () => {
    data = await createData();
  });

  for (const hasStream of [false, true]) {
    it(`stays what it is over ${MEASURED_SLOTS} slots ${hasStream ? "with" : "without"} a stream`, async () => {
      const clock = manualClock(timeOf(START_SLOT));
      const slot = () => Math.floor((clock.nowMs() - timeOf(0)) / slotMs);
      const subscriptions = new Set<SubscribeOptions>();
      const source: Source = {
        name: "prepared",
        bootstrap: async () => data.bootstrap.raw(),
        finalityUpdate: async () => data.finality[slot() - ((slot() + 6) % 8)]!,
        optimisticUpdate: async () => data.optimistic[slot()]!,
        updates: async (start, count) => data.updates.slice(start, start + count),
      };
      if (hasStream) source.subscribe = (subscription) => subscribe(subscriptions, subscription);
      const checkpoint = toHex(data.bootstrap.root);
      const client = createLightClient({ network, checkpoint, sources: [source], clock, bls: stubBls() });
      let events = 0;
      for (const name of ["head", "finality", "participation", "committee", "reorg", "status"] as const) {
        client.on(name, () => events++);
      }
      const heads = client.events("head");

      async function follow(slots: number): Promise<void> {
        for (const end = slot() + slots; slot() < end; ) {
          const next = slot() + 1;
          await clock.advanceTo(timeOf(next) + slotMs * 0.4);
          for (const { onEvent } of subscriptions) {
            onEvent({ type: "optimistic", object: data.optimistic[next]! });
            if (data.finality[next]) onEvent({ type: "finality", object: data.finality[next] });
          }
          await clock.advanceTo(timeOf(next) + slotMs * 0.6);
          await until(() => client.head?.slot === next - 1);
          await heads.next(); // a reader that keeps up
        }
      }

      await drive(clock, client.start());
      await follow(WARM_SLOTS);
      const before = await heapBytes();
      await follow(MEASURED_SLOTS);
      const after = await heapBytes();
      expect(events).to.be.greaterThan(2 * MEASURED_SLOTS);
      expect(client.finalized?.trust.ageSlots).to.be.below(40);
      expect(after - before, "bytes more").to.be.below(MARGIN_BYTES);
      await heads.return?.();
      await client.stop();
    });
  }
});

function subscribe(subscriptions: Set<SubscribeOptions>, subscription: SubscribeOptions): Promise<void> {
  subscriptions.add(subscription);
  subscription.onOpen?.();
  return new Promise((resolve) => {
    subscription.signal?.addEventListener("abort", () => {
      subscriptions.delete(subscription);
      resolve();
    });
  });
}
