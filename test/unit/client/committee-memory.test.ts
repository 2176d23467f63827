/** What a backend keeps of a committee lives as long as the committee can matter, and no longer. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { blstBls } from "../../../src/bls/blst/index.js";
import { herumiBls } from "../../../src/bls/herumi.js";
import type { Bls } from "../../../src/bls/port.js";
import { createFakeChain, record } from "./fake-chain.js";
import { drive } from "./waiting.js";

const PERIOD_SLOTS = 64;
const PERIODS = 30;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The backend, and weakly every handle that it made: the keys hang on those. */
function watched(bls: Bls): { bls: Bls; handles: Set<WeakRef<object>> } {
  const handles = new Set<WeakRef<object>>();
  const seen = new WeakSet<object>();
  return {
    handles,
    bls: {
      ...bls,
      committee(committee) {
        const handle = bls.committee(committee);
        if (!seen.has(handle)) handles.add(new WeakRef(handle));
        seen.add(handle);
        return handle;
      },
    },
  };
}

/** The current and the next one; and the one before, while what it signed may have to be shown as evidence. */
const MOST = 3;

async function alive(handles: Set<WeakRef<object>>): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return [...handles].filter((handle) => handle.deref() !== undefined).length;
}

describe("the committees that a client holds", function () {
  this.timeout(60_000);

  for (const create of [blstBls, herumiBls]) {
    it(`are few after catching up with ${create().name}, and after following into another period`, async () => {
      const chain = await createFakeChain({ slot: PERIODS * PERIOD_SLOTS + 30 });
      const { bls, handles } = watched(create());
      const client = chain.client({ bls });
      let committees = 0;
      client.on("committee", () => committees++);
      await drive(chain.clock, client.start());
      expect(committees).to.equal(PERIODS + 2);
      expect(handles.size).to.be.at.least(PERIODS);
      expect(await alive(handles)).to.be.within(1, MOST);
      for (let i = 0; i < 12; i++) {
        await chain.clock.advanceTo(chain.clock.nowMs() + 8 * chain.network.slotDurationMs);
        await drive(chain.clock, client.syncOnce());
      }
      expect(client.finalized!.slot).to.be.greaterThan((PERIODS + 1) * PERIOD_SLOTS);
      expect(await alive(handles)).to.be.within(1, MOST);
      await client.stop();
    });
  }

  it("are given up when a source's forged ones are refused", async () => {
    const chain = await createFakeChain({ slot: PERIODS * PERIOD_SLOTS + 30 });
    const { bls, handles } = watched(blstBls());
    const liar = chain.source("liar");
    const honest = chain.source("honest");
    const { updates } = liar;
    const evil = (period: number) => chain.forge.otherCommittee(`evil ${period}`);
    liar.updates = async (start, count, options) =>
      (await updates(start, count, options)).map((_, i) =>
        chain.forge
          .update({
            attestedSlot: (start + i) * PERIOD_SLOTS + 61,
            committee: evil(start + i),
            attested: { nextCommittee: evil(start + i + 1) },
          })
          .raw(),
      );
    const client = chain.client({ bls, sources: [liar, honest] });
    const log = record(client);
    await drive(chain.clock, client.syncOnce());
    expect(log.error.map(({ error }) => error.code)).to.deep.equal(["SIGNATURE_INVALID"]);
    expect(await alive(handles)).to.be.within(1, MOST);
    await client.stop();
  });
});
