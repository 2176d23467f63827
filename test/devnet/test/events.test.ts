import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Devnet, Fault } from "../src/client.ts";
import { committeeAt, decodeJson, getJson, PATHS, type Versioned } from "./api.ts";
import { localDevnet } from "./local.ts";
import { failedChecks } from "./verify.ts";

type Event = { topic: string; data: string };
type Listener = { events: Event[]; status: number; ended: Promise<void>; close(): void };

const TOPICS = "head,chain_reorg,finalized_checkpoint,light_client_finality_update,light_client_optimistic_update";

function parse(text: string): Event[] {
  return text
    .split("\n\n")
    .map((block) => block.split("\n"))
    .filter((lines) => lines.some((line) => line.startsWith("event:")))
    .map((lines) => ({
      topic: lines.find((line) => line.startsWith("event: "))?.slice(7) ?? "",
      data: lines.find((line) => line.startsWith("data: "))?.slice(6) ?? "",
    }));
}

async function listen(url: string, topics = TOPICS): Promise<Listener> {
  const abort = new AbortController();
  const response = await fetch(`${url}/eth/v1/events?topics=${topics}`, {
    headers: { accept: "text/event-stream" },
    signal: abort.signal,
  });
  const events: Event[] = [];
  async function read(): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      rest += decoder.decode(chunk, { stream: true });
      const end = rest.lastIndexOf("\n\n");
      if (end < 0) continue;
      events.push(...parse(rest.slice(0, end)));
      rest = rest.slice(end + 2);
    }
  }
  const ended = read().catch(() => undefined);
  return { events, status: response.status, ended, close: () => abort.abort() };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition(), "waited two seconds in vain");
}

describe("events", () => {
  let devnet: Devnet;
  before(async () => {
    devnet = await localDevnet({});
    await devnet.advance(40);
  });
  after(() => devnet.stop());

  it("tell about each new head, with light-client updates that verify", async () => {
    const listener = await listen(devnet.url);
    const head = await devnet.advance(8);
    await until(() => listener.events.some(({ data }) => data.includes(head.root)));
    listener.close();
    const of = (topic: string) => listener.events.filter((event) => event.topic === topic);
    assert.equal(of("head").length, 8);
    assert.equal(of("finalized_checkpoint").length, 1);
    assert.equal(of("light_client_optimistic_update").length, 8);
    for (const { data } of of("light_client_finality_update")) {
      const { version, object } = decodeJson("LightClientFinalityUpdate", JSON.parse(data) as Versioned);
      const committee = await committeeAt(devnet, object.signatureSlot as number);
      assert.deepEqual(failedChecks(devnet.info, version, object, committee), []);
    }
    assert.deepEqual(
      JSON.parse(of("light_client_optimistic_update").at(-1)?.data as string),
      await getJson(devnet.url + PATHS.optimistic),
    );
  });

  it("tell about a reorganisation", async () => {
    const listener = await listen(devnet.url, "chain_reorg&topics=head");
    const { newHead, oldHead } = await devnet.reorg(2);
    await until(() => listener.events.length === 2);
    listener.close();
    const reorg = JSON.parse(listener.events.find(({ topic }) => topic === "chain_reorg")?.data as string);
    assert.deepEqual([reorg.depth, reorg.old_head_block, reorg.new_head_block], ["2", oldHead.root, newHead.root]);
  });

  it("need a topic that exists", async () => {
    assert.equal((await listen(devnet.url, "weather")).status, 400);
  });

  async function faulty(fault: Fault, use: (listener: Listener) => Promise<void>): Promise<void> {
    const server = await devnet.newServer([fault]);
    const listener = await listen(server.url, "head");
    try {
      await use(listener);
    } finally {
      listener.close();
      await server.close();
    }
  }

  it("sse-stop ends the stream", () =>
    faulty({ kind: "sse-stop", events: 2 }, async (listener) => {
      await devnet.advance(4);
      await listener.ended;
      assert.equal(listener.events.length, 2);
    }));

  for (const variant of ["cut", "clean"] as const) {
    it(`truncated, ${variant}: half an event`, () =>
      faulty({ kind: "truncated", variant }, async (listener) => {
        await devnet.advance(1);
        await listener.ended;
        assert.equal(listener.events.length, variant === "cut" ? 0 : 1);
        for (const { data } of listener.events) assert.throws(() => JSON.parse(data));
      }));
  }

  it("no-cors lets no other origin listen", async () => {
    for (const faults of [[], [{ kind: "no-cors" } as const]]) {
      const server = await devnet.newServer(faults);
      const response = await fetch(`${server.url}/eth/v1/events?topics=head`);
      assert.equal(response.headers.get("access-control-allow-origin"), faults.length === 0 ? "*" : null);
      await response.body?.cancel();
      await server.close();
    }
  });

  it("sse-repeat says everything again", () =>
    faulty({ kind: "sse-repeat", copies: 3, times: 1 }, async (listener) => {
      await devnet.advance(2);
      await until(() => listener.events.length === 4);
      assert.equal(listener.events[0]?.data, listener.events[2]?.data);
    }));

  it("sse-garbage is not JSON", () =>
    faulty({ kind: "sse-garbage" }, async (listener) => {
      await devnet.advance(1);
      await until(() => listener.events.length === 1);
      assert.throws(() => JSON.parse(listener.events[0]?.data as string));
    }));

  it("sse-silent says nothing", () =>
    faulty({ kind: "sse-silent" }, async (listener) => {
      await devnet.advance(2);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual([listener.status, listener.events.length], [200, 0]);
    }));

  it("sse-refused is a 404", () =>
    faulty({ kind: "sse-refused" }, async (listener) => assert.equal(listener.status, 404)));

  it("carry spoilt data too: wrong-signature", async () => {
    const server = await devnet.newServer([{ kind: "wrong-signature", after: 1 }]);
    const listener = await listen(server.url, "light_client_optimistic_update");
    await devnet.advance(2);
    await until(() => listener.events.length === 2);
    listener.close();
    await server.close();
    const failures = await Promise.all(
      listener.events.map(async ({ data }) => {
        const { version, object } = decodeJson("LightClientOptimisticUpdate", JSON.parse(data) as Versioned);
        return failedChecks(devnet.info, version, object, await committeeAt(devnet, object.signatureSlot as number));
      }),
    );
    assert.deepEqual(failures, [[], ["signature"]]);
  });
});
