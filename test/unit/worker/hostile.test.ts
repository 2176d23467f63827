import { expect } from "chai";
import * as fc from "fast-check";
import type { LightClient } from "../../../src/client/light-client.js";
import { type ConnectedLightClient, connectLightClient } from "../../../src/worker/connect.js";
import { MAX_CALLS, MAX_SESSIONS, PROTOCOL_VERSION, WINDOW } from "../../../src/worker/protocol.js";
import { type Served, serveLightClient } from "../../../src/worker/serve.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, hang, record } from "../client/fake-chain.js";
import { drive, passTime, rejectionOf, settle, watchUnhandled } from "../client/waiting.js";
import { type Puppet, puppet } from "./wires.js";

const SESSION = "a-session";

function message(type: string, fields: object = {}, session = SESSION): Record<string, unknown> {
  return { sidelight: PROTOCOL_VERSION, session, type, ...fields };
}

const HELLO = message("hello", { names: [], viewer: "unknown" });

/** Nothing of ours, or nearly. */
const STRANGERS: readonly unknown[] = [
  undefined,
  null,
  0,
  "sidelight",
  [],
  {},
  { type: "hello" },
  { sidelight: "1", session: SESSION, type: "hello" },
  { sidelight: PROTOCOL_VERSION, session: "", type: "hello" },
  { sidelight: PROTOCOL_VERSION, session: "x".repeat(65), type: "hello" },
  { sidelight: PROTOCOL_VERSION, session: 7, type: "hello" },
  { sidelight: PROTOCOL_VERSION, session: SESSION },
  new Uint8Array(1 << 20),
  "x".repeat(1 << 22),
];

describe("serveLightClient before a hostile side", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;
  let client: LightClient;
  let there: Puppet;
  let served: Served;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source();
    client = chain.client({ sources: [source] });
    there = puppet();
    served = serveLightClient(there.port, client, { clock: chain.clock });
  });
  afterEach(async () => {
    served.close();
    await client.stop();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
    expect(there.listeners).to.equal(0);
  });

  const typesSent = () => there.sent.map(({ type }) => type);

  it("leaves alone what is not its own", () => {
    for (const stranger of STRANGERS) there.receive(stranger);
    expect(there.sent).to.deep.equal([]);
    expect(served.connections).to.equal(0);
  });

  const malformed: Record<string, Record<string, unknown>> = {
    "no such message": message("explode"),
    "a name of Object's": message("constructor"),
    "a hello that listens to nothing known": message("hello", { names: ["head", "explosions"], viewer: "visible" }),
    "a hello that listens to a million": message("hello", { names: Array(1_000_000).fill("head"), viewer: "visible" }),
    "a hello of no list": message("hello", { names: "head", viewer: "visible" }),
    "a hello of no viewer": message("hello", { names: [] }),
    "a call of no method": message("call", { id: 1 }),
    "a call of a getter": message("call", { id: 1, method: "head" }),
    "a call of what is internal": message("call", { id: 1, method: "__proto__" }),
    "a call without a number": message("call", { id: "1", method: "start" }),
    "a call of a negative number": message("call", { id: -1, method: "start" }),
    "a call of a fraction": message("call", { id: 1.5, method: "start" }),
    "an abort of nothing": message("abort"),
    "a viewer that is neither": message("viewer", { viewer: "asleep", change: "hidden" }),
    "an acknowledgement of what was not sent": message("ack", { seq: 99 }),
    "an acknowledgement of infinity": message("ack", { seq: Infinity }),
  };
  for (const [name, data] of Object.entries(malformed)) {
    it(`tells its sender, and does nothing: ${name}`, async () => {
      there.receive(HELLO);
      there.sent.splice(0);
      there.receive(data);
      await settle();
      expect(typesSent()).to.deep.equal(["invalid"]);
      expect(there.sent[0]).to.have.all.keys("sidelight", "session", "type", "message", "expected", "actual");
      expect(source.requests).to.deep.equal([]);
      expect(served.connections).to.equal(1);
    });
  }

  it("survives anything", () => {
    there.receive(HELLO);
    const type = fc.constantFrom(
      "hello",
      "listen",
      "call",
      "abort",
      "viewer",
      "ack",
      "ping",
      "pong",
      "bye",
      "state",
      "",
    );
    const fields = fc.dictionary(
      fc.constantFrom("names", "viewer", "id", "method", "seq", "change", "x"),
      fc.anything(),
    );
    fc.assert(
      fc.property(type, fields, fc.constantFrom(SESSION, "another"), (kind, rest, session) => {
        there.receive({ ...rest, ...message(kind, {}, session) });
      }),
      { numRuns: 500 },
    );
    expect(served.connections).to.be.at.most(2);
  });

  it("refuses another version, in its own, and says nothing to other messages of it", () => {
    there.receive({ ...HELLO, sidelight: PROTOCOL_VERSION + 1 });
    there.receive({ ...message("call", { id: 1, method: "stop" }), sidelight: PROTOCOL_VERSION + 1 });
    expect(there.sent).to.deep.equal([message("refused")]);
  });

  it("tells whoever it does not know to say hello", () => {
    there.receive(message("call", { id: 1, method: "start" }));
    expect(there.sent).to.deep.equal([message("gone")]);
    expect(source.requests).to.deep.equal([]);
  });

  it("takes a call once, however often it is sent", async () => {
    there.receive(HELLO);
    const call = message("call", { id: 5, method: "syncOnce" });
    for (let i = 0; i < 10; i++) there.receive(call);
    there.receive(message("call", { id: 4, method: "syncOnce" }));
    await passTime(chain.clock, 0);
    await settle();
    expect(there.sent.filter(({ type }) => type === "result")).to.have.length(1);
    expect(there.sent.filter(({ type }) => type === "invalid")).to.have.length(10);
  });

  it("takes no more calls at once than it can keep", async () => {
    source.overrides.bootstrap = hang;
    there.receive(HELLO);
    for (let id = 1; id <= MAX_CALLS + 3; id++) there.receive(message("call", { id, method: "syncOnce" }));
    await settle();
    const failures = there.sent.filter(({ type }) => type === "failure");
    expect(failures.map(({ id }) => id)).to.deep.equal([MAX_CALLS + 1, MAX_CALLS + 2, MAX_CALLS + 3]);
  });

  it("takes no more connections than it can keep", () => {
    for (let i = 0; i < MAX_SESSIONS + 5; i++) there.receive({ ...HELLO, session: `session-${i}` });
    expect(served.connections).to.equal(MAX_SESSIONS);
    expect(typesSent().filter((type) => type === "refused")).to.have.length(5);
    there.receive({ ...HELLO, session: "session-0" });
    expect(served.connections).to.equal(MAX_SESSIONS);
  });

  it("sends no more than a window ahead of who does not keep up, and then says what was dropped", async () => {
    there.receive(message("hello", { names: ["status", "committee", "participation"], viewer: "unknown" }));
    await drive(chain.clock, client.start());
    for (let i = 0; i < 40; i++) {
      await passTime(chain.clock, 10 * chain.network.slotDurationMs);
      there.receive(message("pong"));
    }
    const numbered = there.sent.filter(({ type }) => type === "event" || type === "state");
    expect(numbered).to.have.length(WINDOW);
    there.sent.splice(0);
    there.receive(message("ack", { seq: WINDOW }));
    expect(typesSent()).to.include.members(["dropped", "state"]);
    const dropped = there.sent.find(({ type }) => type === "dropped")!["counts"] as Record<string, number>;
    expect(dropped["participation"]).to.be.within(100, 300);
    const { head } = there.sent.find(({ type }) => type === "state")!["state"] as { head: { slot: number } };
    expect(head.slot).to.equal(client.head!.slot);
  });

  it("gives up who says hello and nothing else", async () => {
    there.receive(HELLO);
    await passTime(chain.clock, 89_000);
    expect(served.connections).to.equal(1);
    await passTime(chain.clock, 1_100);
    expect(served.connections).to.equal(0);
  });
});

describe("connectLightClient before a hostile side", () => {
  watchUnhandled();
  let chain: FakeChain;
  let there: Puppet;
  let remote: ConnectedLightClient;
  let log: ReturnType<typeof record>;
  let session: string;

  const EMPTY = {
    status: { state: "idle" },
    head: null,
    finalized: null,
    participation: null,
    evidence: [],
    checkpoint: null,
    sources: [],
  };

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    there = puppet();
    remote = connectLightClient(there.port, { clock: chain.clock });
    log = record(remote);
    await settle();
    session = there.sent[0]!["session"] as string;
    receive("welcome", { chain: null, state: EMPTY });
    await settle();
  });
  afterEach(async () => {
    remote.disconnect();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  function receive(type: string, fields: object = {}): void {
    there.receive(message(type, fields, session));
  }

  async function realHead() {
    const client = chain.client();
    const { head } = await drive(chain.clock, client.syncOnce());
    return head;
  }

  it("leaves alone what is not its own", () => {
    for (const stranger of STRANGERS) there.receive(stranger);
    there.receive(message("bye", {}, "another"));
    there.receive(message("event", { seq: 1, name: "status", payload: { state: "following" } }, "another"));
    expect(codesOf(log)).to.deep.equal([]);
    expect(remote.status).to.deep.equal({ state: "idle" });
  });

  it("ends with another version", async () => {
    there.receive({ ...message("refused", {}, session), sidelight: PROTOCOL_VERSION + 1 });
    expect(codesOf(log)).to.deep.equal(["PROTOCOL_MISMATCH"]);
    expect(log.error[0]!.error.details).to.deep.equal({ expected: PROTOCOL_VERSION, actual: PROTOCOL_VERSION + 1 });
    expect(await rejectionOf(remote.start())).to.equal(log.error[0]!.error);
  });

  it("ends when it is refused", () => {
    receive("refused");
    expect(log.error.map(({ error }) => error.details)).to.have.deep.nested.property("[0].reason", "refused");
  });

  const HEADS: Record<string, (head: Record<string, unknown>) => unknown> = {
    "no header": () => "0x",
    "a list": () => [],
    "no slot": ({ slot: _, ...rest }) => rest,
    "a slot of text": (head) => ({ ...head, slot: "202" }),
    "no trust label": ({ trust: _, ...rest }) => rest,
    "a trust label of another level": (head) => ({
      ...head,
      trust: { ...(head["trust"] as object), level: "certain" },
    }),
    "a root that is no hex": (head) => ({ ...head, root: "<img src=x onerror=alert(1)>" }),
    "execution data of nothing": (head) => ({ ...head, execution: {} }),
  };
  for (const [name, spoil] of Object.entries(HEADS)) {
    it(`tells that a head is none, and passes it on to nobody: ${name}`, async () => {
      const head = (await realHead()) as unknown as Record<string, unknown>;
      receive("event", { seq: 1, name: "head", payload: spoil(head) });
      expect(codesOf(log)).to.deep.equal(["MESSAGE_INVALID"]);
      expect(log.head).to.deep.equal([]);
      expect(remote.head).to.equal(null);
      receive("event", { seq: 2, name: "head", payload: head });
      expect(log.head).to.have.length(1);
    });
  }

  const malformed: Record<string, [type: string, fields: object]> = {
    "no such message": ["explode", {}],
    "no such event": ["event", { seq: 1, name: "explosion", payload: {} }],
    "an event of Object's": ["event", { seq: 1, name: "toString", payload: {} }],
    "a status of another kind": ["event", { seq: 1, name: "status", payload: { state: "happy" } }],
    "a status without its reason": ["event", { seq: 1, name: "status", payload: { state: "stalled" } }],
    "a status of Object's": ["event", { seq: 1, name: "status", payload: { state: "constructor" } }],
    "a state that is none": ["state", { seq: 1, state: { head: 7 } }],
    "evidence that is endless": ["state", { seq: 1, state: { evidence: Array(17).fill({}) } }],
    "a result of no number": ["result", { id: null, value: null }],
    "a failure that is no error": ["failure", { id: 1, error: { message: "no" } }],
    "a failure of a strange code": [
      "failure",
      { id: 1, error: { name: "SidelightError", code: "a b", message: "", details: {} } },
    ],
    "a welcome without a state": ["welcome", { chain: null }],
    "a welcome of a chain without time": ["welcome", { chain: { network: "x" }, state: EMPTY }],
  };
  for (const [name, [type, fields]] of Object.entries(malformed)) {
    it(`tells it, and goes on: ${name}`, () => {
      receive(type, fields);
      expect(codesOf(log)).to.deep.equal(["MESSAGE_INVALID"]);
      expect(remote.status).to.deep.equal({ state: "idle" });
    });
  }

  it("rejects a call that is answered with something else", async () => {
    for (const [method, value] of [
      ["start", null],
      ["start", { slot: 1 }],
      ["syncOnce", { head: null }],
    ] as const) {
      const call = remote[method]();
      const { id } = there.sent.findLast(({ type }) => type === "call")!;
      receive("result", { id, value });
      expect(await rejectionOf(call)).to.have.property("code", "MESSAGE_INVALID");
    }
  });

  it("passes over answers to what it has not asked, and the second answer to what it has", async () => {
    receive("result", { id: 99, value: null });
    const call = remote.stop();
    const { id } = there.sent.findLast(({ type }) => type === "call")!;
    receive("result", { id, value: null });
    receive("failure", { id, error: { name: "SidelightError", code: "UNEXPECTED", message: "late", details: {} } });
    await call;
    expect(codesOf(log)).to.deep.equal([]);
  });

  it("takes an event once, however often it is sent, and tells what is missing", async () => {
    const payload = { from: { slot: 1, root: "0x01" }, to: { slot: 2, root: "0x02" }, commonAncestor: null };
    for (const seq of [1, 1, 2, 1, 2, 5]) receive("event", { seq, name: "reorg", payload });
    expect(log.reorg).to.have.length(3);
    expect(codesOf(log)).to.deep.equal(["EVENTS_DROPPED"]);
    expect(log.error[0]!.error.details).to.deep.equal({ event: "any", dropped: 2 });
  });

  it("tells what the other side dropped", () => {
    receive("dropped", { counts: { head: 3 } });
    expect(log.error[0]!.error.details).to.deep.equal({ event: "head", dropped: 3 });
  });

  it("acknowledges by and by", () => {
    const payload = { from: { slot: 1, root: "0x01" }, to: { slot: 2, root: "0x02" }, commonAncestor: null };
    for (let seq = 1; seq <= 100; seq++) receive("event", { seq, name: "reorg", payload });
    expect(there.sent.filter(({ type }) => type === "ack").map(({ seq }) => seq)).to.deep.equal([32, 64, 96]);
  });

  it("keeps no more calls than the other side takes", async () => {
    const calls = Array.from({ length: MAX_CALLS + 1 }, () => remote.syncOnce());
    expect(await rejectionOf(calls.at(-1)!)).to.have.property("code", "MESSAGE_INVALID");
    remote.disconnect();
    await Promise.allSettled(calls);
  });

  it("survives anything", () => {
    const type = fc.constantFrom("state", "event", "dropped", "result", "failure", "invalid", "ping", "pong", "gone");
    const names = ["seq", "state", "name", "payload", "counts", "id", "value", "error", "chain"] as const;
    fc.assert(
      fc.property(type, fc.dictionary(fc.constantFrom(...names), fc.anything()), (kind, rest) => {
        there.receive({ ...rest, ...message(kind, {}, session) });
      }),
      { numRuns: 500 },
    );
    expect(remote.status.state).to.equal("idle");
  });
});
