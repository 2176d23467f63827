/** IndexedDB when something is wrong, or when there are several pages: nothing in here is simulated. */
import { expect } from "chai";
import { isSidelightError } from "../../src/errors.js";
import { indexedDbStore } from "../../src/store/indexeddb.js";
import { rejectionOf, until } from "../contract/async.js";
import type { Devnet, DevnetServer } from "../devnet/src/bind.ts";
import { deleteDatabase } from "./suites/stores.js";
import { chainsOfPage, connectChain } from "./support/chains.js";
import { type Frame, FrameError, openFrame } from "./support/frames.js";
import { pattern } from "./support/pattern.js";

const KEY = "mainnet";
const LENGTH = 60_000;

let database: string;
let count = 0;
const frames: Frame[] = [];

async function open(sandbox?: string): Promise<Frame> {
  const frame = await openFrame(sandbox);
  frames.push(frame);
  return frame;
}

async function failureOf(calling: Promise<unknown>): Promise<FrameError> {
  const error = await rejectionOf(calling);
  expect(error).to.be.instanceOf(FrameError);
  return error as FrameError;
}

interface Opening {
  readonly connection: Promise<IDBDatabase>;
  /** Did somebody not let go at once? */
  wasBlocked(): boolean;
}

/** As a newer version of the library would open it. */
function openVersion(version: number): Opening {
  let blocked = false;
  const request = indexedDB.open(database, version);
  request.onblocked = () => {
    blocked = true;
  };
  const connection = new Promise<IDBDatabase>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return { connection, wasBlocked: () => blocked };
}

function expectWhole(bytes: Uint8Array | null): number {
  expect(bytes, "a snapshot").to.not.equal(null);
  expect(bytes).to.deep.equal(pattern(bytes![0]!, bytes!.length));
  return bytes![0]!;
}

describe("IndexedDB on bad days", () => {
  beforeEach(() => {
    database = `bad day ${count++}`;
  });
  afterEach(async () => {
    for (const frame of frames.splice(0)) frame.close();
    await deleteDatabase(database);
  });

  describe("a page that is reloaded", () => {
    it("finds what it had saved", async () => {
      const frame = await open();
      await frame.call("save", database, KEY, pattern(1, LENGTH));
      await frame.reload();
      expect(await frame.call("load", database, KEY)).to.deep.equal(pattern(1, LENGTH));
    });

    it("in the middle of a save finds a whole snapshot, the last confirmed or a later one", async () => {
      const frame = await open();
      for (let round = 0; round < 5; round++) {
        await frame.call("save", database, KEY, pattern(100 + round, LENGTH));
        await frame.call("beginStorm", database, [1, 2, 3, 4, 5, 6, 7, 8], LENGTH);
        await frame.reload();
        expect(expectWhole(await frame.call("load", database, KEY))).to.be.oneOf([1, 2, 3, 4, 5, 6, 7, 8, 100 + round]);
      }
    });

    it("or closed leaves nothing behind that holds up others", async () => {
      const frame = await open();
      await frame.call("beginStorm", database, [1, 2, 3], LENGTH);
      frame.close();
      const { connection } = openVersion(2);
      (await connection).close();
    });
  });

  describe("two pages", () => {
    it("see what the other has saved, as soon as it is confirmed", async () => {
      const [first, second] = [await open(), await open()];
      const here = indexedDbStore({ name: database });
      for (let round = 0; round < 10; round += 2) {
        await first.call("save", database, KEY, pattern(round, LENGTH));
        expect(expectWhole(await second.call("load", database, KEY))).to.equal(round);
        expect(expectWhole(await here.load(KEY))).to.equal(round);
        await second.call("save", database, KEY, pattern(round + 1, LENGTH - 1));
        expect(expectWhole(await first.call("load", database, KEY))).to.equal(round + 1);
        expect(expectWhole(await here.load(KEY))).to.equal(round + 1);
      }
      await here.close!();
    });

    it("that save at once never show or leave a mixture; the last confirmed is what stays", async () => {
      const [first, second] = [await open(), await open()];
      const seeds = Array.from({ length: 20 }, (_, i) => i);
      const order: number[] = [];
      await Promise.all([
        first.call("storm", database, seeds, LENGTH).then(() => order.push(19)),
        second
          .call(
            "storm",
            database,
            seeds.map((seed) => seed + 100),
            LENGTH - 7,
          )
          .then(() => order.push(119)),
      ]);
      const [a, b] = [await first.call("load", database, KEY), await second.call("load", database, KEY)];
      expect(expectWhole(a)).to.be.oneOf(order);
      expect(a).to.deep.equal(b);
    });
  });

  describe("a newer version that upgrades while an older page is open", () => {
    it("does not have to wait for it", async () => {
      const old = await open();
      await old.call("save", database, KEY, pattern(1, LENGTH));
      const { connection, wasBlocked } = openVersion(2);
      const newer = await connection;
      expect(wasBlocked()).to.equal(false);
      const request = newer.transaction("snapshots").objectStore("snapshots").get(KEY);
      await new Promise((resolve) => {
        request.onsuccess = resolve;
      });
      expect(request.result).to.deep.equal(pattern(1, LENGTH));
      newer.close();
    });

    it("waits no longer than for a save that is under way, which is not lost", async () => {
      const old = await open();
      await old.call("load", database, KEY);
      const saving = old.call("save", database, KEY, pattern(2, 2_000_000)).then(
        () => "saved",
        (error: FrameError) => error.code,
      );
      const newer = await openVersion(2).connection;
      const request = newer.transaction("snapshots").objectStore("snapshots").get(KEY);
      await new Promise((resolve) => {
        request.onsuccess = resolve;
      });
      const outcome = await saving;
      newer.close();
      // confirmed and there, or refused with a code and not there
      expect(outcome).to.equal(request.result === undefined ? "STORE_FAILED" : "saved");
    });

    it("leaves the older page with STORE_FAILED at once, and with a store again when the version is gone", async () => {
      const old = await open();
      await old.call("save", database, KEY, pattern(1, LENGTH));
      const newer = await openVersion(2).connection;
      for (const calling of ["load", "save"] as const) {
        const error = await failureOf(old.call(calling, database, KEY, pattern(2, LENGTH)));
        expect(error.code).to.equal("STORE_FAILED");
        expect(error.message).to.match(new RegExp(`^IndexedDB ${calling}: VersionError`));
      }
      newer.close();
      await deleteDatabase(database);
      await old.call("save", database, KEY, pattern(3, LENGTH));
      expect(expectWhole(await old.call("load", database, KEY))).to.equal(3);
    });

    it("can be this library, and the older page one that does not let go: STORE_FAILED in time, then it works", async () => {
      const hog = await open();
      await hog.call("hog", database);
      const versions = { open: (name: string) => indexedDB.open(name, 2) } as unknown as IDBFactory;
      const store = indexedDbStore({ name: database, indexedDB: versions, timeoutMs: 300 });
      const error = await rejectionOf(store.load(KEY));
      expect(isSidelightError(error, "STORE_FAILED"), String(error)).to.equal(true);
      expect(String(error)).to.match(/older version of the database is open elsewhere .* within 300 ms/);
      await hog.call("release", database);
      // what nobody waits for any more has opened by now, and must not be in the way
      (await openVersion(3).connection).close();
    });
  });

  it("deleted by another page: it is not held up, and the next save makes a new one", async () => {
    const frame = await open();
    await frame.call("save", database, KEY, pattern(1, LENGTH));
    await deleteDatabase(database);
    expect(await frame.call("load", database, KEY)).to.equal(null);
    await frame.call("save", database, KEY, pattern(2, LENGTH));
    expect(expectWhole(await frame.call("load", database, KEY))).to.equal(2);
  });

  it("cleared by the browser while a page is open: the next save makes a new one", async () => {
    const frame = await open();
    await frame.call("save", database, KEY, pattern(1, LENGTH));
    await (await fetch("/base/test/browser/pages/clear-site-data.html")).text();
    // the browser takes its time, and what is saved meanwhile may be cleared as well; no call may hang or lie
    await until(async () => {
      const loaded = await frame.call("load", database, KEY).catch((error: FrameError) => error.code);
      if (loaded !== null && typeof loaded !== "string") expectWhole(loaded);
      return loaded === null;
    }, "the database to be gone");
    await until(
      () =>
        frame.call("save", database, KEY, pattern(2, LENGTH)).then(
          () => true,
          (error: FrameError) => error.code !== "STORE_FAILED",
        ),
      "a save",
    );
    expect(expectWhole(await frame.call("load", database, KEY))).to.equal(2);
  });

  describe("a page without storage", () => {
    const cases: Record<string, () => Promise<Frame>> = {
      "because it has no origin (a sandboxed frame)": () => open("allow-scripts"),
      "because there is no IndexedDB": async () => {
        const frame = await open();
        await frame.call("loseIndexedDb");
        return frame;
      },
    };
    for (const [why, openIt] of Object.entries(cases)) {
      it(`${why}: STORE_FAILED at once, for every call`, async () => {
        const frame = await openIt();
        for (const calling of ["load", "save", "load"] as const) {
          const error = await failureOf(frame.call(calling, database, KEY, pattern(1, LENGTH)));
          expect(error.code).to.equal("STORE_FAILED");
          expect(error.message).to.match(
            new RegExp(`^IndexedDB ${calling}: (SecurityError|there is no IndexedDB here)`),
          );
        }
      });
    }
  });

  describe("a client", () => {
    let chain: Devnet;
    let server: DevnetServer;
    let checkpoint: string;

    before(async () => {
      chain = await connectChain(chainsOfPage(), "live");
      checkpoint = (await chain.checkpoint({ epoch: 9 })).root;
    });
    beforeEach(async () => {
      server = await chain.newServer();
    });
    afterEach(() => server.close());

    const task = () => ({ info: chain.info, checkpoint, url: server.url, database });
    const bootstraps = async () => (await server.requests()).filter(({ route }) => route === "bootstrap").length;

    async function expectTrue({ head, slot }: { head: string; slot: number }): Promise<void> {
      expect(head).to.equal((await chain.truth(slot))?.root);
    }

    it("in a page that is reloaded goes on from what it had", async () => {
      const frame = await open();
      const first = await frame.call("sync", task());
      await frame.reload();
      const second = await frame.call("sync", task());
      expect([first.outcomes, second.outcomes]).to.deep.equal([[], ["resumed"]]);
      expect([...first.errors, ...second.errors]).to.deep.equal([]);
      expect(await bootstraps()).to.equal(1);
      await expectTrue(second);
    });

    it("in each of two pages at once: both are right, and the next page goes on from there", async () => {
      const [first, second] = [await open(), await open()];
      const results = await Promise.all([first.call("sync", task()), second.call("sync", task())]);
      for (const result of results) {
        expect(result.errors).to.deep.equal([]);
        await expectTrue(result);
      }
      const third = await (await open()).call("sync", task());
      expect(third.outcomes).to.deep.equal(["resumed"]);
      expect(third.errors).to.deep.equal([]);
    });

    for (const [what, prepare] of Object.entries<() => Promise<Frame>>({
      "without an origin": () => open("allow-scripts"),
      "without IndexedDB": async () => {
        const frame = await open();
        await frame.call("loseIndexedDb");
        return frame;
      },
      "whose database a newer version has": async () => {
        (await openVersion(2).connection).close();
        return open();
      },
    })) {
      it(`in a page ${what} goes on in memory, and says so`, async () => {
        const frame = await prepare();
        const result = await frame.call("sync", task());
        await expectTrue(result);
        expect(result.outcomes).to.deep.equal(["degraded"]);
        expect(result.errors.map(({ code }) => code)).to.include("STORE_FAILED");
        expect(new Set(result.errors.map(({ code }) => code))).to.deep.equal(new Set(["STORE_FAILED"]));
      });
    }
  });
});
