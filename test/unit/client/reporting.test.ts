import { expect } from "chai";
import { createFakeChain, type FakeChain, networkFailed } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, watchUnhandled } from "./waiting.js";

describe("the error event of createLightClient", () => {
  watchUnhandled();
  let chain: FakeChain;
  let warnings: string[];
  const { warn } = console;

  beforeEach(async () => {
    chain = await createFakeChain();
    warnings = [];
    console.warn = (...args: unknown[]) => warnings.push(args.join(" "));
  });
  afterEach(() => {
    console.warn = warn;
  });

  /** A client that starts, and fails at every poll for half a minute. */
  async function withFailures(listen: (client: ReturnType<FakeChain["client"]>) => void): Promise<void> {
    const source = chain.source("broken");
    const client = chain.client({ sources: [source] });
    listen(client);
    await drive(chain.clock, client.start());
    for (const route of ["updates", "finalityUpdate", "optimisticUpdate"] as const) {
      source.overrides[route] = () => Promise.reject(networkFailed(route));
    }
    await passTime(chain.clock, 30_000);
    await client.stop();
    await settle();
  }

  it("carries the error and the source it came from", async () => {
    const seen: string[] = [];
    await withFailures((client) => client.on("error", ({ error, source }) => seen.push(`${source} ${error.code}`)));
    expect(seen).to.include.members(["broken NETWORK_FAILED", "null NO_SOURCE_ANSWERED"]);
    expect(warnings).to.deep.equal([]);
  });

  it("goes to the console when nobody listens: each code once a minute", async () => {
    await withFailures(() => {});
    const codes = warnings.map(
      (text) => /^sidelight: ([A-Z_]+): .+ \(listen to "error" to handle this\)$/.exec(text)?.[1],
    );
    expect(codes).to.deep.equal(["NETWORK_FAILED", "NO_SOURCE_ANSWERED"]);
  });

  it("goes to the console again after the clock was set back", async () => {
    const source = chain.source("broken");
    source.overrides.bootstrap = () => Promise.reject(networkFailed());
    const client = chain.client({ sources: [source] });
    await rejectionOf(drive(chain.clock, client.syncOnce()));
    warnings.splice(0);
    chain.clock.jumpTo(chain.clock.nowMs() - 3_600_000);
    await rejectionOf(drive(chain.clock, client.syncOnce()));
    expect(warnings).to.have.length(1);
  });

  it("reports a listener of another event that throws", async () => {
    const seen: string[] = [];
    await withFailures((client) => {
      client.on("error", ({ error }) => seen.push(error.code));
      client.on("head", () => {
        throw new Error("from the host");
      });
    });
    expect(seen).to.include("LISTENER_FAILED");
    expect(warnings).to.deep.equal([]);
  });

  it("does not call an error listener that throws about itself", async () => {
    let calls = 0;
    await withFailures((client) => {
      client.on("error", () => {
        calls++;
        throw new Error("from the error listener");
      });
    });
    expect(calls).to.be.within(2, 12);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('LISTENER_FAILED: a listener of "error" threw: from the error listener');
  });

  it("does not call an error listener that rejects about itself", async () => {
    await withFailures((client) => {
      client.on("error", async () => {
        throw new Error("later");
      });
    });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain("LISTENER_FAILED");
  });

  it("does not tell a slow reader of errors about the errors it missed", async () => {
    await withFailures((client) => client.events("error", { bufferSize: 1 }));
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain("EVENTS_DROPPED");
  });

  it("leaves a client that follows alone when all its listeners throw", async () => {
    const client = chain.client();
    for (const name of ["head", "finality", "participation", "committee", "status", "error", "reorg"] as const) {
      client.on(name, () => {
        throw new Error(name);
      });
    }
    await drive(chain.clock, client.start());
    await passTime(chain.clock, 5 * chain.network.slotDurationMs);
    expect(client.head?.slot).to.equal(203);
    expect(client.status).to.deep.equal({ state: "following" });
    await client.stop();
  });
});
