import fs from "node:fs";
import { chmod, mkdir, mkdtemp, open, readdir, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect } from "chai";
import { METRIC_NAMES } from "../../../src/health/metrics.js";
import { createSeries } from "../../../src/health/series.js";
import { fileStore } from "../../../src/store/file.js";
import { storeContract } from "../../contract/store.js";
import { rejection, thrownBy } from "./expect-rejection.js";

const BYTES = Uint8Array.of(1, 2, 3);
const FILE = "sidelight-mainnet.snapshot";

let base = "";
let count = 0;

describe("file", () => {
  before(async () => {
    base = await mkdtemp(join(tmpdir(), "sidelight-store-"));
  });
  after(() => rm(base, { recursive: true, force: true }));

  let shared: string | undefined;
  storeContract(
    "fileStore",
    () => {
      shared ??= newPath();
      return fileStore(shared);
    },
    () => {
      shared = undefined;
    },
  );

  describe("fileStore", () => {
    it("refuses what is no folder's path", () => {
      for (const folder of ["", "a\0b", undefined, 7]) {
        const error = thrownBy("OPTION_INVALID", () => fileStore(folder as string));
        expect(error.details.option).to.equal("folder");
      }
    });

    it("makes the folder at the first save, not before", async () => {
      const folder = join(newPath(), "deeper", "still");
      const store = fileStore(folder);
      expect(await store.load("mainnet")).to.equal(null);
      await store.clear("mainnet");
      expect(fs.existsSync(folder)).to.equal(false);
      await store.save("mainnet", BYTES);
      expect(await readdir(folder)).to.deep.equal([FILE]);
    });

    it("makes the folder again if it has gone", async () => {
      const folder = newPath();
      const store = fileStore(folder);
      await store.save("mainnet", BYTES);
      await rm(folder, { recursive: true });
      expect(await store.load("mainnet")).to.equal(null);
      await store.save("mainnet", BYTES);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("keeps to the folder of the moment when it was made", async () => {
      const before = process.cwd();
      const folder = newPath();
      const store = fileStore(relative(before, folder));
      try {
        process.chdir(base);
        await store.save("mainnet", BYTES);
      } finally {
        process.chdir(before);
      }
      expect(await readdir(folder)).to.deep.equal([FILE]);
    });

    it("makes a file name of any key that stays in the folder and differs on any file system", async () => {
      const folder = newPath();
      const keys = ["../../etc/passwd", "A", "a", "CON", "%0041", "a.b", "a b", "a:b", "\ud800", "\udc00", "\n"];
      const store = fileStore(folder);
      for (const key of keys) await store.save(key, BYTES);
      const names = await readdir(folder);
      expect(new Set(names.map((name) => name.toLowerCase())).size).to.equal(keys.length);
      for (const name of names) expect(name).to.match(/^sidelight-[a-z0-9_%-]*\.snapshot$/);
    });

    it("refuses a key that is too long for a file name", async () => {
      const store = fileStore(newPath());
      await store.save("k".repeat(171), BYTES);
      for (const operation of ["load", "save", "clear"] as const) {
        const call = operation === "save" ? store.save("k".repeat(172), BYTES) : store[operation]("k".repeat(172));
        const error = await rejection("STORE_FAILED", call);
        expect(error.details).to.deep.equal({
          operation,
          message: "expected a key that makes a file name of up to 190 characters, got one of 191",
        });
      }
    });

    it("refuses a file of more than 4 MiB, on load and on save", async () => {
      const folder = newPath();
      const store = fileStore(folder);
      await store.save("mainnet", new Uint8Array(4_194_304));
      expect((await store.load("mainnet"))!.length).to.equal(4_194_304);
      const saving = await rejection("STORE_FAILED", store.save("mainnet", new Uint8Array(4_194_305)));
      expect(saving.details.message).to.equal(`${FILE}: expected at most 4194304 bytes, got 4194305`);
      expect((await store.load("mainnet"))!.length).to.equal(4_194_304);
      await writeFile(join(folder, FILE), new Uint8Array(4_194_305));
      const loading = await rejection("STORE_FAILED", store.load("mainnet"));
      expect(loading.details).to.deep.equal({
        operation: "load",
        message: `${FILE}: expected at most 4194304 bytes, got 4194305`,
      });
      await store.save("mainnet", BYTES);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("takes a series of health that is as long as it gets, after years", async () => {
      const values = Object.fromEntries(METRIC_NAMES.map((metric) => [metric, 1 + 1 / 7]));
      const points = [1, 8, 64, 512].flatMap((epochs) =>
        Array.from({ length: 512 }, (_, i) => ({ epoch: 4_000_000 + i * epochs, epochs, values })),
      );
      const restore = new TextEncoder().encode(JSON.stringify({ version: 1, points }));
      const series = createSeries({ restore });
      expect(series.points()).to.have.length(points.length);
      const store = fileStore(newPath());
      await store.save("mainnet-health", series.encode());
      expect(createSeries({ restore: (await store.load("mainnet-health"))! }).points()).to.have.length(points.length);
    });

    it("does not read a huge file", async () => {
      const folder = newPath();
      await mkdir(folder);
      const file = await open(join(folder, FILE), "w");
      // Takes no room on the disk, but reading it would fail in another way.
      await file.truncate(2 ** 32);
      await file.close();
      const error = await rejection("STORE_FAILED", fileStore(folder).load("mainnet"));
      expect(error.details.message).to.equal(`${FILE}: expected at most 4194304 bytes, got 4294967296`);
    });

    it("refuses a folder in the file's place", async () => {
      const folder = newPath();
      await mkdir(join(folder, FILE), { recursive: true });
      const error = await rejection("STORE_FAILED", fileStore(folder).load("mainnet"));
      expect(error.details.message).to.equal(`${FILE}: not a file`);
      expect((await rejection("STORE_FAILED", fileStore(folder).save("mainnet", BYTES))).details.message).to.match(
        /EISDIR/,
      );
      expect(await readdir(folder)).to.deep.equal([FILE]);
    });

    it("refuses a device in the file's place, without reading it", async function () {
      if (process.platform === "win32") this.skip();
      const folder = newPath();
      await mkdir(folder);
      await symlink("/dev/null", join(folder, FILE));
      const error = await rejection("STORE_FAILED", fileStore(folder).load("mainnet"));
      expect(error.details.message).to.equal(`${FILE}: not a file`);
    });

    it("reports a folder that is a file, without the path", async () => {
      const folder = newPath();
      await writeFile(folder, "");
      const store = fileStore(folder);
      for (const [operation, call] of [
        ["load", store.load("mainnet")],
        ["save", store.save("mainnet", BYTES)],
        ["clear", store.clear("mainnet")],
      ] as const) {
        const error = await rejection("STORE_FAILED", call);
        expect(error.details.operation).to.equal(operation);
        expect(error.details.message).to.match(/^sidelight-mainnet\.snapshot: (ENOTDIR|EEXIST): [a-z ]+$/);
        expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).to.not.include(base);
      }
    });

    it("reports a folder that it may not write to", async function () {
      if (process.platform === "win32" || process.getuid?.() === 0) this.skip();
      const folder = newPath();
      const store = fileStore(folder);
      await store.save("mainnet", BYTES);
      await chmod(folder, 0o555);
      const error = await rejection("STORE_FAILED", store.save("mainnet", Uint8Array.of(9)));
      expect(error.details.message).to.match(/EACCES: permission denied$/);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
      await chmod(folder, 0o755);
    });

    it("goes on with later saves after one has failed", async () => {
      const folder = newPath();
      await writeFile(folder, "");
      const store = fileStore(folder);
      const failing = store.save("mainnet", Uint8Array.of(9));
      const later = store.save("mainnet", BYTES).catch(() => undefined);
      await rejection("STORE_FAILED", failing);
      await later;
      await rm(folder);
      await store.save("mainnet", BYTES);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("never reads a temporary file, removes old ones, and leaves those of a process at work", async () => {
      const folder = newPath();
      await mkdir(folder);
      const old = `.${FILE}.0000.tmp`;
      const fresh = `.${FILE}.1111.tmp`;
      const foreign = `.other.snapshot.2222.tmp`;
      const longAgo = new Date(Date.now() - 61_000);
      for (const name of [old, fresh, foreign]) await writeFile(join(folder, name), "half");
      for (const name of [old, foreign]) await utimes(join(folder, name), longAgo, longAgo);
      const store = fileStore(folder);
      expect(await store.load("mainnet")).to.equal(null);
      await store.save("mainnet", BYTES);
      expect((await readdir(folder)).sort()).to.deep.equal([fresh, foreign, FILE].sort());
    });

    it("writes, flushes, renames, then flushes the folder, in this order", async () => {
      const folder = newPath();
      const store = fileStore(folder);
      await store.save("mainnet", BYTES);
      const log: string[] = [];
      const restore = await tapDisk((operation) => {
        log.push(operation);
      });
      try {
        await store.save("mainnet", Uint8Array.of(9));
      } finally {
        restore();
      }
      expect(log).to.deep.equal(["write", "sync file", "rename", "sync folder"]);
    });

    for (const operation of ["write", "sync file", "rename"]) {
      it(`reports a disk that fails at "${operation}", keeps the old snapshot and leaves no temporary file`, async () => {
        const folder = newPath();
        const store = fileStore(folder);
        await store.save("mainnet", BYTES);
        const restore = await tapDisk((actual, path) => {
          if (actual !== operation) return;
          throw Object.assign(new Error(`ENOSPC: no space left on device, ${operation} '${path}'`), {
            code: "ENOSPC",
            syscall: operation,
          });
        });
        try {
          const error = await rejection("STORE_FAILED", store.save("mainnet", Uint8Array.of(9)));
          expect(error.details).to.deep.equal({
            operation: "save",
            message: `${FILE}: ENOSPC: no space left on device`,
          });
        } finally {
          restore();
        }
        expect(await store.load("mainnet")).to.deep.equal(BYTES);
        expect(await readdir(folder)).to.deep.equal([FILE]);
        await store.save("mainnet", Uint8Array.of(9));
        expect(await store.load("mainnet")).to.deep.equal(Uint8Array.of(9));
      });
    }

    it("holds the last of the saves that wait, however many they are: a disk may hang", async () => {
      const folder = newPath();
      const store = fileStore(folder);
      const log: string[] = [];
      let release = () => {};
      const hanging = new Promise<void>((resolve) => {
        release = resolve;
      });
      const restore = await tapDisk((operation) => {
        log.push(operation);
        return hanging;
      });
      try {
        const first = store.save("mainnet", Uint8Array.of(0));
        await until(() => log.length > 0);
        const saves = Array.from({ length: 50 }, (_, i) => store.save("mainnet", Uint8Array.of(i + 1)));
        const refused = rejection("STORE_FAILED", store.save("mainnet", new Uint8Array(4_194_305)));
        const cleared = store.clear("mainnet");
        const after = [51, 52].map((i) => store.save("mainnet", Uint8Array.of(i)));
        const other = store.save("other", BYTES);
        release();
        await Promise.all([first, ...saves, refused, cleared, ...after, other]);
      } finally {
        restore();
      }
      expect(await store.load("mainnet")).to.deep.equal(Uint8Array.of(52));
      expect(await store.load("other")).to.deep.equal(BYTES);
      // the first, those that waited for it, those after the clear, and another key's
      expect(log.filter((operation) => operation === "rename")).to.have.length(4);
    });

    it("goes on where a folder cannot be flushed", async () => {
      const store = fileStore(newPath());
      const restore = await tapDisk((operation) => {
        if (operation === "sync folder")
          throw Object.assign(new Error("EPERM: operation not permitted, fsync"), { code: "EPERM" });
      });
      try {
        await store.save("mainnet", BYTES);
      } finally {
        restore();
      }
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("keeps nothing open", async function () {
      if (process.platform !== "linux") this.skip();
      const store = fileStore(newPath());
      await store.save("mainnet", BYTES);
      const before = (await readdir("/proc/self/fd")).length;
      for (let i = 0; i < 20; i++) await store.save("mainnet", BYTES);
      for (let i = 0; i < 20; i++) await store.load("mainnet");
      expect((await readdir("/proc/self/fd")).length).to.be.at.most(before);
    });
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** A path that nothing is at yet. */
function newPath(): string {
  return join(base, `${count++}`);
}

/** Calls `tap` before what the store does to the disk, and waits for what it gives; if it throws, the disk fails. Gives what puts all back. */
async function tapDisk(tap: (operation: string, path: string) => unknown): Promise<() => void> {
  const sample = await open(base, "r");
  const handles = Object.getPrototypeOf(sample) as typeof sample;
  await sample.close();
  const { writeFile, sync } = handles;
  const { rename } = fs.promises;
  handles.writeFile = async function (this: typeof sample, ...args: Parameters<typeof writeFile>) {
    await tap("write", base);
    return writeFile.apply(this, args);
  };
  handles.sync = async function (this: typeof sample) {
    await tap((await this.stat()).isDirectory() ? "sync folder" : "sync file", base);
    return sync.apply(this);
  };
  fs.promises.rename = async (from, to) => {
    expect((await stat(from)).size, "complete when it is renamed").to.be.greaterThan(0);
    await tap("rename", String(to));
    return rename(from, to);
  };
  syncBuiltinESMExports();
  return () => {
    Object.assign(handles, { writeFile, sync });
    fs.promises.rename = rename;
    syncBuiltinESMExports();
  };
}
