/**
 * What every source must do, whomever it asks: the words of `src/transport/port.ts`, tried against a real chain and
 * someone in between who makes trouble. In Node and in browsers: no Node modules in here.
 */
import { expect } from "chai";
import { blstBls } from "../../src/bls/blst/index.js";
import { type ErrorCode, isSidelightError } from "../../src/errors.js";
import { computeSyncCommitteePeriodAtSlot } from "../../src/networks/schedule.js";
import {
  type Chain,
  createChain,
  decodeBootstrap,
  decodeFinalityUpdate,
  decodeOptimisticUpdate,
  decodeUpdate,
  finalityUpdateAsUpdate,
  initializeLightClientStore,
  type LightClientStore,
  optimisticUpdateAsUpdate,
  processLightClientUpdate,
} from "../../src/spec/index.js";
import { fromHex, toHex } from "../../src/ssz/bytes.js";
import { beaconHeaderRoot } from "../../src/ssz/roots.js";
import type { RawObject, RequestOptions, Source } from "../../src/transport/port.js";
import type { Devnet } from "../devnet/src/bind.ts";
import { networkOf } from "../support/network-of.js";
import { pause, rejectionOf, until } from "./async.js";
import { subscribeContract } from "./source-subscribe.js";

/** What whoever is asked can do instead of answering. */
export type Trouble =
  /** says nothing */
  | "silence"
  /** is not there at all */
  | "unreachable"
  /** breaks off in the middle */
  | "cut"
  /** sends bytes that mean nothing */
  | "noise"
  /** never stops sending */
  | "flood"
  /** says that it cannot answer now */
  | "busy"
  /** says that it does not have it */
  | "lacking"
  /** ends a stream after its first event */
  | "ended stream"
  /** sends a stream of noise */
  | "noisy stream"
  /** has no stream */
  | "no stream";

export interface ServedSource {
  readonly source: Source;
  setTrouble(trouble: Trouble | null): Promise<void>;
  /** How many questions have reached the other side. */
  asked(): Promise<number>;
  /** How many of them still wait for the first byte of an answer, and somebody for them. */
  waiting(): Promise<number>;
  /** Does the other side know that somebody listens to it? What happens from now on is told. */
  listened(): Promise<boolean>;
}

export interface SourceWorld {
  /** A chain that finalizes, of four periods or more. Tests let its slots pass. */
  readonly devnet: Devnet;
  /** A source in front of it. With `silence`, or a trouble of its `stream`, one that is quick to lose patience. */
  serve(trouble?: Trouble, of?: "stream"): Promise<ServedSource>;
  /** Ends what was served, not the chain. */
  close(): Promise<void>;
}

/** Codes that a source's methods reject with; `OPTION_INVALID` is for arguments alone. */
const TRANSPORT_CODES: readonly ErrorCode[] = [
  "NETWORK_FAILED",
  "REQUEST_TIMEOUT",
  "HTTP_STATUS",
  "PEER_ERROR",
  "NOT_AVAILABLE",
  "RESPONSE_INVALID",
  "INPUT_TOO_LARGE",
];

const OUTCOMES: readonly [trouble: Trouble, codes: readonly ErrorCode[]][] = [
  ["silence", ["REQUEST_TIMEOUT"]],
  ["unreachable", ["NETWORK_FAILED"]],
  ["cut", ["NETWORK_FAILED", "RESPONSE_INVALID"]],
  ["flood", ["INPUT_TOO_LARGE"]],
  ["busy", ["HTTP_STATUS", "PEER_ERROR", "NETWORK_FAILED"]],
  ["lacking", ["NOT_AVAILABLE"]],
];

/** That of the checkpoint. Not genesis': until the first finality, an update proves none. */
const FIRST_PERIOD = 1;
const PERIODS = 3;

/** @param create called once */
export function sourceContract(name: string, create: () => Promise<SourceWorld>): void {
  describe(`${name} as a Source`, () => {
    let world: SourceWorld;
    let chain: Chain;
    let root: string;

    before(async () => {
      world = await create();
      chain = createChain(networkOf(world.devnet), blstBls());
      await chain.bls.ready();
      const { epochsPerSyncCommitteePeriod } = world.devnet.info;
      root = (await world.devnet.checkpoint({ epoch: FIRST_PERIOD * epochsPerSyncCommitteePeriod + 1 })).root;
    });

    after(() => world?.close());

    const requests: Record<string, (source: Source, options?: RequestOptions) => Promise<unknown>> = {
      bootstrap: (source, options) => source.bootstrap(root, options),
      updates: (source, options) => source.updates(FIRST_PERIOD, PERIODS, options),
      finalityUpdate: (source, options) => source.finalityUpdate(options),
      optimisticUpdate: (source, options) => source.optimisticUpdate(options),
    };

    it("has a name that can stand in a message", async () => {
      const { source } = await world.serve();
      expect(source.name).to.match(/^[^\s@?]{1,100}$/);
    });

    describe("what it hands over", () => {
      it("is the truth from a checkpoint to the head: bootstrap, every period, finality, head", async () => {
        const { source } = await world.serve();
        const bootstrap = decodeBootstrap(chain, await source.bootstrap(root));
        let store = initializeLightClientStore(chain, fromHex(root), bootstrap);
        const updates = await source.updates(FIRST_PERIOD, 128);
        expect(updates).to.have.length.of.at.least(PERIODS);
        for (const [i, raw] of updates.entries()) {
          const update = decodeUpdate(chain, raw);
          expect(periodOf(chain, update.attestedHeader.beacon.slot)).to.equal(FIRST_PERIOD + i);
          // the clock of the data: the first slot at which this signature can be known
          store = processLightClientUpdate(chain, store, update, update.signatureSlot);
        }
        const finality = finalityUpdateAsUpdate(decodeFinalityUpdate(chain, await source.finalityUpdate()));
        const optimistic = optimisticUpdateAsUpdate(decodeOptimisticUpdate(chain, await source.optimisticUpdate()));
        for (const update of [finality, optimistic]) {
          store = processIfNewer(chain, store, update);
          const truth = await world.devnet.truth(update.attestedHeader.beacon.slot);
          expect(toHex(beaconHeaderRoot(chain.types, update.attestedHeader.beacon))).to.equal(truth?.root);
        }
        const head = await world.devnet.head();
        expect(store.optimisticHeader.beacon.slot).to.be.at.least(head.slot - 1);
        expect(store.finalizedHeader.beacon.slot).to.be.greaterThan(bootstrap.header.beacon.slot);
      });

      it("is as many updates as asked for, from the period asked for", async () => {
        const { source } = await world.serve();
        for (const [start, count] of [
          [0, 1],
          [1, 1],
          [0, 2],
          [1, 2],
        ] as const) {
          const updates = await source.updates(start, count);
          const periods = updates.map((raw) => periodOf(chain, decodeUpdate(chain, raw).attestedHeader.beacon.slot));
          expect(periods).to.deep.equal(Array.from({ length: count }, (_, i) => start + i));
        }
      });

      it("is to each of many questions at once the answer to that one", async () => {
        const { source } = await world.serve();
        const asked = Array.from({ length: PERIODS }, (_, period) => period).flatMap((period) => [period, period]);
        const [answers, bootstrap] = await Promise.all([
          Promise.all(asked.map((period) => source.updates(period, 1))),
          source.bootstrap(root),
        ]);
        const slots = answers.map(([raw]) => decodeUpdate(chain, raw!).attestedHeader.beacon.slot);
        expect(slots.map((slot) => periodOf(chain, slot))).to.deep.equal(asked);
        initializeLightClientStore(chain, fromHex(root), decodeBootstrap(chain, bootstrap));
      });

      it("is NOT_AVAILABLE for what nobody has, not an empty list", async () => {
        const { source } = await world.serve();
        expect(await errorOf(source.bootstrap(`0x${"11".repeat(32)}`), source)).to.equal("NOT_AVAILABLE");
        expect(await errorOf(source.updates(100_000, 2), source)).to.equal("NOT_AVAILABLE");
      });
    });

    describe("what it refuses to ask", () => {
      const wrong: Record<string, (source: Source) => Promise<unknown>> = {
        "a root that is too short": (source) => source.bootstrap("0x1234"),
        "a root that is no text": (source) => source.bootstrap(null as never),
        "a root with more in it": (source) => source.bootstrap(`0x${"11".repeat(31)}/?`),
        "no updates": (source) => source.updates(0, 0),
        "more updates than the protocol allows": (source) => source.updates(0, 129),
        "half an update": (source) => source.updates(0, 1.5),
        "a period before genesis": (source) => source.updates(-1, 1),
        "a period that is no number": (source) => source.updates(Number.NaN, 1),
      };
      for (const [what, ask] of Object.entries(wrong)) {
        it(`is ${what}: OPTION_INVALID`, async () => {
          const { source, asked } = await world.serve();
          const error = await rejectionOf(ask(source));
          expect(isSidelightError(error, "OPTION_INVALID"), String(error)).to.equal(true);
          expect(await asked()).to.equal(0);
        });
      }
    });

    describe("trouble", () => {
      for (const [trouble, codes] of OUTCOMES) {
        for (const [request, ask] of Object.entries(requests)) {
          it(`${trouble}, ${request}: ${codes.join(" or ")}`, async () => {
            const { source, waiting } = await world.serve(trouble);
            expect(await errorOf(ask(source), source)).to.be.oneOf(codes);
            await until(async () => (await waiting()) === 0, "the other side to be let go");
          });
        }
      }

      for (const [request, ask] of Object.entries(requests)) {
        it(`noise, ${request}: refused, or handed over to a decoder that refuses it`, async () => {
          const { source } = await world.serve("noise");
          const got = await ask(source).catch((thrown: unknown) => thrown);
          if (isSidelightError(got)) {
            expect(got.code).to.equal("RESPONSE_INVALID");
            return;
          }
          for (const raw of Array.isArray(got) ? got : [got]) {
            expect(() => decodeNoise(chain, request, raw as RawObject)).to.throw();
          }
        });
      }

      it("is over when it is over: the next question is answered", async () => {
        const { source, setTrouble } = await world.serve();
        for (const [trouble] of OUTCOMES) {
          if (trouble === "silence" || trouble === "unreachable") continue;
          await setTrouble(trouble);
          await rejectionOf(source.finalityUpdate());
          await setTrouble(null);
          decodeFinalityUpdate(chain, await source.finalityUpdate());
        }
      });
    });

    describe("an abort", () => {
      for (const [request, ask] of Object.entries(requests)) {
        it(`before ${request} asks nobody, and rejects with exactly the reason`, async () => {
          const { source, asked } = await world.serve();
          const reason = { never: "mind" };
          expect(await rejectionOf(ask(source, { signal: AbortSignal.abort(reason) }))).to.equal(reason);
          expect(await asked()).to.equal(0);
        });

        it(`of ${request} lets go at once, with exactly the reason, and of the other side too`, async () => {
          const { source, setTrouble, asked, waiting } = await world.serve();
          await setTrouble("silence");
          const controller = new AbortController();
          const asking = rejectionOf(ask(source, { signal: controller.signal }));
          await until(async () => (await asked()) === 1, "the question to arrive");
          const reason = { enough: true };
          controller.abort(reason);
          expect(await Promise.race([asking, pause(5_000)])).to.equal(reason);
          await until(async () => (await waiting()) === 0, "the other side to be let go");
          expect(await asked()).to.equal(1);
        });
      }

      it("without a reason rejects with the platform's AbortError", async () => {
        const { source } = await world.serve();
        expect(await rejectionOf(source.finalityUpdate({ signal: AbortSignal.abort() }))).to.include({
          name: "AbortError",
        });
      });

      it("of one question leaves the others alone", async () => {
        const { source } = await world.serve();
        const controller = new AbortController();
        const given = rejectionOf(source.updates(0, PERIODS, { signal: controller.signal }));
        const kept = source.updates(0, PERIODS);
        controller.abort("one");
        expect(await given).to.equal("one");
        expect(await kept).to.have.length(PERIODS);
      });
    });

    subscribeContract(
      () => world,
      () => chain,
    );
  });
}

/** What a promise rejects with: it must be this library's, of a source, JSON-safe, and say who. Gives its code. */
async function errorOf(asking: Promise<unknown>, { name }: Source): Promise<ErrorCode> {
  const error = await rejectionOf(asking);
  if (!isSidelightError(error)) throw error;
  expect(error.code).to.be.oneOf(TRANSPORT_CODES);
  expect(error.message)
    .to.match(/expected .*, got/)
    .and.contain(name);
  expect(JSON.parse(JSON.stringify(error.details))).to.deep.equal(error.details);
  return error.code;
}

function periodOf({ network }: Chain, slot: number): number {
  return computeSyncCommitteePeriodAtSlot(network, slot);
}

function processIfNewer(
  chain: Chain,
  store: LightClientStore,
  update: ReturnType<typeof optimisticUpdateAsUpdate>,
): LightClientStore {
  const isNewer =
    update.attestedHeader.beacon.slot > store.optimisticHeader.beacon.slot ||
    update.finalizedHeader.beacon.slot > store.finalizedHeader.beacon.slot;
  return isNewer ? processLightClientUpdate(chain, store, update, update.signatureSlot) : store;
}

function decodeNoise(chain: Chain, request: string, raw: RawObject): unknown {
  if (request === "bootstrap") return decodeBootstrap(chain, raw);
  if (request === "updates") return decodeUpdate(chain, raw);
  return request === "finalityUpdate" ? decodeFinalityUpdate(chain, raw) : decodeOptimisticUpdate(chain, raw);
}
