import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Devnet, startDevnet } from "../src/client.ts";

const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const CLIENT = new URL("../src/client.ts", import.meta.url).href;
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilDead(pid: number): Promise<void> {
  for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isAlive(pid), false, `process ${pid} is still there`);
}

/** A parent that starts a devnet, prints its pid, and then does as told. */
async function parentThat(ending: string): Promise<{ pid: number; kill(): void; exited: Promise<unknown> }> {
  const script = `
    const { startDevnet } = await import(${JSON.stringify(CLIENT)});
    const devnet = await startDevnet();
    console.log(devnet.pid);
    ${ending}
  `;
  const parent = spawn(process.execPath, ["--import", TSX, "--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(parent, "exit");
  const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
  return { pid: Number(chunk.toString("utf8")), kill: () => parent.kill("SIGKILL"), exited };
}

describe("the process", () => {
  it("ends when told, once and again", async () => {
    const devnet = await startDevnet();
    const server = await devnet.newServer();
    await Promise.all([devnet.stop(), devnet.stop()]);
    await untilDead(devnet.pid);
    await server.close();
    await assert.rejects(devnet.head(), /the devnet is gone/);
  });

  it("ends with a parent that forgets it, and does not keep the parent", async () => {
    const { pid, exited } = await parentThat("");
    await exited;
    await untilDead(pid);
  });

  it("ends with a parent that is killed", async () => {
    const { pid, kill, exited } = await parentThat("setInterval(() => {}, 1000);");
    assert.ok(isAlive(pid));
    kill();
    await exited;
    await untilDead(pid);
  });

  it("says why it cannot start", async () => {
    await assert.rejects(
      startDevnet({ forks: { electra: -1 } }),
      /did not start: exit 1[\s\S]*expected an epoch, got -1/,
    );
    await assert.rejects(startDevnet({ startTimeoutMs: 50 }), /not ready after 50 ms/);
  });

  it("prints one line of JSON on its own", async () => {
    const child = spawn(process.execPath, ["--import", TSX, MAIN, "--forks", "electra=0,fulu=1", "--pre-slots", "20"]);
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    const { url, ready } = JSON.parse(chunk.toString("utf8")) as { url: string; ready: boolean };
    assert.equal(ready, true);
    const response = await fetch(`${url}/eth/v1/node/syncing`);
    assert.equal(((await response.json()) as { data: { head_slot: string } }).data.head_slot, "20");
    child.kill();
    await once(child, "exit");
  });
});

describe("live mode", () => {
  it("starts in the present and makes a block each slot", async () => {
    const devnet: Devnet = await startDevnet({ mode: "live", preSlots: 70, forks: { gloas: 0 } });
    try {
      const slotNow = () => Math.floor(Date.now() / 1000 - devnet.info.genesisTime);
      const first = await devnet.head();
      assert.ok(Math.abs(slotNow() - first.slot) <= 1);
      assert.ok(first.slot >= 70);
      await new Promise((resolve) => setTimeout(resolve, 2100));
      const later = await devnet.head();
      assert.ok(later.slot >= first.slot + 2, `${first.slot} to ${later.slot}`);
    } finally {
      await devnet.stop();
    }
  });
});

describe("the mainnet preset", () => {
  it("runs beside the minimal one, with committees of 512", async () => {
    const devnet = await startDevnet({ preset: "mainnet" });
    try {
      assert.deepEqual([devnet.info.syncCommitteeSize, devnet.info.validators], [512, 512]);
      const head = await devnet.advance(140);
      assert.equal(head.finalized.epoch, 2);
      assert.equal((await devnet.truth(139))?.participants, 512);
    } finally {
      await devnet.stop();
    }
  });
});
