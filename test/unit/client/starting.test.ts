import { expect } from "chai";
import { isSidelightError, SidelightError } from "../../../src/errors.js";
import { stubBls } from "../../support/stub-bls.js";
import { codesOf, createFakeChain, type FakeChain, hang, networkFailed, notAvailable, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

function httpStatus(status: number): SidelightError {
  const details = { source: "fake", request: "bootstrap", status, message: "" };
  return new SidelightError("HTTP_STATUS", `HTTP ${status}`, details);
}

describe("LightClient.start", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain();
  });

  it("keeps trying while nobody can be reached, and resolves once somebody can", async () => {
    const source = chain.source();
    source.overrides.bootstrap = () => Promise.reject(networkFailed());
    const client = chain.client({ sources: [source] });
    const log = record(client);
    const starting = client.start();
    await passTime(chain.clock, 120_000);
    expect(client.status.state).to.equal("stalled");
    delete source.overrides.bootstrap;
    const head = await drive(chain.clock, starting, { limitMs: 120_000 });
    expect(head.trust.ageSlots).to.equal(1);
    expect(codesOf(log)).to.include.members(["NETWORK_FAILED", "NO_SOURCE_ANSWERED"]);
    await client.stop();
  });

  it("asks at most seven times in the first two minutes, and once a minute later", async () => {
    const source = chain.source();
    source.overrides.bootstrap = () => Promise.reject(networkFailed());
    const client = chain.client({ sources: [source] });
    record(client);
    const starting = rejectionOf(client.start());
    await passTime(chain.clock, 120_000);
    expect(source.requests.length).to.be.within(4, 7);
    const before = source.requests.length;
    await passTime(chain.clock, 3_600_000);
    expect(source.requests.length - before).to.be.within(30, 60);
    await client.stop();
    await starting;
  });

  it("goes from status to status in order", async () => {
    const source = chain.source();
    source.overrides.bootstrap = () => Promise.reject(networkFailed());
    const client = chain.client({ sources: [source] });
    const log = record(client);
    const starting = client.start();
    await until(() => client.status.state === "stalled");
    delete source.overrides.bootstrap;
    await drive(chain.clock, starting);
    await client.stop();
    const states = log.status.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]);
    expect(states.slice(0, 2)).to.deep.equal(["bootstrapping", "stalled"]);
    expect(states.slice(-4)).to.deep.equal(["bootstrapping", "catching-up", "following", "stopped"]);
    expect(log.status.find(({ state }) => state === "stalled"))
      .to.have.property("reason")
      .that.contains("bootstrap");
  });

  it("tells its progress by periods: from, to, at, and the time that is left", async () => {
    const client = chain.client();
    const log = record(client);
    // a verification that takes a second a period
    client.on("committee", () => chain.clock.jumpTo(chain.clock.nowMs() + 1_000));
    await drive(chain.clock, client.start());
    await client.stop();
    const progress = log.status.flatMap((status) => (status.state === "catching-up" ? [status.progress] : []));
    expect(progress.map(({ fromPeriod, toPeriod, atPeriod }) => [fromPeriod, toPeriod, atPeriod])).to.deep.equal([
      [0, 3, 0],
      [0, 3, 1],
      [0, 3, 2],
      [0, 3, 3],
    ]);
    expect(progress.map(({ remainingMs }) => remainingMs)).to.deep.equal([null, 2_000, 1_000, 0]);
  });

  describe("rejects", () => {
    it("with NO_SOURCE_ANSWERED when no source knows the checkpoint, and is stopped", async () => {
      const sources = [chain.source("a"), chain.source("b")];
      for (const source of sources) source.overrides.bootstrap = () => Promise.reject(notAvailable("bootstrap"));
      const client = chain.client({ sources });
      const thrown = await rejectionOf(drive(chain.clock, client.start()));
      if (!isSidelightError(thrown, "NO_SOURCE_ANSWERED")) throw thrown;
      expect(thrown.details.attempts.map(({ source, code }) => `${source} ${code}`)).to.deep.equal([
        "a NOT_AVAILABLE",
        "b NOT_AVAILABLE",
      ]);
      expect(client.status.state).to.equal("stopped");
      expect(client.status).to.have.property("reason").that.contains("bootstrap");
      await settle();
      expect(chain.clock.sleepers).to.equal(0);
    });

    it("with NO_SOURCE_ANSWERED when what they send is of another block", async () => {
      const source = chain.source();
      source.overrides.bootstrap = async () => chain.forge.bootstrap(16).raw();
      const client = chain.client({ sources: [source] });
      const log = record(client);
      const thrown = await rejectionOf(drive(chain.clock, client.start()));
      if (!isSidelightError(thrown, "NO_SOURCE_ANSWERED")) throw thrown;
      expect(thrown.details.attempts[0]!.code).to.equal("BOOTSTRAP_ROOT_MISMATCH");
      expect(codesOf(log)).to.deep.equal(["BOOTSTRAP_ROOT_MISMATCH"]);
      expect(log.error[0]!.source).to.equal("fake");
    });

    it("with BLS_UNAVAILABLE when the backend cannot start, without asking on", async () => {
      const details = { backend: "broken", message: "no WASM" };
      const ready = () => Promise.reject(new SidelightError("BLS_UNAVAILABLE", "no WASM here", details));
      const source = chain.source();
      const client = chain.client({ sources: [source], bls: { ...stubBls(), ready } });
      const thrown = await rejectionOf(drive(chain.clock, client.start()));
      expect(isSidelightError(thrown, "BLS_UNAVAILABLE")).to.equal(true);
      expect(client.status.state).to.equal("stopped");
      expect(source.requests).to.deep.equal(["bootstrap"]);
    });
  });

  describe("does not give up", () => {
    it("when a source that did not answer may know the checkpoint, even while it is on pause", async () => {
      const [ignorant, late] = [chain.source("ignorant"), chain.source("late")];
      ignorant.overrides.bootstrap = () => Promise.reject(notAvailable("bootstrap"));
      late.overrides.bootstrap = () => Promise.reject(networkFailed());
      const client = chain.client({ sources: [ignorant, late] });
      record(client);
      const starting = client.start();
      // several attempts, some of which find one source only
      await Promise.race([passTime(chain.clock, 30_000), starting]);
      expect(client.status.state).to.equal("stalled");
      delete late.overrides.bootstrap;
      expect((await drive(chain.clock, starting)).trust.ageSlots).to.equal(1);
      expect(late.requests).to.include("bootstrap");
      await client.stop();
    });

    for (const status of [401, 403, 429, 500, 503]) {
      it(`after HTTP ${status}`, async () => {
        const source = chain.source();
        source.overrides.bootstrap = () => Promise.reject(httpStatus(status));
        const client = chain.client({ sources: [source] });
        record(client);
        const starting = client.start();
        await passTime(chain.clock, 10_000);
        delete source.overrides.bootstrap;
        expect((await drive(chain.clock, starting)).trust.ageSlots).to.equal(1);
        await client.stop();
      });
    }

    it("when the updates fail after the bootstrap, which is not asked for again", async () => {
      const source = chain.source();
      source.overrides.updates = () => Promise.reject(networkFailed());
      const client = chain.client({ sources: [source] });
      record(client);
      const starting = client.start();
      await passTime(chain.clock, 10_000);
      delete source.overrides.updates;
      await drive(chain.clock, starting);
      expect(source.requests.filter((route) => route === "bootstrap")).to.have.length(1);
      await client.stop();
    });

    it("when the first source hangs and the second answers, and does not wait for the first to be timed out", async () => {
      const [slow, quick] = [chain.source("slow"), chain.source("quick")];
      slow.overrides.bootstrap = async (signal) => {
        await Promise.race([chain.clock.sleep(10_000, signal), hang(signal)]);
        const details = { source: "slow", request: "bootstrap", timeoutMs: 10_000 };
        throw new SidelightError("REQUEST_TIMEOUT", "too slow", details);
      };
      const client = chain.client({ sources: [slow, quick] });
      const log = record(client);
      const head = await drive(chain.clock, client.start(), { limitMs: 4_000 });
      expect(head.trust.source).to.equal("quick");
      expect(log.error).to.deep.equal([]);
      expect(client.sources.map(({ source, requests }) => [source, requests > 0])).to.deep.equal([
        ["slow", true],
        ["quick", true],
      ]);
      await client.stop();
    });
  });
});
