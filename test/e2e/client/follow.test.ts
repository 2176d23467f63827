import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { codesOf, record } from "../../unit/client/fake-chain.js";
import { watchUnhandled } from "../../unit/client/waiting.js";
import { expectTrueCommittee, expectTrueHeader, expectTrueParticipation } from "./expect-truth.js";
import { createWorld, type Node, type World } from "./world.js";

/** Two epochs of each fork, all of them crossed while following; the checkpoint is two periods before. */
const FORKS = { altair: 0, bellatrix: 18, capella: 20, deneb: 22, electra: 24, fulu: 26, gloas: 28 };
const BLOBS = [{ epoch: 27, maxBlobsPerBlock: 12 }];
const START = 136;
const END = 31 * 8;

describe("a client that follows a real chain from Altair to Gloas", () => {
  watchUnhandled();
  let world: World;
  const clients: { mode: string; node: Node; client: LightClient; log: ReturnType<typeof record> }[] = [];

  before(async () => {
    world = await createWorld({ forks: FORKS, blobSchedule: BLOBS, preSlots: START });
    const { root } = await world.devnet.checkpoint({ epoch: 5 });
    const modes = [
      { mode: "by stream", faults: [], options: {} },
      { mode: "by polling", faults: [{ kind: "sse-refused" } as const], options: {} },
      {
        mode: "by polling in JSON",
        faults: [{ kind: "sse-refused" } as const],
        options: { encodings: "json" } as const,
      },
    ];
    for (const { mode, faults, options } of modes) {
      const node = await world.node(mode, faults, options);
      const client = world.client({ checkpoint: root, sources: [node.source] });
      clients.push({ mode, node, client, log: record(client) });
    }
    await world.drive(Promise.all(clients.map(({ client }) => client.start())));
    for (const { client } of clients) expect(client.head?.slot).to.equal(START - 1);
    for (let slot = START + 1; slot <= END; slot++) {
      await world.tick();
      for (const { mode, client } of clients) {
        expect(client.head?.slot, `head ${mode} at slot ${slot}`).to.equal(slot - 1);
        expect(client.status.state, `status ${mode} at slot ${slot}`).to.equal("following");
      }
    }
  });
  after(async () => {
    await Promise.all(clients.map(({ client }) => client.stop()));
    await world?.stop();
  });

  for (const i of [0, 1, 2]) {
    const mode = ["by stream", "by polling", "by polling in JSON"][i];

    it(`tells every head as it is, ${mode}`, async () => {
      const { log } = clients[i]!;
      const slots = log.head.map(({ slot }) => slot);
      expect(slots).to.deep.equal(Array.from({ length: END - START + 1 }, (_, n) => START - 1 + n));
      for (const header of log.head) await expectTrueHeader(world, header);
      expect(log.reorg).to.deep.equal([]);
    });

    it(`tells every finality as it is, ${mode}`, async () => {
      const { client, log } = clients[i]!;
      const epochs = log.finality.map(({ epoch }) => epoch);
      expect(epochs).to.deep.equal(epochs.map((_, n) => epochs[0]! + n));
      for (const header of log.finality) {
        await expectTrueHeader(world, header);
        expect(header.trust.level).to.equal("finalized");
      }
      // of the head that the client knows: that of the newest block is one block ahead
      const { finalized } = await world.truth(client.head!.slot);
      expect(client.finalized?.root).to.equal(finalized.root);
    });

    it(`tells the committee of every period, ${mode}`, async () => {
      const { log } = clients[i]!;
      expect(log.committee.map(({ period }) => period)).to.deep.equal([0, 1, 2, 3, 4]);
      for (const committee of log.committee.slice(0, -1)) await expectTrueCommittee(world, committee);
    });

    it(`tells every signature as it is, ${mode}`, async () => {
      const { log } = clients[i]!;
      const members = new Map(log.committee.map(({ period, pubkeys }) => [period, pubkeys]));
      const following = log.participation.filter(({ slot }) => slot > START);
      expect(following.map(({ slot }) => slot)).to.deep.equal(
        Array.from({ length: END - START }, (_, n) => START + 1 + n),
      );
      for (const participation of log.participation) await expectTrueParticipation(world, participation, members);
    });

    it(`has no failure to report but the missing stream, ${mode}`, () => {
      const codes = new Set(codesOf(clients[i]!.log));
      expect(codes).to.deep.equal(new Set(i === 0 ? [] : ["SUBSCRIPTION_FAILED"]));
    });
  }

  it("asks in the encoding that it was told to use", async () => {
    const accepts = async (i: number) => {
      const log = await clients[i]!.node.takeLog();
      return new Set(log.filter(({ route }) => route !== "events").map(({ contentType }) => contentType.split(";")[0]));
    };
    expect(await accepts(1)).to.deep.equal(new Set(["application/octet-stream"]));
    expect(await accepts(2)).to.deep.equal(new Set(["application/json"]));
  });
});
