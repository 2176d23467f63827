/** A client in a worker, and one for several pages: real ones, and a real chain. */
import { expect } from "chai";
import type { VerifiedHeader } from "../../src/client/types.js";
import type { SidelightError } from "../../src/errors.js";
import { type ConnectedLightClient, connectLightClient } from "../../src/worker/index.js";
import { rejectionOf, until } from "../contract/async.js";
import type { Devnet, DevnetServer } from "../devnet/src/bind.ts";
import { deleteDatabase } from "./suites/stores.js";
import { chainsOfPage, connectChain } from "./support/chains.js";
import { type Frame, openFrame } from "./support/frames.js";
import { urlOf } from "./workers/client.js";

const NEW_HEADS = 3;

let chain: Devnet;
let checkpoint: string;
let server: DevnetServer;

async function assertTrue({ slot, root }: VerifiedHeader): Promise<void> {
  expect(root).to.equal((await chain.truth(slot))?.root);
}

/** Requests to the server, by route. */
async function counts(): Promise<Record<string, number>> {
  const byRoute: Record<string, number> = {};
  for (const { route } of await server.requests()) byRoute[route] = (byRoute[route] ?? 0) + 1;
  return byRoute;
}

/** A client asks for its stream a moment after it has started. */
async function untilStreaming(): Promise<void> {
  await until(async () => (await counts())["events"] !== undefined, "a stream to be asked for");
}

before(async () => {
  chain = await connectChain(chainsOfPage(), "live");
  checkpoint = (await chain.checkpoint({ epoch: 9 })).root;
});
beforeEach(async () => {
  server = await chain.newServer();
});
afterEach(() => server.close());

function workerUrl(): string {
  return urlOf({ info: chain.info, checkpoint, url: server.url });
}

describe("a client in a dedicated worker", () => {
  let worker: Worker;
  let client: ConnectedLightClient;

  afterEach(() => {
    client.disconnect();
    worker.terminate();
  });

  function connect(url = workerUrl()): void {
    worker = new Worker(url, { type: "module" });
    client = connectLightClient(worker);
  }

  it("is used as one of the page, and tells what is true", async () => {
    connect();
    const heads: VerifiedHeader[] = [];
    const errors: SidelightError[] = [];
    client.on("head", (head) => heads.push(head));
    client.on("error", ({ error }) => errors.push(error));
    const first = await client.start();
    for (let i = 0; i < NEW_HEADS; i++) await client.once("head");
    expect(heads[0]!.slot).to.be.at.most(first.slot);
    expect(heads.length).to.be.greaterThan(NEW_HEADS);
    for (const head of heads) await assertTrue(head);
    await assertTrue(client.finalized!);
    expect(client.status.state).to.equal("following");
    expect(client.participation!.count).to.equal(32);
    expect(errors).to.deep.equal([]);
    await client.stop();
    expect(client.status.state).to.equal("stopped");
  });

  it("tells errors with their code and details", async () => {
    await server.setFaults([{ kind: "status", status: 503 }]);
    connect();
    const thrown = (await rejectionOf(client.syncOnce())) as SidelightError<"NO_SOURCE_ANSWERED">;
    expect(thrown.code).to.equal("NO_SOURCE_ANSWERED");
    expect(thrown.details.attempts[0]!.code).to.equal("HTTP_STATUS");
  });

  it("is aborted by a signal of the page", async () => {
    await server.setFaults([{ kind: "hang", routes: ["bootstrap"] }]);
    connect();
    const abort = new AbortController();
    const call = client.start({ signal: abort.signal });
    await until(async () => (await counts())["bootstrap"] === 1, "the bootstrap to be asked for");
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await rejectionOf(call)).to.equal(reason);
    await until(() => client.status.state === "stopped", "the client in the worker to have stopped");
  });

  it("is known to be lost when the worker is terminated", async () => {
    connect();
    await client.start();
    worker.terminate();
    const thrown = (await rejectionOf(
      client.once("error").then(({ error }) => Promise.reject(error)),
    )) as SidelightError;
    expect(thrown.code).to.equal("CONNECTION_LOST");
    expect(client.status.state).to.equal("stopped");
    expect(await rejectionOf(client.syncOnce())).to.equal(thrown);
  });

  it("is known to be lost when its script cannot be loaded", async () => {
    connect("/base/no-such-script.js");
    client.on("error", () => {});
    const thrown = (await rejectionOf(client.start())) as SidelightError<"CONNECTION_LOST">;
    expect(thrown.code).to.equal("CONNECTION_LOST");
    expect(thrown.details.reason).to.equal("failed");
  });
});

describe("a client in a shared worker", () => {
  it("is one for all its connections, and goes on when one of them stops", async () => {
    const url = workerUrl();
    const connect = () => connectLightClient(new SharedWorker(url, { type: "module", name: url }).port);
    const [first, second] = [connect(), connect()];
    const heads: number[] = [];
    second.on("head", ({ slot }) => heads.push(slot));
    try {
      await Promise.all([first.start(), second.start()]);
      await untilStreaming();
      const { bootstrap, events } = await counts();
      expect({ bootstrap, events }).to.deep.equal({ bootstrap: 1, events: 1 });
      await first.stop();
      expect(first.status.state).to.equal("stopped");
      for (let i = 0; i < NEW_HEADS; i++) await second.once("head");
      expect(second.status.state).to.equal("following");
      await assertTrue(second.head!);
      expect(first.head!.slot).to.be.below(second.head!.slot);
    } finally {
      first.disconnect();
      second.disconnect();
    }
  });
});

describe("a client of several pages", () => {
  let frames: Frame[];
  let database: string;
  let count = 0;

  beforeEach(async () => {
    database = `shared ${count++}`;
    frames = await Promise.all([openFrame(), openFrame(), openFrame()]);
  });
  afterEach(async () => {
    for (const frame of frames) frame.close();
    await deleteDatabase(database);
  });

  function share(frame: Frame): Promise<number> {
    return frame.call("share", { info: chain.info, checkpoint, url: server.url, database });
  }

  const statesOf = (some: readonly Frame[]) => Promise.all(some.map((frame) => frame.call("shared")));

  async function leaderOf(some: readonly Frame[]): Promise<Frame> {
    const roles = (await statesOf(some)).map(({ role }) => role);
    expect(roles.filter((role) => role === "leader")).to.have.length(1);
    expect(roles.filter((role) => role === "follower")).to.have.length(some.length - 1);
    return some[roles.indexOf("leader")]!;
  }

  async function untilLed(some: readonly Frame[]): Promise<void> {
    await until(async () => (await statesOf(some)).some(({ role }) => role === "leader"), "another page to lead");
  }

  async function untilHead(frame: Frame, beyond: number): Promise<void> {
    await until(async () => (await frame.call("shared")).head!.slot > beyond, `a head beyond ${beyond}`);
  }

  it("is followed by one of them, which tells the others", async () => {
    await Promise.all(frames.map(share));
    await leaderOf(frames);
    await untilStreaming();
    const { bootstrap, events } = await counts();
    expect({ bootstrap, events }).to.deep.equal({ bootstrap: 1, events: 1 });
    await server.clearRequests();
    const { head } = (await statesOf(frames))[0]!;
    for (const frame of frames) await untilHead(frame, head!.slot + 2);
    const states = await statesOf(frames);
    for (const state of states) {
      await assertTrue(state.head!);
      await assertTrue(state.finalized!);
      expect(state.errors).to.deep.equal([]);
    }
    const { optimistic_update = 0, finality_update = 0, events: streams = 0 } = await counts();
    expect([optimistic_update, finality_update, streams]).to.deep.equal([0, 0, 0]);
  });

  for (const how of ["is closed", "is reloaded", "is stopped"] as const) {
    it(`is followed by another one when the page ${how} that did`, async () => {
      await Promise.all(frames.map(share));
      const leader = await leaderOf(frames);
      const others = frames.filter((frame) => frame !== leader);
      const known = (await others[0]!.call("shared")).head!.slot;
      await untilStreaming();
      await server.clearRequests();
      if (how === "is closed") leader.close();
      else if (how === "is reloaded") await leader.reload();
      else await leader.call("unshare");
      await untilLed(others);
      await leaderOf(others);
      for (const frame of others) await untilHead(frame, known + 2);
      for (const { heads, errors, status } of await statesOf(others)) {
        expect(heads).to.deep.equal([...new Set(heads)].sort((a, b) => a - b));
        // Firefox breaks a page's streams off before it tells the page that it is leaving
        const unexpected =
          how === "is reloaded" ? errors.filter((message) => !message.includes("event stream")) : errors;
        expect(unexpected.join("; ")).to.equal("");
        expect(status.state).to.equal("following");
      }
      await untilStreaming();
      // resumed, not begun again; and by one of them
      const { bootstrap = 0, events } = await counts();
      expect({ bootstrap, events }).to.deep.equal({ bootstrap: 0, events: 1 });
    });
  }
});
