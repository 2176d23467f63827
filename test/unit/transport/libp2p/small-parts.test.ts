import { expect } from "chai";
import { mainnet } from "../../../../src/networks/mainnet.js";
import { describeDialFailure } from "../../../../src/transport/libp2p/dial-failure.js";
import { createLinks } from "../../../../src/transport/libp2p/links.js";
import { resolvePeersOptions } from "../../../../src/transport/libp2p/options.js";
import { createQuota } from "../../../../src/transport/libp2p/quota.js";
import { createTurns } from "../../../../src/transport/libp2p/turns.js";
import { createWatchdog } from "../../../../src/transport/libp2p/watchdog.js";
import { manualClock } from "../../../support/clock.js";
import { rejectionOf } from "../../client/waiting.js";

describe("createQuota", () => {
  it("allows a burst, and then as much as time brings", async () => {
    const clock = manualClock(1_000_000);
    const quota = createQuota(clock, { burst: 3, perMs: 1_000 });
    const take = (times: number) => Array.from({ length: times }, () => quota.take("a"));
    expect(take(5)).to.deep.equal([true, true, true, false, false]);
    await clock.advance(999);
    expect(take(1)).to.deep.equal([false]);
    await clock.advance(1_001);
    expect(take(3)).to.deep.equal([true, true, false]);
    await clock.advance(1_000_000);
    expect(take(4)).to.deep.equal([true, true, true, false]);
  });

  it("counts each for itself, and survives a clock that is set back", () => {
    const clock = manualClock(1_000_000);
    const quota = createQuota(clock, { burst: 1, perMs: 1_000 });
    expect([quota.take("a"), quota.take("b"), quota.take("a")]).to.deep.equal([true, true, false]);
    clock.jumpTo(0);
    expect(quota.take("a")).to.equal(false);
  });

  it("forgets whom it saw longest ago", () => {
    const quota = createQuota(manualClock(0), { burst: 1, perMs: 1_000_000 });
    quota.take("first");
    for (let i = 0; i < 2_000; i++) quota.take(`${i}`);
    expect(quota.take("first")).to.equal(true);
    expect(quota.take("1999")).to.equal(false);
  });
});

describe("createTurns", () => {
  const isWaiting = (turn: Promise<unknown>) =>
    Promise.race([turn.then(() => false), Promise.resolve().then(() => true)]);

  it("lets so many at a time, of each kind, in the order in which they came", async () => {
    const turns = createTurns(2);
    const [first, second] = [await turns.take("a", undefined), await turns.take("a", undefined)];
    const order: number[] = [];
    const third = turns.take("a", undefined).then((end) => {
      order.push(3);
      return end;
    });
    const fourth = turns.take("a", undefined).then((end) => {
      order.push(4);
      return end;
    });
    await turns.take("b", undefined);
    expect(order).to.deep.equal([]);
    first();
    first(); // twice is once
    (await third)();
    await fourth;
    expect(order).to.deep.equal([3, 4]);
    second();
  });

  it("passes on the turn of one who gave up", async () => {
    const turns = createTurns(1);
    const end = await turns.take("a", undefined);
    const giving = new AbortController();
    const given = rejectionOf(turns.take("a", giving.signal));
    const next = turns.take("a", undefined);
    giving.abort("enough");
    expect(await given).to.equal("enough");
    expect(await isWaiting(next)).to.equal(true);
    end();
    (await next)();
  });
});

describe("createWatchdog", () => {
  const late = (what: string) => () => new Error(what);

  it("barks at the part that is late, and not before", async () => {
    const clock = manualClock(0);
    const dog = createWatchdog(clock, undefined);
    dog.arm(100, late("first"));
    await clock.advance(99);
    dog.arm(100, late("second"));
    await clock.advance(99);
    const barked = rejectionOf(dog.barked);
    await clock.advance(1);
    expect(((await barked) as Error).message).to.equal("second");
  });

  it("leaves no timer behind", async () => {
    const clock = manualClock(0);
    const dog = createWatchdog(clock, undefined);
    dog.arm(100, late("never"));
    dog.end();
    await clock.advance(0);
    expect(clock.nextWakeMs).to.equal(null);
  });

  it("rejects with exactly the reason of an abort", async () => {
    const reason = { enough: true };
    expect(await rejectionOf(createWatchdog(manualClock(0), AbortSignal.abort(reason)).barked)).to.equal(reason);
  });
});

describe("createLinks", () => {
  const [ours, another] = ["16Uiu2HAkzwVrsxn1YgFYKKqtVaZyKNGWoqgBXyeUxpVTtbMg8XQo", "of somebody who came"];
  const asked = { source: "a peer", request: "ping", redact: (text: string) => text };

  it("remembers who of our peers has sent us away, and nothing of others: there may be any number of them", async () => {
    const peers = [`/dns4/node.example/tcp/443/wss/p2p/${ours}`];
    const config = resolvePeersOptions({ network: mainnet, peers, clock: manualClock() });
    const links = createLinks(config, () => Promise.reject(new Error("no node here")));
    for (const peerId of [ours, another]) links.sentAway(peerId, 129n);
    const refusal = async (peerId: string) =>
      String(await rejectionOf(links.use({ peerId, addresses: [] }, asked, undefined, async () => {})));
    expect(await refusal(ours)).to.match(/left alone for 30000 ms more: it said goodbye: it has too many peers/);
    expect(await refusal(another)).to.match(/no node here/);
  });
});

describe("describeDialFailure", () => {
  const refused = new Error("connect ECONNREFUSED 127.0.0.1:9001");
  const cases: Record<string, [thrown: unknown, words: string]> = {
    "an error": [refused, refused.message],
    "the event of Node's websocket": [{ type: "error", error: refused, message: "" }, refused.message],
    "an event with words alone": [{ type: "error", message: "non-101 status code" }, "non-101 status code"],
    "the event of a page's websocket": [new Event("error"), "the websocket could not be opened"],
    "one for each way": [
      new AggregateError([new Error("no"), new AggregateError([refused, refused]), new Event("error")], "All failed"),
      `no; ${refused.message}; the websocket could not be opened`,
    ],
    "an event of several": [{ type: "error", error: new AggregateError([refused], "") }, refused.message],
    "several without any": [new AggregateError([], "All multiaddr dials failed"), "All multiaddr dials failed"],
    nothing: [undefined, "the websocket could not be opened"],
  };
  for (const [what, [thrown, words]] of Object.entries(cases)) {
    it(`finds words for ${what}`, () => {
      expect(describeDialFailure(thrown)).to.equal(words);
    });
  }
});
