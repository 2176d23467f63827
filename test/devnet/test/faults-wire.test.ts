import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Devnet, DevnetServer, Fault } from "../src/client.ts";
import { JSON_ONLY, PATHS, SSZ_ONLY } from "./api.ts";
import { localDevnet } from "./local.ts";

let devnet: Devnet;
let server: DevnetServer;

before(async () => {
  devnet = await localDevnet({});
  await devnet.advance(70);
  server = await devnet.newServer();
});
after(() => devnet.stop());
beforeEach(() => server.setFaults([]));

const switchOn = (...faults: Fault[]) => server.setFaults(faults);

type Raw = { status: number; headers: Headers; bytes: number };

async function raw(path: string, headers: Record<string, string> = JSON_ONLY): Promise<Raw> {
  const response = await fetch(server.url + path, { headers, redirect: "manual", signal: AbortSignal.timeout(2000) });
  return { status: response.status, headers: response.headers, bytes: (await response.arrayBuffer()).byteLength };
}

describe("faults of HTTP and the wire", () => {
  it("json-only and ssz-only", async () => {
    const status = async (headers: Record<string, string>) => (await raw(PATHS.finality, headers)).status;
    await switchOn({ kind: "json-only" });
    assert.deepEqual([await status(SSZ_ONLY), await status(JSON_ONLY)], [406, 200]);
    await switchOn({ kind: "ssz-only" });
    assert.deepEqual([await status(SSZ_ONLY), await status(JSON_ONLY)], [200, 406]);
  });

  for (const status of [404, 406, 429, 500, 503]) {
    it(`status ${status}`, async () => {
      await switchOn({ kind: "status", status, retryAfterSeconds: 3 });
      const answer = await raw(PATHS.finality);
      assert.deepEqual([answer.status, answer.headers.get("retry-after")], [status, "3"]);
    });
  }

  it("redirect", async () => {
    await switchOn({ kind: "redirect" });
    const answer = await raw(PATHS.finality);
    assert.deepEqual([answer.status, answer.headers.get("location")], [302, `/elsewhere${PATHS.finality}`]);
  });

  it("wrong-content-type, garbage, no-cors", async () => {
    await switchOn(
      { kind: "wrong-content-type", contentType: "text/html" },
      { kind: "garbage", bytes: 7 },
      { kind: "no-cors" },
    );
    const answer = await raw(PATHS.finality);
    assert.deepEqual([answer.headers.get("content-type"), answer.bytes], ["text/html", 7]);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
    const preflight = await fetch(server.url + PATHS.finality, { method: "OPTIONS" });
    assert.equal(preflight.status, 403);
  });

  it("hidden-version", async () => {
    await switchOn({ kind: "hidden-version" });
    const { headers } = await raw(PATHS.finality);
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("access-control-expose-headers"), null);
    assert.match(headers.get("eth-consensus-version") ?? "", /^[a-z]+$/);
  });

  it("truncated: cut or clean", async () => {
    const { bytes } = await raw(PATHS.finality);
    await switchOn({ kind: "truncated" });
    await assert.rejects(raw(PATHS.finality), /terminated|closed|aborted/);
    await switchOn({ kind: "truncated", variant: "clean" });
    assert.equal((await raw(PATHS.finality)).bytes, bytes >> 1);
  });

  it("oversized: declared or endless", async () => {
    for (const variant of ["declared", "endless"] as const) {
      await switchOn({ kind: "oversized", variant });
      const abort = new AbortController();
      const response = await fetch(server.url + PATHS.finality, { signal: abort.signal });
      const length = response.headers.get("content-length");
      assert.equal(length, variant === "declared" ? String(2 ** 30) : null);
      let seen = 0;
      const read = async () => {
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          seen += chunk.length;
          if (seen > 200_000) abort.abort();
        }
      };
      await assert.rejects(read());
      assert.ok(seen > 200_000);
    }
  });

  it("slow and drip take their time", async () => {
    await switchOn({ kind: "slow", ms: 150 });
    assert.ok((await timed(() => raw(PATHS.finality))) >= 140);
    await switchOn({ kind: "drip", chunkBytes: 1000, ms: 40 });
    assert.ok((await timed(() => raw(PATHS.finality))) >= 120);
  });

  it("hang never answers, reset cuts, and both are in the log", async () => {
    await server.clearRequests();
    await switchOn({ kind: "hang" });
    await assert.rejects(fetch(server.url + PATHS.finality, { signal: AbortSignal.timeout(100) }));
    await switchOn({ kind: "reset" });
    await assert.rejects(raw(PATHS.finality), /fetch failed/);
    const log = await server.requests();
    assert.deepEqual(
      log.map(({ status, faults }) => [status, faults[0]]),
      [
        [0, "hang"],
        [0, "reset"],
      ],
    );
  });
});

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

describe("the scope of a fault", () => {
  it("is a number of requests, after a number of requests, on some routes", async () => {
    await switchOn({ kind: "status", status: 503, routes: ["finality_update"], after: 1, times: 2 });
    const seen = [];
    for (let i = 0; i < 4; i++) seen.push((await raw(PATHS.finality)).status, (await raw(PATHS.optimistic)).status);
    assert.deepEqual(seen, [200, 200, 503, 200, 503, 200, 200, 200]);
  });

  it("is one server: the others stay honest", async () => {
    await switchOn({ kind: "status", status: 500 });
    assert.equal((await fetch(devnet.url + PATHS.finality)).status, 200);
  });

  it("refuses a kind that does not exist", async () => {
    await assert.rejects(server.setFaults([{ kind: "rain" } as unknown as Fault]), /unknown fault kind rain/);
  });
});
