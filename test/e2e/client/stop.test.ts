import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { type Devnet, type Fault, startDevnet } from "../../devnet/src/client.ts";
import { record } from "../../unit/client/fake-chain.js";
import { rejectionOf, settle, until, watchUnhandled } from "../../unit/client/waiting.js";
import { createWorld, type Node, type World } from "./world.js";

interface Phase {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** Resolves once a client that is starting is in the phase. */
  reach(world: World, client: LightClient, node: Node): Promise<void>;
}

async function untilAsked(world: World, node: Node, route: string): Promise<void> {
  await until(() => world.hasAsked(node, route), `a request for ${route}`);
}

const PHASES: readonly Phase[] = [
  {
    name: "while the bootstrap hangs",
    faults: [{ kind: "hang", routes: ["bootstrap"] }],
    reach: (world, _, node) => untilAsked(world, node, "bootstrap"),
  },
  {
    name: "while the updates drip in",
    faults: [{ kind: "drip", routes: ["updates"] }],
    reach: (world, _, node) => untilAsked(world, node, "updates"),
  },
  {
    name: "in the middle of a range",
    faults: [],
    reach: (_, client) =>
      new Promise((resolve) => {
        client.on("status", (status) => {
          if (status.state === "catching-up" && status.progress.atPeriod > status.progress.fromPeriod) resolve();
        });
      }),
  },
  {
    name: "while the first head hangs",
    faults: [{ kind: "hang", routes: ["finality_update"] }],
    reach: (world, _, node) => untilAsked(world, node, "finality_update"),
  },
  {
    name: "between two attempts",
    faults: [{ kind: "status", status: 503 }],
    reach: (_, client) => until(() => client.status.state === "stalled"),
  },
];

describe("LightClient.stop beside a real server", () => {
  watchUnhandled();
  let world: World;
  let checkpoint: string;

  before(async () => {
    world = await createWorld({ forks: { electra: 0 }, preSlots: 330 });
    checkpoint = (await world.devnet.checkpoint({ epoch: 3 })).root;
  });
  after(() => world?.stop());

  /** Nothing is under way, nobody sleeps, and nothing more is asked. */
  async function expectSilence(node: Node): Promise<void> {
    await world.idle();
    expect(world.clock.sleepers).to.equal(0);
    // the server has noticed that everybody hung up, the stream's listener too
    const open = async () => (await node.log()).filter(({ durationMs, status }) => durationMs === 0 && status === 200);
    for (let i = 0; i < 50 && (await open()).some(({ route }) => route === "events"); i++) await settle();
    expect((await open()).map(({ route }) => route)).to.not.include("events");
    await node.takeLog();
    for (let i = 0; i < 10; i++) await settle();
    expect(await node.takeLog()).to.deep.equal([]);
  }

  for (const { name, faults, reach } of PHASES) {
    it(`leaves nothing ${name}`, async () => {
      const node = await world.node("node", faults, { retries: 0 });
      const client = world.client({ checkpoint, sources: [node.source] });
      record(client);
      const starting = rejectionOf(client.start());
      await reach(world, client, node);
      await client.stop();
      expect(await starting).to.have.property("code", "CLIENT_STOPPED");
      expect(client.status.state).to.equal("stopped");
      await expectSilence(node);
    });
  }

  for (const [mode, faults] of [
    ["by stream", []],
    ["by polling", [{ kind: "sse-refused" }]],
    ["with a stream that is silent", [{ kind: "sse-silent" }]],
  ] as [string, Fault[]][]) {
    it(`leaves nothing of a client that follows ${mode}`, async () => {
      const node = await world.node("node", faults, { retries: 0 });
      const client = world.client({ checkpoint, sources: [node.source] });
      record(client);
      await world.drive(client.start());
      await world.ticks(3);
      await client.stop();
      await expectSilence(node);
    });
  }
});

describe("a program with a client that was stopped", () => {
  let devnet: Devnet;

  before(async () => {
    // a chain whose present is now
    devnet = await startDevnet({ mode: "live", forks: { electra: 0 }, preSlots: 100 });
  });
  after(() => devnet?.stop());

  for (const [phase, faults, expected] of [
    ["following", [], "started, stopped"],
    ["bootstrapping", [{ kind: "hang", routes: ["bootstrap"] }], "rejected CLIENT_STOPPED, stopped"],
    ["retrying", [{ kind: "reset", routes: ["bootstrap"] }], "rejected CLIENT_STOPPED, stopped"],
  ] as [string, Fault[], string][]) {
    it(`has nothing that keeps it alive: ${phase}`, async () => {
      const server = await devnet.newServer(faults);
      const { root } = await devnet.checkpoint();
      const script = fileURLToPath(new URL("./stop-probe.ts", import.meta.url));
      const child = spawn(process.execPath, ["--import", "tsx", script, server.url, root, phase], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      let errors = "";
      let saidMs = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        saidMs = Date.now();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        errors += chunk.toString();
      });
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect({ code, output }, errors).to.deep.equal({ code: 0, output: `${expected}\n` });
      // a kept-alive socket does not count, a timer of seconds would
      expect(Date.now() - saidMs).to.be.below(5_000);
      await server.close();
    }).timeout(60_000);
  }
});
