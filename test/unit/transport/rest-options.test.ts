import { expect } from "chai";
import type { FetchLike } from "../../../src/transport/http.js";
import { type RestSourceOptions, restSource } from "../../../src/transport/rest.js";
import { closeServers, countingClock, failure, lyingServer, sendJson, thrownBy } from "./lying-server.js";

const ok = { version: "deneb", data: { slot: "1" } };
const okServer = () => lyingServer((_, response) => sendJson(response, ok));

describe("restSource options", () => {
  afterEach(closeServers);

  it("refuses a URL that is none, or not HTTP, without showing it", () => {
    for (const url of ["", "beacon.example", "ftp://u:secret@a.example/secret", "file:///secret", "http://"]) {
      const error = thrownBy("OPTION_INVALID", () => restSource(url));
      expect(error.details.option).to.equal("url");
      expect(error.message).not.to.contain("secret");
    }
    thrownBy("OPTION_INVALID", () => restSource(undefined as never));
    thrownBy("OPTION_INVALID", () => restSource("http://%ff@a.example"));
  });

  it("refuses every malformed option by its name", () => {
    const wrong: { [key in keyof RestSourceOptions]-?: unknown[] } = {
      name: ["", "two\nlines", "x".repeat(101), "https://a.example/key", 5],
      headers: [5, [], new Headers(), { "a b": "x" }, { a: "x\ny" }, { a: 5 }, { a: "x", A: "y" }, { Accept: "*/*" }],
      fetch: [5, {}],
      timeoutMs: [0, -1, 1.5, Number.NaN, 2 ** 31, "5"],
      retries: [-1, 0.5, 11, "1"],
      encodings: ["ssz", true],
      streamIdleMs: [0, 2 ** 31],
      clock: [5, {}, { nowMs: () => 0 }],
      random: [0.5],
    };
    for (const [option, values] of Object.entries(wrong)) {
      for (const value of values) {
        const error = thrownBy("OPTION_INVALID", () => restSource("http://a.example", { [option]: value }));
        expect(error.details.option).to.equal(option);
      }
    }
  });

  it("never shows the value of a header", () => {
    const error = thrownBy("OPTION_INVALID", () => restSource("http://a.example", { headers: { key: "secret\n" } }));
    expect(error.message).not.to.contain("secret");
  });

  it("is called by its host unless it has a name", () => {
    expect(restSource("https://user:secret@a.example:8443/key/?k=secret").name).to.equal("a.example:8443");
    expect(restSource("https://a.example", { name: "mine" }).name).to.equal("mine");
  });

  it("does no I/O when made", async () => {
    const server = await okServer();
    restSource(server.url);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.connections()).to.equal(0);
  });

  it("keeps the path and the query of its URL on each request, and sends the headers", async () => {
    const server = await okServer();
    const source = restSource(`${server.url}/base/key//?apikey=k%20k#fragment`, { headers: { "X-Key": "abc" } });
    await source.finalityUpdate();
    await failure("RESPONSE_INVALID", source.updates(7, 2));
    const prefix = "/base/key/eth/v1/beacon/light_client";
    expect(server.requests.map((request) => request.url)).to.deep.equal([
      `${prefix}/finality_update?apikey=k%20k`,
      `${prefix}/updates?apikey=k%20k&start_period=7&count=2`,
    ]);
    expect(server.requests[0]?.headers["x-key"]).to.equal("abc");
  });

  it("turns credentials in the URL into Basic authorization", async () => {
    const server = await okServer();
    await restSource(`http://us%40er:p%C3%A4ss@${server.host}`).finalityUpdate();
    const basic = Buffer.from("us@er:päss", "utf8").toString("base64");
    expect(server.requests[0]?.headers.authorization).to.equal(`Basic ${basic}`);
    const options = { headers: { Authorization: "Bearer x" } };
    thrownBy("OPTION_INVALID", () => restSource("http://user:pass@a.example", options));
  });

  it("takes credentials out of what a server or a runtime says", async () => {
    const server = await lyingServer((request, response) => {
      const message = `Route ${request.url} ${request.headers["x-key"]} ${request.headers.authorization} not found\n\u001b[31m`;
      sendJson(response, { code: 400, message: `${message} see https://docs.example/x${"y".repeat(500)}` }, 400);
    });
    const url = `http://alice:hunter22@${server.host}/my-path-key/v3?token=query-key`;
    const headers = { "x-key": "header-key" };
    const error = await failure("HTTP_STATUS", restSource(url, { headers }).finalityUpdate());
    const text = JSON.stringify(error) + error.stack;
    const basic = Buffer.from("alice:hunter22").toString("base64");
    for (const secret of [
      "alice",
      "hunter22",
      "my-path-key",
      "query-key",
      "header-key",
      basic,
      "docs.example",
      "\\u001b",
    ]) {
      expect(text, secret).not.to.contain(secret);
    }
    expect(error.details.message).to.contain("not found").and.to.have.length.at.most(200);
    expect(error.message).to.match(/^127\.0\.0\.1:\d+: finality update: expected HTTP 200, got HTTP 400/);

    const fetch: FetchLike = (input) => Promise.reject(new Error(`request to ${input} failed`));
    const failed = await failure("NETWORK_FAILED", restSource(url, { fetch, retries: 0 }).finalityUpdate());
    expect(failed.details.message).to.equal("request to [url] failed");
  });

  it("takes out each part of a credential that has several", async () => {
    const parts = ["t0ken-0f-a-header", "c00kie-value-1", "qu%2Fery%20value", "qu/ery value"];
    const server = await lyingServer((_, response) => {
      sendJson(response, { code: 403, message: `not known: ${parts.join(", ")}` }, 403);
    });
    const headers = { "x-auth": "Token t0ken-0f-a-header", cookie: "id=c00kie-value-1; theme=dark" };
    const url = `http://${server.host}/?v=1&key=qu%2Fery%20value`;
    const { details } = await failure("HTTP_STATUS", restSource(url, { headers }).finalityUpdate());
    expect(details.message).to.equal("not known: [hidden], [hidden], [hidden], [hidden]");
  });

  it("uses the injected fetch, called bare", async () => {
    const seen: unknown[] = [];
    const fetch = function (this: unknown) {
      seen.push(this);
      return Promise.resolve(Response.json(ok));
    } as FetchLike;
    await restSource("http://a.example", { fetch }).finalityUpdate();
    expect(seen).to.deep.equal([undefined]);
  });

  it("looks the global fetch up at each request, and says so if there is none", async () => {
    const source = restSource("http://a.example");
    const original = globalThis.fetch;
    try {
      globalThis.fetch = async () => Response.json(ok);
      await source.finalityUpdate();
      globalThis.fetch = undefined as never;
      const error = await failure("OPTION_INVALID", source.finalityUpdate());
      expect(error.details.option).to.equal("fetch");
    } finally {
      globalThis.fetch = original;
    }
  });

  it("asks only for JSON if told so, and takes nothing else", async () => {
    const server = await lyingServer((_, response, index) => {
      if (index === 0) sendJson(response, ok);
      else
        response
          .writeHead(200, { "content-type": "application/octet-stream", "eth-consensus-version": "deneb" })
          .end("x");
    });
    const source = restSource(server.url, { encodings: "json" });
    await source.finalityUpdate();
    expect(server.requests[0]?.headers.accept).to.equal("application/json");
    const error = await failure("RESPONSE_INVALID", source.finalityUpdate());
    expect(error.details).to.include({ expected: "JSON", actual: "Content-Type application/octet-stream" });
  });

  it("spreads its delays by the random function and sleeps by the clock", async () => {
    const server = await lyingServer((_, response) => sendJson(response, {}, 503));
    const clock = countingClock(1_000);
    const source = restSource(server.url, { clock, random: () => 0.5, retries: 3, timeoutMs: 9_999_999 });
    await failure("HTTP_STATUS", source.finalityUpdate());
    expect(clock.delays.filter((delay) => delay !== 9_999_999)).to.deep.equal([250, 500, 1_000]);
    expect(server.requests).to.have.length(4);
  });

  it("refuses arguments out of range before asking anyone", async () => {
    const server = await okServer();
    const source = restSource(server.url);
    for (const root of ["", "0x12", `0x${"g".repeat(64)}`, `${"a".repeat(64)}`, `0x${"a".repeat(64)}/..`, 5 as never]) {
      await failure("OPTION_INVALID", source.bootstrap(root));
    }
    for (const [start, count] of [
      [-1, 1],
      [0.5, 1],
      [2 ** 53, 1],
      [0, 0],
      [0, 129],
      [0, Number.NaN],
    ] as const) {
      await failure("OPTION_INVALID", source.updates(start, count));
    }
    expect(server.requests).to.have.length(0);
  });
});
