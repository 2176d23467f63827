/**
 * What the REST source makes of HTTP as it is on this platform: encodings, statuses, redirects, and in browsers the rules
 * for other origins (the Fetch standard's CORS). In Node and in browsers: no Node modules in here.
 */
import { expect } from "chai";
import { systemClock } from "../../src/clock.js";
import { isSidelightError } from "../../src/errors.js";
import { createChain, decodeBootstrap } from "../../src/spec/index.js";
import { toHex } from "../../src/ssz/bytes.js";
import { beaconHeaderRoot } from "../../src/ssz/roots.js";
import type { RawObject } from "../../src/transport/port.js";
import { type RestSource, type RestSourceOptions, restSource } from "../../src/transport/rest.js";
import type { Devnet, DevnetServer } from "../devnet/src/bind.ts";
import type { Fault } from "../devnet/src/faults.ts";
import { networkOf } from "../support/network-of.js";
import { stubBls } from "../support/stub-bls.js";
import { rejectionOf, until } from "./async.js";

export type Platform = "node" | "browser";

interface Served {
  readonly server: DevnetServer;
  readonly source: RestSource;
  /** Method and route of each request. */
  log(): Promise<string[]>;
}

export function restSourceContract(platform: Platform, getDevnet: () => Devnet): void {
  const isBrowser = platform === "browser";

  describe(`restSource and HTTP (${platform})`, () => {
    const servers: DevnetServer[] = [];
    let root: string;

    before(async () => {
      root = (await getDevnet().checkpoint()).root;
    });
    afterEach(async () => {
      for (const server of servers.splice(0)) await server.close();
    });

    async function serve(faults: readonly Fault[] = [], options: RestSourceOptions = {}): Promise<Served> {
      const server = await getDevnet().newServer(faults);
      servers.push(server);
      return {
        server,
        source: restSource(server.url, { random: () => 0, name: "node", ...options }),
        log: async () => (await server.requests()).map(({ method, route }) => `${method} ${route}`),
      };
    }

    function rootOf(raw: RawObject): string {
      const chain = createChain(networkOf(getDevnet()), stubBls());
      return toHex(beaconHeaderRoot(chain.types, decodeBootstrap(chain, raw).header.beacon));
    }

    async function failureOf(asking: Promise<unknown>) {
      const error = await rejectionOf(asking);
      if (!isSidelightError(error)) throw error;
      return error;
    }

    describe("encodings", () => {
      it("are SSZ where nothing else is wanted, JSON where it is, of the same object", async () => {
        const { source } = await serve();
        const json = (await serve([], { encodings: "json" })).source;
        const [asSsz, asJson] = [await source.bootstrap(root), await json.bootstrap(root)];
        expect([asSsz.encoding, asJson.encoding]).to.deep.equal(["ssz", "json"]);
        expect([rootOf(asSsz), rootOf(asJson)]).to.deep.equal([root, root]);
      });

      it(`are ${isBrowser ? "JSON" : "SSZ"} where other origins cannot read the version`, async () => {
        const { source, log } = await serve([{ kind: "hidden-version" }]);
        const raw = await source.bootstrap(root);
        await source.bootstrap(root);
        await source.finalityUpdate();
        const [update] = await source.updates(1, 1);
        expect(raw.encoding).to.equal(isBrowser ? "json" : "ssz");
        expect(rootOf(raw)).to.equal(root);
        // its version is its digest
        expect(update?.encoding).to.equal("ssz");
        const twiceInBrowsers = (route: string) => (isBrowser ? [route, route] : [route]);
        expect(await log()).to.deep.equal([
          ...twiceInBrowsers("GET bootstrap"),
          "GET bootstrap",
          ...twiceInBrowsers("GET finality_update"),
          "GET updates",
        ]);
      });

      it("are JSON where nobody says the version, and where SSZ is not to be had", async () => {
        for (const kind of ["missing-version", "json-only"] as const) {
          const { source } = await serve([{ kind }]);
          const raw = await source.bootstrap(root);
          expect(raw.encoding, kind).to.equal("json");
          expect(rootOf(raw), kind).to.equal(root);
        }
      });

      it("are none where only SSZ is to be had and only JSON wanted: HTTP_STATUS 406", async () => {
        const { source } = await serve([{ kind: "ssz-only" }], { encodings: "json" });
        expect((await failureOf(source.bootstrap(root))).details).to.include({ status: 406 });
      });

      it("are refused when the label is a page's", async () => {
        const { source } = await serve([{ kind: "wrong-content-type", contentType: "text/html" }]);
        expect((await failureOf(source.finalityUpdate())).code).to.equal("RESPONSE_INVALID");
      });
    });

    describe("statuses", () => {
      const tries: readonly [status: number, requests: number][] = [
        [400, 1],
        [401, 1],
        [403, 1],
        [410, 1],
        [429, 3],
        [451, 1],
        [500, 3],
        [502, 3],
        [503, 3],
        [504, 3],
      ];
      for (const [status, requests] of tries) {
        it(`${status}: HTTP_STATUS after ${requests} requests, with what the server says`, async () => {
          const { source, log } = await serve([{ kind: "status", status }]);
          const error = await failureOf(source.finalityUpdate());
          expect(error.code).to.equal("HTTP_STATUS");
          expect(error.details).to.include({ status, message: `fault: status ${status}`, source: "node" });
          expect(await log()).to.have.length(requests);
        });
      }

      it("that pass are survived", async () => {
        const { source } = await serve([{ kind: "status", status: 503, times: 2 }]);
        expect(rootOf(await source.bootstrap(root))).to.equal(root);
      });

      it(`tell how long to wait${isBrowser ? ", which other origins cannot read" : ""}`, async () => {
        const delays: number[] = [];
        const { nowMs, sleep } = systemClock();
        const clock = {
          nowMs,
          sleep: (ms: number, signal?: AbortSignal) => {
            delays.push(ms);
            return sleep(Math.min(ms, 10_000), signal);
          },
        };
        const { source } = await serve([{ kind: "status", status: 429, retryAfterSeconds: 1, times: 1 }], { clock });
        await source.finalityUpdate();
        expect(delays.includes(1_000)).to.equal(!isBrowser);
      });
    });

    describe("other origins", () => {
      it("are asked without a preflight, streams too", async () => {
        const { source, log } = await serve();
        await source.bootstrap(root);
        await source.updates(1, 1);
        await source.finalityUpdate();
        await source.optimisticUpdate();
        const controller = new AbortController();
        await source.subscribe({ signal: controller.signal, onOpen: () => controller.abort(), onEvent: () => {} });
        expect(await log()).to.deep.equal([
          "GET bootstrap",
          "GET updates",
          "GET finality_update",
          "GET optimistic_update",
          "GET events",
        ]);
      });

      for (const [what, options, credentials] of [
        ["headers of the host's", { headers: { "x-api-key": "secret" } }, ""],
        ["user and password", {}, "user:secret@"],
      ] as const) {
        it(`let ${what} through${isBrowser ? " after a preflight" : ""}`, async () => {
          const { server, log } = await serve();
          const source = restSource(server.url.replace("://", `://${credentials}`), options);
          expect(rootOf(await source.bootstrap(root))).to.equal(root);
          expect(await log()).to.deep.equal([...(isBrowser ? ["OPTIONS bootstrap"] : []), "GET bootstrap"]);
        });
      }

      it(isBrowser ? "that allow nobody: NETWORK_FAILED, with the likely reason" : "are no matter here", async () => {
        const { source } = await serve([{ kind: "no-cors" }], { headers: { "x-api-key": "secret" } });
        const plain = (await serve([{ kind: "no-cors" }])).source;
        for (const each of [source, plain]) {
          if (!isBrowser) await each.finalityUpdate();
          else expect(await failureOf(each.finalityUpdate())).to.have.property("code", "NETWORK_FAILED");
        }
        if (!isBrowser) return;
        expect((await failureOf(plain.finalityUpdate())).message).to.match(/^node: finality update: .*\bCORS\b/);
        const stream = await failureOf(plain.subscribe({ onEvent: () => {} }));
        expect(stream.message).to.match(/^node: event stream: .*\bCORS\b/);
      });

      it("may send on to yet another one", async () => {
        const target = await serve();
        const path = `/eth/v1/beacon/light_client/bootstrap/${root}`;
        const { source } = await serve([{ kind: "redirect", location: target.server.url + path }]);
        expect(rootOf(await source.bootstrap(root))).to.equal(root);
        expect(await target.log()).to.deep.equal(["GET bootstrap"]);
      });
    });

    describe("bodies", () => {
      it("may drip, as long as they come in time", async () => {
        const { source } = await serve([{ kind: "drip", chunkBytes: 200, ms: 1 }]);
        expect(rootOf(await source.bootstrap(root))).to.equal(root);
      });

      it("that are too late are hung up on: REQUEST_TIMEOUT", async () => {
        const { source, server } = await serve([{ kind: "drip", chunkBytes: 1, ms: 20 }], { timeoutMs: 1_000 });
        expect((await failureOf(source.bootstrap(root))).code).to.equal("REQUEST_TIMEOUT");
        await until(async () => (await server.requests())[0]!.durationMs > 0, "the server to be hung up on");
      });

      it("that are not wanted any more are hung up on in the middle", async () => {
        const { source, server } = await serve([{ kind: "drip", chunkBytes: 1, ms: 20 }]);
        const controller = new AbortController();
        const asking = rejectionOf(source.bootstrap(root, { signal: controller.signal }));
        await until(async () => ((await server.requests())[0]?.bytes ?? 0) > 0, "the first bytes");
        controller.abort("enough");
        expect(await asking).to.equal("enough");
        await until(async () => (await server.requests())[0]!.durationMs > 0, "the server to be hung up on");
      });

      it("that are declared too large are not read", async () => {
        const { source, server } = await serve([{ kind: "oversized", variant: "declared" }]);
        const error = await failureOf(source.finalityUpdate());
        expect(error.code).to.equal("INPUT_TOO_LARGE");
        expect(error.details).to.include({ limit: 16 * 1024, actual: 2 ** 30 });
        await until(async () => (await server.requests())[0]!.durationMs > 0, "the server to be hung up on");
      });
    });

    describe("event streams", () => {
      it("that fall silent are given up: SUBSCRIPTION_FAILED", async () => {
        const { source } = await serve([{ kind: "sse-silent" }], { streamIdleMs: 200 });
        const error = await failureOf(source.subscribe({ onEvent: () => {} }));
        expect(error.message).to.equal("node: event stream: expected a byte every 200 ms, got none");
      });

      it("pass repeats on", async () => {
        const { source } = await serve([{ kind: "sse-repeat", copies: 3 }]);
        const controller = new AbortController();
        let opened = false;
        let events = 0;
        const following = source.subscribe({
          signal: controller.signal,
          onOpen: () => {
            opened = true;
          },
          onEvent: () => events++,
        });
        await until(() => opened, "the stream to open");
        await getDevnet().advance(1);
        await until(() => events === 6, "three copies of both kinds");
        controller.abort();
        await following;
      });
    });
  });
}
