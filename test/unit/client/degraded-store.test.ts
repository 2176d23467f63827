import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fileStore } from "../../../src/store/file.js";
import { memoryStore } from "../../../src/store/memory.js";
import { codesOf, createFakeChain, record } from "./fake-chain.js";
import { drive, passTime, watchUnhandled } from "./waiting.js";

describe("a store that fails under a client", () => {
  watchUnhandled();

  it("is told once, with why, and once more when it takes what is saved; the client goes on meanwhile", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const memory = memoryStore();
    let isFull = true;
    const save = (key: string, bytes: Uint8Array) =>
      isFull ? Promise.reject(new Error("full")) : memory.save(key, bytes);
    const client = chain.client({ store: { ...memory, save } });
    const log = record(client);
    await drive(chain.clock, client.start());
    await passTime(chain.clock, 20 * chain.network.slotDurationMs);
    expect(log.store).to.deep.equal([{ outcome: "degraded", reason: "saving the verified state: full", keys: null }]);
    expect(client.status).to.deep.equal({ state: "following" });
    expect(client.head!.trust.ageSlots).to.be.at.most(2);
    isFull = false;
    await passTime(chain.clock, 10 * chain.network.slotDurationMs);
    expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["degraded", "recovered"]);
    await client.stop();
    const next = chain.client({ store: memory });
    const { store } = record(next);
    await drive(chain.clock, next.syncOnce());
    expect(store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
  });

  /** A small file system of its own; `null` where this process may not make one. */
  function mount(options: string): { readonly folder: string; unmount(): void } | null {
    const folder = mkdtempSync(join(tmpdir(), "sidelight-small-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
    } catch {
      rmSync(folder, { recursive: true });
      return null;
    }
    return {
      folder,
      unmount() {
        execFileSync("umount", [folder]);
        rmSync(folder, { recursive: true });
      },
    };
  }

  for (const [what, options, code] of [
    ["a disk that is full", "size=16k", "ENOSPC"],
    ["a disk that can only be read", "ro", "EROFS"],
  ] as const) {
    it(`is ${what}: told, and the client goes on in memory`, async function () {
      const disk = mount(options);
      if (disk === null) {
        console.warn(`    skipped: this process may not mount a file system to be ${what}`);
        this.skip();
      }
      try {
        if (code === "ENOSPC") writeFileSync(join(disk.folder, "else"), new Uint8Array(12_288));
        const chain = await createFakeChain({ slot: 203 });
        const client = chain.client({ store: fileStore(disk.folder) });
        const log = record(client);
        // not driven: real writes take real time, which does not pass by a virtual clock
        await client.syncOnce();
        expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["degraded"]);
        expect(log.store[0]!.reason).to.contain(code);
        expect(new Set(codesOf(log))).to.deep.equal(new Set(["STORE_FAILED"]));
        chain.clock.jumpTo(chain.timeOf(215));
        expect((await client.syncOnce()).head.slot).to.equal(214);
        expect(log.store).to.have.length(1);
        if (code === "ENOSPC") {
          rmSync(join(disk.folder, "else"));
          execFileSync("mount", ["-o", "remount,size=4m", disk.folder]);
          chain.clock.jumpTo(chain.timeOf(225));
          await client.syncOnce();
          expect(log.store.at(-1)!.outcome).to.equal("recovered");
        }
        await client.stop();
      } finally {
        disk.unmount();
      }
    });
  }
});
