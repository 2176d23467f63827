/** The part of the source contract about streams. A source without `subscribe` has nothing to prove here. */
import { expect } from "chai";
import { isSidelightError } from "../../src/errors.js";
import {
  type Chain,
  decodeFinalityUpdate,
  decodeOptimisticUpdate,
  finalityUpdateAsUpdate,
  optimisticUpdateAsUpdate,
} from "../../src/spec/index.js";
import { toHex } from "../../src/ssz/bytes.js";
import { beaconHeaderRoot } from "../../src/ssz/roots.js";
import type { Source, SourceEvent } from "../../src/transport/port.js";
import { pause, rejectionOf, until } from "./async.js";
import type { SourceWorld, Trouble } from "./source.js";

interface Subscription {
  readonly events: SourceEvent[];
  readonly opened: () => number;
  readonly ended: Promise<void>;
  abort(): void;
}

function subscribe(source: Source): Subscription {
  const controller = new AbortController();
  const events: SourceEvent[] = [];
  let opened = 0;
  const ended = source.subscribe!({
    signal: controller.signal,
    onOpen: () => opened++,
    onEvent: (event) => {
      expect(opened, "open before its first event").to.equal(1);
      events.push(event);
    },
  });
  ended.catch(() => {});
  return { events, opened: () => opened, ended, abort: () => controller.abort() };
}

export function subscribeContract(getWorld: () => SourceWorld, getChain: () => Chain): void {
  describe("subscribe", () => {
    let world: SourceWorld;

    before(async function () {
      world = getWorld();
      if ((await world.serve()).source.subscribe === undefined) this.skip();
    });

    function attestedIn({ type, object }: SourceEvent) {
      const chain = getChain();
      return type === "finality"
        ? finalityUpdateAsUpdate(decodeFinalityUpdate(chain, object)).attestedHeader.beacon
        : optimisticUpdateAsUpdate(decodeOptimisticUpdate(chain, object)).attestedHeader.beacon;
    }

    it("delivers both kinds of update for each block, as they are, and resolves when aborted", async () => {
      const { source, listened } = await world.serve();
      const { events, opened, ended, abort } = subscribe(source);
      await until(() => opened() === 1, "the stream to open");
      await until(listened, "the other side to know of it");
      const { slot } = await world.devnet.advance(3);
      await until(() => events.length >= 6, "six events");
      abort();
      await ended;
      for (const type of ["optimistic", "finality"] as const) {
        const headers = events.filter((event) => event.type === type).map(attestedIn);
        expect(headers.map((header) => header.slot)).to.deep.equal([slot - 3, slot - 2, slot - 1]);
        for (const header of headers) {
          const truth = await world.devnet.truth(header.slot);
          expect(toHex(beaconHeaderRoot(getChain().types, header))).to.equal(truth?.root);
        }
      }
      expect(opened()).to.equal(1);
    });

    it("delivers nothing after an abort, and lets the other side go", async () => {
      const { source, waiting } = await world.serve();
      const { events, opened, ended, abort } = subscribe(source);
      await until(() => opened() === 1, "the stream to open");
      abort();
      await ended;
      await world.devnet.advance(1);
      // long enough for an event that is under way; if none is, this cannot fail
      await pause(50);
      expect(events).to.deep.equal([]);
      await until(async () => (await waiting()) === 0, "the other side to be let go");
    });

    it("delivers nothing more once a listener aborts", async () => {
      const { source, listened } = await world.serve();
      const controller = new AbortController();
      const events: SourceEvent[] = [];
      let opened = false;
      const ended = source.subscribe!({
        signal: controller.signal,
        onOpen: () => {
          opened = true;
        },
        onEvent: (event) => {
          events.push(event);
          controller.abort();
        },
      });
      await until(() => opened, "the stream to open");
      await until(listened, "the other side to know of it");
      await world.devnet.advance(2);
      await ended;
      expect(events).to.have.length(1);
    });

    it("serves several listeners at once, each for itself", async () => {
      const { source, listened } = await world.serve();
      const [first, second] = [subscribe(source), subscribe(source)];
      await until(() => first.opened() + second.opened() === 2, "both streams to open");
      await until(listened, "the other side to know of them");
      await world.devnet.advance(1);
      await until(() => first.events.length >= 2 && second.events.length >= 2, "events for both");
      first.abort();
      await first.ended;
      await world.devnet.advance(1);
      await until(() => second.events.length >= 4, "events for the one that is left");
      expect(first.events).to.have.length(2);
      second.abort();
      await second.ended;
    });

    it("resolves without asking anyone if aborted before", async () => {
      const { source, asked } = await world.serve();
      await source.subscribe!({ signal: AbortSignal.abort(), onEvent: () => {} });
      expect(await asked()).to.equal(0);
    });

    const ends: readonly [trouble: Trouble, eventsBefore: number][] = [
      ["ended stream", 1],
      ["noisy stream", 0],
      ["no stream", 0],
      ["unreachable", 0],
      ["cut", 0],
      ["busy", 0],
      ["lacking", 0],
      ["silence", 0],
    ];
    for (const [trouble, eventsBefore] of ends) {
      it(`ends with SUBSCRIPTION_FAILED: ${trouble}`, async () => {
        const { source, asked, listened } = await world.serve(trouble, "stream");
        const { events, opened, ended } = subscribe(source);
        let isOver = false;
        ended.then(
          () => undefined,
          () => {
            isOver = true;
          },
        );
        await until(() => opened() === 1 || isOver, "the stream to open or fail");
        if (opened() === 1 && !isOver) {
          await until(async () => isOver || (await listened()), "the other side to know of it");
          await world.devnet.advance(1);
        }
        const error = await rejectionOf(ended);
        if (!isSidelightError(error, "SUBSCRIPTION_FAILED")) throw error;
        expect(error.details.source).to.equal(source.name);
        expect(error.message)
          .to.match(/expected .*, got/)
          .and.contain(source.name);
        expect(events).to.have.length(eventsBefore);
        expect(await asked(), "no attempt of its own to connect again").to.be.at.most(1);
      });
    }
  });
}
