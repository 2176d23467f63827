import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import type { LightClientEvents } from "../../../src/client/types.js";
import { isSidelightError } from "../../../src/errors.js";
import type { ConnectedLightClient } from "../../../src/worker/connect.js";
import { connectLightClient } from "../../../src/worker/connect.js";
import { serveLightClient } from "../../../src/worker/serve.js";
import { manualVisibility } from "../../support/visibility.js";
import {
  codesOf,
  createFakeChain,
  type FakeChain,
  type FakeSource,
  hang,
  networkFailed,
  notAvailable,
  record,
} from "../client/fake-chain.js";
import { drive, passTime, rejectionOf, settle, until, watchUnhandled } from "../client/waiting.js";
import { closeAll, extensionPair, link, pair } from "./wires.js";

describe("connectLightClient and serveLightClient", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;
  let client: LightClient;
  let slotMs: number;
  const remotes: ConnectedLightClient[] = [];

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source("one");
    client = chain.client({ sources: [source] });
    slotMs = chain.network.slotDurationMs;
  });
  afterEach(async () => {
    for (const remote of remotes.splice(0)) remote.disconnect();
    await client.stop();
    await settle();
    closeAll();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  function connect(options: Parameters<typeof link>[2] = {}) {
    const linked = link(client, chain.clock, options);
    remotes.push(linked.remote);
    return linked;
  }

  async function toSlot(slot: number): Promise<void> {
    await passTime(chain.clock, chain.timeOf(slot) + 0.6 * slotMs - chain.clock.nowMs());
    await settle();
  }

  it("starts, follows and tells as the client itself does", async () => {
    const { remote } = connect();
    const [here, there] = [record(remote), record(client)];
    const head = await drive(chain.clock, remote.start());
    expect(head).to.deep.equal(client.head);
    expect(remote.head).to.deep.equal(client.head);
    await toSlot(230);
    const { error: _, ...events } = there;
    for (const name of Object.keys(events) as (keyof typeof events)[]) {
      if (name === "status") continue;
      expect(here[name], name).to.deep.equal(there[name]);
      if (["head", "finality", "participation", "committee"].includes(name)) expect(here[name], name).not.to.be.empty;
    }
    expect(here.status.map(({ state }) => state)).to.include.members(["bootstrapping", "catching-up", "following"]);
    expect(here.status.at(-1)).to.deep.equal({ state: "following" });
  });

  it("gives by its getters what the client gives", async () => {
    const { remote } = connect();
    expect(remote.status).to.deep.equal({ state: "idle" });
    expect([remote.head, remote.finalized, remote.participation, remote.evidence]).to.deep.equal([
      null,
      null,
      null,
      [],
    ]);
    await drive(chain.clock, remote.start());
    await toSlot(210);
    await passTime(chain.clock, 200);
    for (const getter of ["status", "head", "finalized", "participation", "evidence"] as const) {
      expect(remote[getter], getter).to.deep.equal(client[getter]);
    }
  });

  it("ages the headers by the time at which they are read", async () => {
    const { remote } = connect();
    await drive(chain.clock, client.syncOnce());
    await drive(chain.clock, remote.connected);
    await toSlot(240);
    expect(remote.head!.trust).to.deep.equal(client.head!.trust);
    expect(remote.finalized!.trust).to.deep.equal(client.finalized!.trust);
    expect(remote.head!.trust.ageSlots).to.equal(38);
  });

  it("tells what is known when it connects", async () => {
    await drive(chain.clock, client.start());
    const { remote } = connect();
    const log = record(remote);
    await drive(chain.clock, remote.connected);
    expect(log.head).to.deep.equal([client.head]);
    expect(log.finality).to.deep.equal([client.finalized]);
    expect(log.status).to.deep.equal([{ state: "following" }]);
  });

  it("lets only events cross that somebody listens to", async () => {
    const [there, here] = pair();
    const crossed: string[] = [];
    here.on("message", ({ type, name }: { type: string; name?: string }) => crossed.push(name ?? type));
    serveLightClient(there, client, { clock: chain.clock });
    const remote = connectLightClient(here, { clock: chain.clock });
    remotes.push(remote);
    await drive(chain.clock, remote.start());
    await toSlot(206);
    expect(crossed.filter((name) => !["welcome", "state", "result", "ping", "pong"].includes(name))).to.deep.equal([]);
    const states = crossed.filter((name) => name === "state").length;
    // told at once only when somebody waits for it: the getters are moved at most ten times a second
    expect(states).to.be.at.most(8);
    const heads: number[] = [];
    const ignore = remote.on("head", ({ slot }) => heads.push(slot));
    await settle();
    await toSlot(208);
    expect(heads.slice(-2)).to.deep.equal([206, 207]);
    expect(crossed.filter((name) => name === "head")).to.have.length(2);
    ignore();
    await settle();
    await toSlot(212);
    expect(crossed.filter((name) => name === "head")).to.have.length(2);
    expect(remote.head!.slot).to.equal(211);
  });

  it("carries errors with their code and details, as an error of this side", async () => {
    source.overrides.bootstrap = () => Promise.reject(networkFailed("bootstrap"));
    const { remote } = connect();
    const log = record(remote);
    const thrown = await rejectionOf(drive(chain.clock, remote.syncOnce()));
    if (!isSidelightError(thrown, "NO_SOURCE_ANSWERED")) throw thrown;
    expect(thrown.details.attempts[0]).to.include({ source: "one", code: "NETWORK_FAILED" });
    expect(thrown).to.be.instanceOf(Error);
    await settle();
    expect(codesOf(log)).to.deep.equal(["NETWORK_FAILED"]);
    expect(log.error[0]!.source).to.equal("one");
    expect(log.error[0]!.error.details).to.include({ request: "bootstrap" });
  });

  it("passes once, with what it achieved", async () => {
    const { remote } = connect();
    const result = await drive(chain.clock, remote.syncOnce());
    expect(result.head).to.deep.equal(client.head);
    expect(result.finalized).to.deep.equal(client.finalized);
    expect(result.periods).to.equal(3);
  });

  it("iterates and waits for events", async () => {
    const { remote } = connect();
    const once = remote.once("head");
    const iteration = remote.events("head");
    await drive(chain.clock, remote.start());
    expect((await once).slot).to.equal(202);
    expect((await iteration.next()).value.slot).to.equal(202);
    await toSlot(204);
    expect((await iteration.next()).value.slot).to.equal(203);
    await iteration.return!();
  });

  for (const method of ["start", "syncOnce"] as const) {
    it(`aborts ${method} here with the signal's reason, and there`, async () => {
      let hungUp = false;
      source.overrides.bootstrap = (signal) => {
        signal?.addEventListener("abort", () => {
          hungUp = true;
        });
        return hang(signal);
      };
      const { remote } = connect();
      const abort = new AbortController();
      const call = remote[method]({ signal: abort.signal });
      await until(() => source.requests.length > 0);
      const reason = new Error("enough");
      abort.abort(reason);
      expect(await rejectionOf(call)).to.equal(reason);
      await until(() => hungUp);
      await settle();
      expect(client.status.state).to.be.oneOf(["stopped", "idle"]);
    });

    it(`refuses to begin ${method} when its signal is aborted already`, async () => {
      const { remote } = connect();
      const reason = new Error("before");
      expect(await rejectionOf(remote[method]({ signal: AbortSignal.abort(reason) }))).to.equal(reason);
      await settle();
      expect(source.requests).to.deep.equal([]);
    });
  }

  it("stops only what is its own, while the client goes on for others", async () => {
    const [mine, other] = [connect().remote, connect().remote];
    const log = record(mine);
    const heads: number[] = [];
    other.on("head", ({ slot }) => heads.push(slot));
    await drive(chain.clock, Promise.all([mine.start(), other.start()]));
    const pending = mine.start();
    await drive(chain.clock, pending);
    await drive(chain.clock, mine.stop());
    expect(mine.status).to.deep.equal({ state: "stopped", reason: "stopped" });
    const told = log.head.length;
    await toSlot(208);
    expect(log.head).to.have.length(told);
    expect(heads.at(-1)).to.equal(207);
    expect(client.status.state).to.equal("following");
    await drive(chain.clock, mine.start());
    expect(mine.status.state).to.equal("following");
    expect(log.head.at(-1)!.slot).to.equal(207);
  });

  it("rejects what it had under way when it stops", async () => {
    source.overrides.bootstrap = hang;
    const { remote } = connect();
    const call = remote.start();
    await until(() => source.requests.length > 0);
    const stopped = remote.stop();
    expect(await rejectionOf(call)).to.satisfy((error: unknown) => isSidelightError(error, "CLIENT_STOPPED"));
    await stopped;
  });

  it("stops the client where it is served so", async () => {
    const { remote } = connect({ serve: { stop: "client" } });
    await drive(chain.clock, remote.start());
    await drive(chain.clock, remote.stop());
    expect(client.status.state).to.equal("stopped");
    expect(remote.status.state).to.equal("stopped");
    await drive(chain.clock, remote.stop());
    await drive(chain.clock, remote.start());
    expect(client.status.state).to.equal("following");
  });

  it("lets what is listened to here fail here", async () => {
    const { remote } = connect();
    const there = record(client);
    const here = record(remote);
    remote.on("head", () => {
      throw new Error("mine");
    });
    await drive(chain.clock, remote.start());
    expect(codesOf(here)).to.deep.equal(["LISTENER_FAILED"]);
    expect(codesOf(there)).to.deep.equal([]);
  });

  it("works across what serializes to JSON, as an extension's ports do", async () => {
    const [there, here] = extensionPair();
    serveLightClient(there, client, { clock: chain.clock });
    const remote = connectLightClient(here, { clock: chain.clock });
    const [mine, theirs] = [record(remote), record(client)];
    await drive(chain.clock, remote.start());
    await toSlot(205);
    const told: (keyof LightClientEvents)[] = ["head", "finality", "participation", "committee"];
    for (const name of told) expect(mine[name]).to.deep.equal(theirs[name]);
    here.disconnect();
    await settle();
    there.disconnect();
    await settle();
    expect(remote.status.state).to.equal("stopped");
    expect(codesOf(mine)).to.deep.equal(["CONNECTION_LOST"]);
  });

  it("serves a client that is itself connected", async () => {
    const { remote } = connect();
    const second = link(remote, chain.clock);
    remotes.unshift(second.remote);
    await drive(chain.clock, second.remote.start());
    await toSlot(206);
    expect(second.remote.head).to.deep.equal(client.head);
  });

  it("counts its connections, and ends them when it is closed", async () => {
    const { served, remote } = connect();
    const log = record(remote);
    await drive(chain.clock, remote.connected);
    expect(served.connections).to.equal(1);
    served.close();
    await settle();
    expect(served.connections).to.equal(0);
    expect(codesOf(log)).to.deep.equal(["CONNECTION_LOST"]);
    expect(log.error[0]!.error.details).to.include({ reason: "closed" });
  });

  it("carries several connections on one port", async () => {
    const { remote, served, ports } = connect();
    const second = connectLightClient(ports[1], { clock: chain.clock });
    remotes.push(second);
    await drive(chain.clock, Promise.all([remote.start(), second.start()]));
    expect(served.connections).to.equal(2);
    second.disconnect();
    await settle();
    expect(served.connections).to.equal(1);
    expect(remote.status.state).to.equal("following");
    expect(second.status.state).to.equal("stopped");
  });

  it("hands over evidence as it came", async () => {
    const [liar, honest] = [chain.source("liar"), chain.source("honest")];
    const other = chain.forge.otherCommittee("other");
    const conflict = chain.forge.update({ attestedSlot: 180, attested: { nextCommittee: other } });
    const { updates } = liar;
    liar.updates = (from, count, options) =>
      from < 3 ? updates(from, count, options) : Promise.resolve([conflict.raw()]);
    for (const each of [liar, honest]) each.overrides.finalityUpdate = () => Promise.reject(notAvailable("anything"));
    client = chain.client({ sources: [liar, honest] });
    const { remote } = connect();
    record(client);
    await drive(chain.clock, remote.start());
    expect(remote.evidence).to.have.length(1);
    expect(remote.evidence).to.deep.equal(client.evidence);
    const late = connect().remote;
    await drive(chain.clock, late.connected);
    expect(late.evidence).to.deep.equal(client.evidence);
  });

  it("follows less closely while every page that is connected is hidden", async () => {
    client = chain.client({ sources: [source], whenHidden: "pause" });
    const pages = [manualVisibility(), manualVisibility()];
    const linked = pages.map((visibility) => connect({ connect: { visibility } }));
    await drive(chain.clock, Promise.all(linked.map(({ remote }) => remote.start())));
    pages[0]!.hide();
    await toSlot(207);
    expect(client.status.state).to.equal("following");
    pages[1]!.hide();
    await settle();
    await toSlot(210);
    expect(client.status.state).to.equal("paused");
    pages[0]!.show();
    await settle();
    expect(client.status.state).to.equal("following");
    expect(client.head!.slot).to.equal(209);
    // nobody looks when the only one that does is gone
    linked[0]!.remote.disconnect();
    await settle();
    await toSlot(213);
    expect(client.status.state).to.equal("paused");
    expect(pages[0]!.watchers).to.equal(0);
  });

  it("tells what changed while the other side was being found", async () => {
    client = chain.client({ sources: [source], whenHidden: "pause" });
    const page = manualVisibility("hidden");
    const { remote } = connect({ connect: { visibility: page } });
    // hello is said, and not answered yet
    await Promise.resolve();
    const committees: unknown[] = [];
    remote.on("committee", (payload) => committees.push(payload));
    page.show();
    await drive(chain.clock, remote.start());
    expect(committees).not.to.be.empty;
    await toSlot(213);
    expect(client.status.state).to.equal("following");
  });

  it("answers what was called before it was found, and what a listener of its first words calls", async () => {
    await drive(chain.clock, client.start());
    const { remote } = connect();
    const { error } = record(remote);
    const started = remote.start();
    const once = new Promise<unknown>((resolve) => {
      remote.on("head", () => resolve(remote.syncOnce()));
    });
    await drive(chain.clock, Promise.all([started, once]));
    expect(error).to.deep.equal([]);
  });

  it("takes a page that freezes for hidden", async () => {
    client = chain.client({ sources: [source], whenHidden: "pause" });
    const page = manualVisibility();
    const { remote } = connect({ connect: { visibility: page } });
    await drive(chain.clock, remote.start());
    page.tell("frozen");
    await settle();
    await toSlot(207);
    expect(client.status.state).to.equal("paused");
    page.tell("woken");
    await settle();
    expect(client.status.state).to.equal("following");
  });
});
