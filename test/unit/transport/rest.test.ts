import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { restSource } from "../../../src/transport/rest.js";
import {
  chunk,
  closeServers,
  countingClock,
  deadUrl,
  failure,
  type Handler,
  lyingServer,
  sendJson,
  sendSsz,
  until,
} from "./lying-server.js";

const ROOT = `0x${"ab".repeat(32)}`;
const ssz = Uint8Array.of(1, 2, 3, 4);
const digest = Uint8Array.of(0xa, 0xb, 0xc, 0xd);
const update = { version: "deneb", data: { attested_header: {} } };
const electra = { "eth-consensus-version": "Electra" };
const KIB = 1024;

/** A server and a source that retries without delay and must be awake nowhere at the end. */
let clock = countingClock();
async function setUp(handler: Handler, options: Parameters<typeof restSource>[1] = {}) {
  const server = await lyingServer(handler);
  return { server, source: restSource(server.url, { clock, random: () => 0, name: "liar", ...options }) };
}

describe("restSource", () => {
  beforeEach(() => {
    clock = countingClock();
  });
  afterEach(async () => {
    await closeServers();
    await until("every timer is gone", () => clock.sleeping() === 0);
  });

  it("asks the routes of the Beacon API, preferring SSZ", async () => {
    const { server, source } = await setUp((request, response) =>
      sendJson(response, request.url?.includes("/updates") ? [update] : update),
    );
    await source.bootstrap(ROOT);
    await source.updates(3, 1);
    await source.finalityUpdate();
    await source.optimisticUpdate();
    const prefix = "/eth/v1/beacon/light_client";
    expect(server.requests.map((request) => request.url)).to.deep.equal([
      `${prefix}/bootstrap/${ROOT}`,
      `${prefix}/updates?start_period=3&count=1`,
      `${prefix}/finality_update`,
      `${prefix}/optimistic_update`,
    ]);
    for (const { headers } of server.requests) {
      expect(headers.accept).to.equal("application/octet-stream;q=1,application/json;q=0.9");
    }
  });

  describe("what it takes", () => {
    it("SSZ with the fork of the header", async () => {
      const { source } = await setUp((_, response) => sendSsz(response, ssz, electra));
      expect(await source.bootstrap(ROOT)).to.deep.equal({ encoding: "ssz", bytes: ssz, fork: "electra" });
    });

    it("SSZ updates with a digest each, whatever the header says", async () => {
      const body = Buffer.concat([chunk(digest, ssz), chunk(digest, ssz)]);
      const { source } = await setUp((_, response) =>
        sendSsz(response, body, { "eth-consensus-version": "deneb,deneb" }),
      );
      const object = { encoding: "ssz", bytes: ssz, digest: "0x0a0b0c0d" };
      expect(await source.updates(0, 5)).to.deep.equal([object, object]);
    });

    it("JSON with a version, with one only in the header, and with none", async () => {
      const { source } = await setUp((_, response, index) => {
        const headers = { "content-type": "Application/JSON", ...(index === 1 ? electra : {}) };
        response
          .writeHead(200, headers)
          .end(JSON.stringify(index === 0 ? { version: "DENEB", data: {} } : { data: {} }));
      });
      expect(await source.finalityUpdate()).to.deep.equal({ encoding: "json", value: {}, fork: "deneb" });
      expect(await source.finalityUpdate()).to.deep.equal({ encoding: "json", value: {}, fork: "electra" });
      expect(await source.finalityUpdate()).to.deep.equal({ encoding: "json", value: {} });
    });

    it("JSON updates as a list, in `data`, wrapped and bare", async () => {
      const bare = update.data;
      const answers = [[update], { data: [update] }, { version: "capella", data: [bare] }, [{ data: bare }], [bare]];
      const { source } = await setUp((_, response, index) => sendJson(response, answers[index]));
      const forks: unknown[] = [];
      for (const _ of answers) {
        const [object] = await source.updates(0, 1);
        expect(object).to.deep.include({ encoding: "json", value: bare });
        forks.push(object?.fork);
      }
      expect(forks).to.deep.equal(["deneb", "deneb", "capella", undefined, undefined]);
    });

    it("JSON without a Content-Type, and as text/plain", async () => {
      const { source } = await setUp((_, response, index) => {
        if (index === 1) response.setHeader("content-type", "text/plain; charset=utf-8");
        response.end(JSON.stringify(update));
      });
      await source.finalityUpdate();
      await source.finalityUpdate();
    });

    it("a compressed answer and a redirect", async () => {
      const { source } = await setUp((request, response) => {
        if (!request.url?.startsWith("/moved")) response.writeHead(307, { location: `/moved${request.url}` }).end();
        else {
          response.setHeader("content-type", "application/json").setHeader("content-encoding", "gzip");
          response.end(gzipSync(JSON.stringify(update)));
        }
      });
      expect(await source.finalityUpdate()).to.have.property("fork", "deneb");
    });

    it("a drip, as long as it is in time", async () => {
      const { source } = await setUp((_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const pieces = JSON.stringify(update).match(/.{1,9}/g) ?? [];
        const next = () => {
          const piece = pieces.shift();
          if (piece === undefined) response.end();
          else response.write(piece, () => setImmediate(next));
        };
        next();
      });
      expect(await source.finalityUpdate()).to.have.property("fork", "deneb");
    });
  });

  describe("what it refuses", () => {
    const invalid: Record<string, [contentType: string | undefined, body: string | Uint8Array]> = {
      "a web page": ["text/html", "<html>"],
      "garbage as JSON": ["application/json", "{garbage"],
      "an empty JSON body": ["application/json", ""],
      "JSON that is not UTF-8": ["application/json", Uint8Array.of(0x22, 0xff, 0x22)],
      "JSON nested without end": ["application/json", "[".repeat(60_000)],
      "JSON without data": ["application/json", "{}"],
      "JSON with a list as data": ["application/json", '{"data":[]}'],
      "an empty SSZ body": ["application/octet-stream", ""],
      "SSZ without a Content-Type": [undefined, ssz],
    };
    for (const [what, [contentType, body]] of Object.entries(invalid)) {
      it(`${what}: RESPONSE_INVALID, no retry`, async () => {
        const { server, source } = await setUp((_, response) => {
          if (contentType !== undefined) response.setHeader("content-type", contentType);
          response.end(body);
        });
        const error = await failure("RESPONSE_INVALID", source.finalityUpdate());
        expect(error.message).to.match(/^liar: finality update: expected .*, got ./);
        expect(server.requests).to.have.length(1);
      });
    }

    const badUpdates: Record<string, Handler> = {
      "an object": (_, response) => sendJson(response, { data: {} }),
      "a string": (_, response) => sendJson(response, "secret"),
      "entries that are no updates": (_, response) => sendJson(response, [update, { data: 5 }]),
      "more JSON updates than asked for": (_, response) => sendJson(response, [update, update, update]),
      "more SSZ updates than asked for": (_, response) =>
        sendSsz(response, Buffer.concat([chunk(digest, ssz), chunk(digest, ssz), chunk(digest, ssz)])),
      "a truncated chunk": (_, response) => sendSsz(response, chunk(digest, ssz).subarray(0, 15)),
      "a chunk of length zero": (_, response) => sendSsz(response, new Uint8Array(12)),
    };
    for (const [what, handler] of Object.entries(badUpdates)) {
      it(`updates: ${what}: RESPONSE_INVALID`, async () => {
        const { server, source } = await setUp(handler);
        await failure("RESPONSE_INVALID", source.updates(0, 2));
        expect(server.requests).to.have.length(1);
      });
    }

    for (const encoding of ["ssz", "json"] as const) {
      it(`too many bytes of ${encoding}, declared and undeclared: INPUT_TOO_LARGE, no retry, hung up`, async () => {
        const limits = { ssz: [64 * KIB, 2 * (64 * KIB + 12), 16 * KIB], json: [256 * KIB, 512 * KIB, 64 * KIB] }[
          encoding
        ];
        const [limit = 0] = limits;
        const contentType = encoding === "ssz" ? "application/octet-stream" : "application/json";
        const { server, source } = await setUp((_, response, index) => {
          response.writeHead(200, {
            "content-type": contentType,
            ...(index === 0 ? { "content-length": limit + 1 } : {}),
          });
          response.flushHeaders();
          // Declared: refused before a byte of the body. Undeclared: more than fits, and never an end.
          if (index > 0) response.write(new Uint8Array(limits[index - 1] ?? 0).fill(32));
          if (index > 0) response.write("x");
        });
        const declared = await failure("INPUT_TOO_LARGE", source.bootstrap(ROOT));
        expect(declared.details).to.include({ limit, actual: limit + 1, object: `bootstrap of ${ROOT}` });
        expect((await failure("INPUT_TOO_LARGE", source.bootstrap(ROOT))).details.limit).to.equal(limits[0]);
        expect((await failure("INPUT_TOO_LARGE", source.updates(0, 2))).details.limit).to.equal(limits[1]);
        expect((await failure("INPUT_TOO_LARGE", source.finalityUpdate())).details.limit).to.equal(limits[2]);
        expect(server.requests).to.have.length(4);
        await until("hung up", () => server.openAnswers() === 0);
      });
    }

    it("a compressed answer that unpacks past the limit", async () => {
      const { source } = await setUp((_, response) => {
        response.setHeader("content-type", "application/json").setHeader("content-encoding", "gzip");
        response.end(gzipSync(" ".repeat(10_000_000)));
      });
      await failure("INPUT_TOO_LARGE", source.finalityUpdate());
    });
  });

  describe("what is not available", () => {
    const absent: Record<string, Handler> = {
      "HTTP 404": (_, response) => sendJson(response, { code: 404, message: "no such thing" }, 404),
      "HTTP 404 with a page": (_, response) => response.writeHead(404, { "content-type": "text/html" }).end("<html>"),
      "HTTP 404 that breaks off": (_, response) => {
        response.writeHead(404, { "content-type": "application/json", "content-length": 99 });
        response.write('{"message":"no such', () => response.destroy());
      },
      "HTTP 500 of Lodestar for an unknown root": (_, response) =>
        sendJson(response, { code: 500, message: `syncCommitteeWitness not available ${ROOT}` }, 500),
      "HTTP 500 of Lodestar for an unknown period": (_, response) =>
        sendJson(response, { statusCode: 500, message: "No partialUpdate available for period 9" }, 500),
      "HTTP 500 with a stack trace beyond what is read": (_, response) =>
        sendJson(response, { message: "x not available", stacktraces: ["y".repeat(20_000)] }, 500),
      "an empty JSON list": (_, response) => sendJson(response, []),
      "an empty SSZ list": (_, response) => sendSsz(response, new Uint8Array()),
    };
    for (const [what, handler] of Object.entries(absent)) {
      it(`${what}: NOT_AVAILABLE, no retry`, async () => {
        const { server, source } = await setUp(handler);
        const error = await failure("NOT_AVAILABLE", source.updates(9, 3));
        expect(error.message).to.match(/^liar: 3 updates from period 9: expected the object, got: ./);
        expect(server.requests).to.have.length(1);
      });
    }
  });

  describe("SSZ that is of no use", () => {
    for (const status of [406, 415]) {
      it(`HTTP ${status}: asks for JSON once and remembers it for that request`, async () => {
        const { server, source } = await setUp((request, response) => {
          if (request.headers.accept?.includes("octet")) sendJson(response, { code: status }, status);
          else sendJson(response, request.url?.includes("/updates") ? [update] : update);
        });
        await source.updates(0, 1);
        await source.updates(0, 1);
        await source.finalityUpdate();
        const asked = server.requests.map(({ headers }) => (headers.accept === "application/json" ? "json" : "any"));
        expect(asked).to.deep.equal(["any", "json", "json", "any", "json"]);
      });
    }

    it("no readable fork: asks for JSON once and remembers it for that request", async () => {
      const { server, source } = await setUp((request, response) => {
        if (request.headers.accept?.includes("octet")) sendSsz(response, ssz);
        else sendJson(response, update);
      });
      expect(await source.bootstrap(ROOT)).to.have.property("encoding", "json");
      expect(await source.bootstrap(ROOT)).to.have.property("encoding", "json");
      expect(server.requests).to.have.length(3);
      expect(await source.optimisticUpdate()).to.have.property("encoding", "json");
      expect(server.requests).to.have.length(5);
    });

    it("and SSZ again where JSON was asked for: RESPONSE_INVALID", async () => {
      const { server, source } = await setUp((_, response) => sendSsz(response, ssz));
      await failure("RESPONSE_INVALID", source.bootstrap(ROOT));
      expect(server.requests).to.have.length(2);
    });

    it("406 where JSON was asked for: HTTP_STATUS", async () => {
      const { server, source } = await setUp((_, response) => sendJson(response, {}, 406));
      expect((await failure("HTTP_STATUS", source.bootstrap(ROOT))).details.status).to.equal(406);
      expect(server.requests).to.have.length(2);
    });

    it("is no longer asked for after preferJson, for one request or for all", async () => {
      const { server, source } = await setUp((request, response) =>
        sendJson(response, request.url?.includes("/updates") ? [update] : update),
      );
      source.preferJson("updates");
      await source.updates(0, 1);
      await source.finalityUpdate();
      source.preferJson();
      await source.finalityUpdate();
      await source.optimisticUpdate();
      await source.bootstrap(ROOT);
      const asked = server.requests.map(({ headers }) => headers.accept === "application/json");
      expect(asked).to.deep.equal([true, false, true, true, true]);
    });
  });

  describe("retries", () => {
    for (const status of [429, 500, 502, 503, 504]) {
      it(`HTTP ${status} and then an answer`, async () => {
        const { server, source } = await setUp((_, response, index) =>
          index < 2 ? sendJson(response, { message: "busy" }, status) : sendJson(response, update),
        );
        await source.finalityUpdate();
        expect(server.requests).to.have.length(3);
      });
    }

    for (const status of [204, 400, 401, 403, 410, 451, 501]) {
      it(`not HTTP ${status}`, async () => {
        const { server, source } = await setUp((_, response) => response.writeHead(status).end());
        expect((await failure("HTTP_STATUS", source.finalityUpdate())).details).to.include({ status, message: "" });
        expect(server.requests).to.have.length(1);
      });
    }

    it("a reset, a cut body and a wrong length, and then an answer", async () => {
      const { server, source } = await setUp(
        (request, response, index) => {
          if (index === 0) request.socket.resetAndDestroy();
          else if (index === 3) sendJson(response, update);
          else {
            response.writeHead(200, {
              "content-type": "application/json",
              ...(index === 1 ? { "content-length": 500 } : {}),
            });
            response.write("{", () => response.destroy());
          }
        },
        { retries: 3 },
      );
      await source.finalityUpdate();
      expect(server.requests).to.have.length(4);
    });

    it("at most `retries` times, then NETWORK_FAILED with the reason", async () => {
      const { server, source } = await setUp((request) => request.socket.resetAndDestroy(), { retries: 1 });
      const error = await failure("NETWORK_FAILED", source.finalityUpdate());
      expect(error.message).to.match(/^liar: finality update: expected an answer, got: fetch failed: ./);
      expect(server.requests).to.have.length(2);
    });

    it("a refused connection too", async () => {
      const source = restSource(await deadUrl(), { clock, random: () => 0 });
      const error = await failure("NETWORK_FAILED", source.finalityUpdate());
      expect(error.details.message).to.contain("ECONNREFUSED");
      expect(clock.delays.filter((delay) => delay === 0)).to.have.length(2);
    });

    for (const words of ["Failed to fetch", "NetworkError when attempting to fetch resource.", "Load failed"]) {
      it(`says what may be behind a browser's "${words}"`, async () => {
        const fetch = () => Promise.reject(new TypeError(words));
        const { source } = await setUp(() => {}, { fetch });
        const error = await failure("NETWORK_FAILED", source.finalityUpdate());
        expect(error.message)
          .to.contain(words)
          .and.match(/cannot be reached, .*CORS/);
      });
    }

    it("never more than `retries` + 1 requests, and one for the fallback to JSON", async () => {
      const { server, source } = await setUp((request, response, index) => {
        if (index === 1 && request.headers.accept?.includes("octet")) sendSsz(response, ssz);
        else sendJson(response, {}, 503);
      });
      await failure("HTTP_STATUS", source.finalityUpdate());
      expect(server.requests).to.have.length(4);
      await failure("HTTP_STATUS", source.finalityUpdate());
      expect(server.requests).to.have.length(7);
    });

    it("none if told so, but still the fallback", async () => {
      const { server, source } = await setUp(
        (request, response) =>
          request.headers.accept?.includes("octet") ? sendSsz(response, ssz) : sendJson(response, update),
        { retries: 0 },
      );
      await source.finalityUpdate();
      expect(server.requests).to.have.length(2);
    });

    it("after Retry-After, in seconds and as a date", async () => {
      clock = countingClock(1_000);
      const { source } = await setUp(
        (_, response, index) => {
          const header = index === 0 ? "7" : new Date(Date.now() + 30_000).toUTCString();
          if (index < 2) response.writeHead(index === 0 ? 429 : 503, { "retry-after": header }).end();
          else sendJson(response, update);
        },
        { timeoutMs: 9_999_999 },
      );
      await source.finalityUpdate();
      const [first, second] = clock.delays.filter((delay) => delay !== 9_999_999);
      expect(first).to.equal(7_000);
      expect(second).to.be.within(20_000, 30_000);
    });

    it("not if Retry-After wants more than a minute", async () => {
      const { server, source } = await setUp((_, response) => response.writeHead(429, { "retry-after": "61" }).end());
      const error = await failure("HTTP_STATUS", source.finalityUpdate());
      expect(error.details).to.include({ status: 429, retryAfterMs: 61_000 });
      expect(error.message).to.contain("61000 ms");
      expect(server.requests).to.have.length(1);
    });
  });

  const headers = (response: Parameters<Handler>[1]) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
  };
  const hangs: Record<string, Handler> = {
    "before the headers": () => {},
    "after the headers": (_, response) => headers(response),
    "in the middle of the body": (_, response) => {
      headers(response);
      response.write('{"data":');
    },
    "in the body of an error": (_, response) => {
      response.writeHead(503).flushHeaders();
      response.write("{");
    },
    "with a drip that never ends": (_, response) => {
      headers(response);
      const timer = setInterval(() => response.write(" "), 5);
      response.on("close", () => clearInterval(timer));
    },
  };

  describe("a server that hangs", () => {
    it("has one time limit for every 16 updates begun", async () => {
      const { source } = await setUp(() => {}, { timeoutMs: 20 });
      for (const [count, timeoutMs] of [
        [1, 20],
        [16, 20],
        [17, 40],
        [128, 160],
      ] as const) {
        const error = await failure("REQUEST_TIMEOUT", source.updates(0, count));
        expect(error.details.timeoutMs, `${count} updates`).to.equal(timeoutMs);
      }
    });

    for (const [phase, handler] of Object.entries(hangs)) {
      it(`${phase}: REQUEST_TIMEOUT, no retry, hung up`, async () => {
        const { server, source } = await setUp(handler, { timeoutMs: 80 });
        const error = await failure("REQUEST_TIMEOUT", source.finalityUpdate());
        expect(error.details).to.deep.equal({ source: "liar", request: "finality update", timeoutMs: 80 });
        expect(server.requests).to.have.length.at.most(1);
        await until("hung up", () => server.openAnswers() === 0);
      });

      it(`${phase}: lets go at once when aborted, with exactly the reason`, async () => {
        const { server, source } = await setUp(handler);
        const controller = new AbortController();
        const reason = { enough: true };
        const asking = source.finalityUpdate({ signal: controller.signal }).catch((thrown: unknown) => thrown);
        await until("asked", () => server.requests.length === 1);
        // Long enough for headers and first bytes to arrive; if they have not, an earlier phase is tested twice.
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.abort(reason);
        expect(await asking).to.equal(reason);
        await until("hung up", () => server.openAnswers() === 0);
        expect(server.requests).to.have.length(1);
      });
    }
  });

  describe("an abort", () => {
    it("before the call asks nobody, for every method", async () => {
      const { server, source } = await setUp((_, response) => sendJson(response, update));
      const reason = new Error("never mind");
      const options = { signal: AbortSignal.abort(reason) };
      const calls = [
        source.bootstrap(ROOT, options),
        source.updates(0, 1, options),
        source.finalityUpdate(options),
        source.optimisticUpdate(options),
      ];
      for (const call of calls) expect(await call.catch((thrown: unknown) => thrown)).to.equal(reason);
      expect(server.requests).to.have.length(0);
    });

    it("between retries ends the waiting", async () => {
      const { server, source } = await setUp((_, response) => response.writeHead(503, { "retry-after": "50" }).end());
      const controller = new AbortController();
      const asking = source.finalityUpdate({ signal: controller.signal }).catch((thrown: unknown) => thrown);
      await until("waiting for the retry", () => clock.delays.includes(50_000));
      controller.abort("stop");
      expect(await asking).to.equal("stop");
      expect(server.requests).to.have.length(1);
    });

    it("after the answer changes nothing, and no listener is left on a signal that lives on", async () => {
      const { source } = await setUp((_, response) => sendJson(response, update));
      const controller = new AbortController();
      let listeners = 0;
      const { signal } = controller;
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners++;
        add(...args);
      };
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners--;
        remove(...args);
      };
      await source.finalityUpdate({ signal });
      expect(listeners).to.equal(0);
      controller.abort();
    });
  });
});
