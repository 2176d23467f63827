/** A whole client: from a checkpoint to a head that moves, and again from what was stored. */
import { expect } from "chai";
import { createLightClient, type LightClient } from "../../../src/client/light-client.js";
import type { VerifiedHeader } from "../../../src/client/types.js";
import type { SidelightError } from "../../../src/errors.js";
import { indexedDbStore } from "../../../src/store/indexeddb.js";
import { restSource } from "../../../src/transport/rest.js";
import { until } from "../../contract/async.js";
import type { Devnet, DevnetServer } from "../../devnet/src/bind.ts";
import type { Fault } from "../../devnet/src/faults.ts";
import { networkOf } from "../../support/network-of.js";
import { type Chains, connectChain } from "../support/chains.js";
import { deleteDatabase } from "./stores.js";

const NEW_HEADS = 3;

interface Follower {
  readonly client: LightClient;
  readonly server: DevnetServer;
  readonly heads: VerifiedHeader[];
  readonly errors: SidelightError[];
  /** Slot by the server's log. */
  routes(): Promise<string[]>;
}

export function clientSuites(scope: string, getChains: () => Chains): void {
  describe("createLightClient and a live chain", () => {
    let chain: Devnet;
    let checkpoint: string;
    const servers: DevnetServer[] = [];
    const database = `client of ${scope}`;

    before(async () => {
      chain = await connectChain(getChains(), "live");
      checkpoint = (await chain.checkpoint({ epoch: 9 })).root;
    });
    after(async () => {
      for (const server of servers) await server.close();
      await deleteDatabase(database);
    });

    async function createFollower(faults: readonly Fault[], isStored = false): Promise<Follower> {
      const server = await chain.newServer(faults);
      servers.push(server);
      const client = createLightClient({
        network: networkOf(chain),
        checkpoint,
        sources: [restSource(server.url)],
        ...(isStored ? { store: indexedDbStore({ name: database }) } : {}),
      });
      const heads: VerifiedHeader[] = [];
      const errors: SidelightError[] = [];
      client.on("head", (head) => heads.push(head));
      client.on("error", ({ error }) => errors.push(error));
      const routes = async () => (await server.requests()).map(({ route }) => route);
      return { client, server, heads, errors, routes };
    }

    /** From the start to {@link NEW_HEADS} heads that came while following. */
    async function follow({ client }: Follower): Promise<VerifiedHeader> {
      const first = await client.start();
      for (let i = 0; i < NEW_HEADS; i++) await client.once("head");
      return first;
    }

    describe("following", () => {
      let streaming: Follower;
      let polling: Follower;
      let first: VerifiedHeader;

      before(async () => {
        streaming = await createFollower([]);
        polling = await createFollower([{ kind: "sse-refused" }]);
        [first] = (await Promise.all([streaming, polling].map(follow))) as [VerifiedHeader];
      });
      after(() => Promise.all([streaming, polling].map((follower) => follower?.client.stop())));

      it("tells true heads, by stream and by polling", async () => {
        for (const { heads, client } of [streaming, polling]) {
          expect(heads.length).to.be.greaterThan(NEW_HEADS);
          for (const { slot, root } of heads) expect(root).to.equal((await chain.truth(slot))?.root);
          const finalized = client.finalized!;
          expect(finalized.root).to.equal((await chain.truth(finalized.slot))?.root);
          expect(finalized.trust.level).to.equal("finalized");
        }
      });

      it("asks for no head while a stream flows", async () => {
        expect(streaming.errors).to.deep.equal([]);
        const routes = await streaming.routes();
        // one was part of the start, when the head was already known or not
        expect(routes.filter((route) => route === "optimistic_update").length).to.be.at.most(1);
        expect(routes.filter((route) => route === "events")).to.have.length(1);
      });

      it("asks once a slot where there is no stream, and says why", async () => {
        expect(polling.errors.map(({ code }) => code)).to.include("SUBSCRIPTION_FAILED");
        const routes = await polling.routes();
        const slots = polling.client.head!.slot - first.slot + 2;
        const [asked, forFinality] = ["optimistic_update", "finality_update"].map(
          (name) => routes.filter((route) => route === name).length,
        ) as [number, number];
        expect(asked).to.be.at.most(slots + 1);
        expect(asked + forFinality).to.be.at.least(NEW_HEADS);
      });

      it("hangs up when it is stopped", async () => {
        const isOpen = async ({ server }: Follower) =>
          (await server.requests()).some((each) => each.route === "events" && each.status === 200 && !each.durationMs);
        expect(await isOpen(streaming)).to.equal(true);
        await Promise.all([streaming, polling].map(({ client }) => client.stop()));
        expect([streaming, polling].map(({ client }) => client.status.state)).to.deep.equal(["stopped", "stopped"]);
        await until(async () => !(await isOpen(streaming)), "the stream to be hung up on");
      });
    });

    it("works where the version of SSZ answers cannot be read", async () => {
      const { client, errors } = await createFollower([{ kind: "hidden-version" }]);
      const { head } = await client.syncOnce();
      await client.stop();
      expect(errors).to.deep.equal([]);
      expect(head.root).to.equal((await chain.truth(head.slot))?.root);
    });

    it("resumes from IndexedDB, without asking for the checkpoint again", async () => {
      const first = await createFollower([], true);
      const { finalized } = await first.client.syncOnce();
      await first.client.stop();
      expect(await first.routes()).to.include("bootstrap");

      const second = await createFollower([], true);
      const told = second.client.once("store");
      const resumed = await second.client.syncOnce();
      await second.client.stop();
      expect(await told).to.include({ outcome: "resumed", reason: null, keys: "reused" });
      expect(await second.routes()).to.not.include("bootstrap");
      expect(resumed.finalized.slot).to.be.at.least(finalized.slot);
      expect([...first.errors, ...second.errors]).to.deep.equal([]);
    });
  });
}
