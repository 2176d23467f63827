import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { type ErrorDetails, isSidelightError } from "../../../src/errors.js";
import { type ConnectedLightClient, connectLightClient } from "../../../src/worker/connect.js";
import type { PortLike } from "../../../src/worker/port.js";
import { PROTOCOL_VERSION } from "../../../src/worker/protocol.js";
import { serveLightClient } from "../../../src/worker/serve.js";
import { expectCode } from "../../support/expect-code.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, hang, record } from "../client/fake-chain.js";
import { drive, passTime, rejectionOf, settle, until, watchUnhandled } from "../client/waiting.js";
import { closeAll, link, pair, puppet } from "./wires.js";

describe("a connection whose other side is gone", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;
  let client: LightClient;
  let remote: ConnectedLightClient;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source();
    client = chain.client({ sources: [source] });
  });
  afterEach(async () => {
    remote.disconnect();
    await client.stop();
    await settle();
    closeAll();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  async function expectLost(call: Promise<unknown>, reason: ErrorDetails["CONNECTION_LOST"]["reason"]): Promise<void> {
    const thrown = await rejectionOf(drive(chain.clock, call));
    if (!isSidelightError(thrown, "CONNECTION_LOST")) throw thrown;
    expect(thrown.details.reason).to.equal(reason);
    expect(remote.status).to.deep.equal({ state: "stopped", reason: thrown.message });
  }

  /** A connection over a port that the test can silence, in either direction. */
  function muffled(options: Parameters<typeof connectLightClient>[1] = {}) {
    const [there, here] = pair();
    const muted = { toServer: false, toClient: false };
    const passing = (port: typeof there, isMuted: () => boolean): PortLike => ({
      postMessage: (message: unknown) => void (isMuted() || port.postMessage(message)),
      on: (event: string, run: (...args: unknown[]) => void) => port.on(event, run),
      off: (event: string, run: (...args: unknown[]) => void) => port.off(event, run),
    });
    const served = serveLightClient(
      passing(there, () => muted.toClient),
      client,
      { clock: chain.clock },
    );
    remote = connectLightClient(
      passing(here, () => muted.toServer),
      { clock: chain.clock, ...options },
    );
    return { muted, served };
  }

  it("ends in an error when nobody ever answers", async () => {
    remote = connectLightClient(pair()[1], { clock: chain.clock });
    const log = record(remote);
    const startedMs = chain.clock.nowMs();
    await Promise.all([expectLost(remote.start(), "unanswered"), expectLost(remote.connected, "unanswered")]);
    expect(chain.clock.nowMs() - startedMs).to.equal(10_000);
    expect(codesOf(log)).to.deep.equal(["CONNECTION_LOST"]);
  });

  it("gives up as early as connectTimeoutMs says", async () => {
    remote = connectLightClient(pair()[1], { clock: chain.clock, connectTimeoutMs: 1_200 });
    const startedMs = chain.clock.nowMs();
    await expectLost(remote.connected, "unanswered");
    expect(chain.clock.nowMs() - startedMs).to.equal(1_200);
  });

  it("is found by a side that listens late", async () => {
    const [there, here] = pair();
    there.on("message", () => {}); // what comes first is lost
    remote = connectLightClient(here, { clock: chain.clock });
    await passTime(chain.clock, 3_000);
    serveLightClient(there, client, { clock: chain.clock });
    await drive(chain.clock, remote.start());
  });

  it("ends in an error when the port is closed", async () => {
    const linked = link(client, chain.clock);
    ({ remote } = linked);
    source.overrides.bootstrap = hang;
    const call = remote.start();
    await until(() => source.requests.length > 0);
    linked.ports[0].close();
    await expectLost(call, "closed");
    await expectLost(remote.start(), "closed");
  });

  it("gives up what a closed connection had under way there", async () => {
    const linked = link(client, chain.clock);
    ({ remote } = linked);
    source.overrides.bootstrap = hang;
    remote.start().catch(() => {});
    await until(() => source.requests.length > 0);
    linked.ports[1].close();
    await until(() => client.status.state === "stopped");
    expect(linked.served.connections).to.equal(0);
  });

  for (const heartbeatMs of [5_000, 700]) {
    it(`notices within twice the heartbeat of ${heartbeatMs} ms that the other side is silent`, async () => {
      const { muted } = muffled(heartbeatMs === 5_000 ? {} : { heartbeatMs });
      const log = record(remote);
      await drive(chain.clock, remote.start());
      await passTime(chain.clock, 60_000);
      expect(remote.status.state).to.equal("following");
      muted.toClient = true;
      const silentMs = chain.clock.nowMs();
      await expectLost(remote.syncOnce(), "silent");
      expect(chain.clock.nowMs() - silentMs).to.be.at.most(2 * heartbeatMs);
      expect(codesOf(log)).to.deep.equal(["CONNECTION_LOST"]);
    });
  }

  it("never asks for a sign of life if told so", async () => {
    const { muted } = muffled({ heartbeatMs: Infinity });
    await drive(chain.clock, remote.start());
    muted.toClient = true;
    await passTime(chain.clock, 600_000);
    expect(remote.status.state).to.equal("following");
  });

  it("does not take its own sleep for the other side's silence", async () => {
    muffled();
    await drive(chain.clock, remote.start());
    for (let i = 0; i < 5; i++) {
      // timers fire first, what has arrived meanwhile after them
      chain.clock.jumpTo(chain.clock.nowMs() + 40_000);
      await chain.clock.advance(0);
    }
    await settle();
    expect(remote.status.state).to.not.equal("stopped");
  });

  it("is given up by the other side after 90 seconds without a sign of life", async () => {
    const { muted, served } = muffled();
    await drive(chain.clock, remote.start());
    muted.toServer = true;
    await passTime(chain.clock, 85_000);
    expect(served.connections).to.equal(1);
    await passTime(chain.clock, 6_000);
    expect(served.connections).to.equal(0);
  });

  it("says hello again when it was given up, and loses no call", async () => {
    const [there, here] = pair();
    let isFrozen = false;
    const held: [(...args: unknown[]) => void, unknown][] = [];
    const port: PortLike = {
      postMessage: (message: unknown) => isFrozen || here.postMessage(message),
      on: (event: string, run: (...args: unknown[]) => void) =>
        here.on(event, (value: unknown) => (isFrozen ? held.push([run, value]) : run(value))),
      off: () => {},
    };
    const served = serveLightClient(there, client, { clock: chain.clock });
    // a frozen page's timers stand still: here they never were
    remote = connectLightClient(port, { clock: chain.clock, heartbeatMs: Infinity });
    const log = record(remote);
    source.overrides.bootstrap = hang;
    const call = remote.start();
    await until(() => source.requests.length > 0);
    isFrozen = true;
    await passTime(chain.clock, 91_000);
    expect(served.connections).to.equal(0);
    delete source.overrides.bootstrap;
    isFrozen = false;
    for (const [run, value] of held.splice(0)) run(value);
    expect((await drive(chain.clock, call)).slot).to.be.at.least(202);
    expect(served.connections).to.equal(1);
    expect(remote.status.state).to.equal("following");
    expect(codesOf(log)).to.deep.equal([]);
  });

  it("is what a port that throws is", async () => {
    const there = puppet();
    remote = connectLightClient(there.port, { clock: chain.clock });
    record(remote);
    there.break();
    await expectLost(remote.start(), "closed");
    expect(there.listeners).to.equal(0);
  });

  it("tells at once that a worker could not be loaded", async () => {
    const there = puppet();
    remote = connectLightClient(there.port, { clock: chain.clock });
    record(remote);
    await settle();
    there.tell("error", "SyntaxError");
    await expectLost(remote.connected, "failed");
  });

  it("goes on after an error that a worker did not catch, and tells it", async () => {
    const there = puppet();
    remote = connectLightClient(there.port, { clock: chain.clock });
    const log = record(remote);
    await settle();
    const { session } = there.sent[0]!;
    const state = {
      status: { state: "idle" },
      head: null,
      finalized: null,
      participation: null,
      evidence: [],
      checkpoint: null,
      sources: [],
    };
    there.receive({ sidelight: PROTOCOL_VERSION, session, type: "welcome", chain: null, state });
    there.tell("error", "uncaught");
    expect(codesOf(log)).to.deep.equal(["UNEXPECTED"]);
    expect(remote.status.state).to.equal("idle");
  });

  it("is told by no event when it was wanted", async () => {
    ({ remote } = link(client, chain.clock));
    const log = record(remote);
    await drive(chain.clock, remote.start());
    const call = remote.syncOnce();
    remote.disconnect();
    await expectLost(call, "disconnected");
    expect(codesOf(log)).to.deep.equal([]);
    expect(log.status.at(-1)!.state).to.equal("stopped");
    await remote.stop();
  });

  it("has been stopped when stop() is called on it", async () => {
    const linked = link(client, chain.clock);
    ({ remote } = linked);
    record(remote);
    await drive(chain.clock, remote.start());
    linked.ports[0].close();
    await settle();
    await remote.stop();
  });
});

describe("options of connections", () => {
  it("refuse what makes no sense", () => {
    for (const value of [0, -1, Number.NaN, "5000", null]) {
      for (const option of ["heartbeatMs", "connectTimeoutMs"]) {
        const details = expectCode("OPTION_INVALID", () => connectLightClient(puppet().port, { [option]: value }));
        expect(details.option).to.equal(option);
      }
    }
    const client = {} as LightClient;
    for (const value of ["all", null, true]) {
      const options = { stop: value as never };
      expectCode("OPTION_INVALID", () => serveLightClient(puppet().port, client, options));
    }
  });
});
