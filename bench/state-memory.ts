/**
 * `node --import tsx bench/state-memory.ts`: how much memory it takes to verify a whole state of mainnet's size, in a
 * process of its own; beside it, the same process when it does no more than read the file.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { blstBls } from "../src/bls/blst/index.js";
import { mainnet } from "../src/networks/mainnet.js";
import { createBeaconTypes, type ForkTypes } from "../src/proof/beacon/types.js";
import { verifySszBytes } from "../src/proof/index.js";
import { toHex } from "../src/ssz/bytes.js";
import { bytesAt } from "../src/ssz/read.js";
import { rootOfBytes } from "../src/ssz/tree.js";
import type { AnyType } from "../src/ssz/type.js";
import { randomValue } from "../test/support/random-ssz.js";

/** As many as mainnet has by 2026, those included that have left. */
const VALIDATORS = 2_100_000;
/** Bytes of an element of the lists that have one for each validator. */
const LONG_LISTS: Readonly<Record<string, number>> = {
  validators: 121,
  balances: 8,
  previousEpochParticipation: 1,
  currentEpochParticipation: 1,
  inactivityScores: 8,
};

const { BeaconState } = createBeaconTypes(mainnet.preset).forks.electra as unknown as ForkTypes;
const type = BeaconState as unknown as AnyType & { readonly kind: "container" };

/** A small state with its long lists replaced: no value of this size is ever made. */
function syntheticState(): Uint8Array {
  const small = type.serialize(randomValue(type, "memory") as never);
  const parts = type.fields.map((field) => {
    const size = LONG_LISTS[field.name];
    if (size === undefined) return bytesAt(type, small, [field.name])!.bytes;
    const bytes = new Uint8Array(VALIDATORS * size);
    // the first byte of each alone: `slashed`, a boolean, is somewhere in the middle of a validator
    for (let i = 0; i < bytes.length; i += size) bytes[i] = i & 0x7f;
    return bytes;
  });
  const fixedBytes = type.fields.reduce((sum, { type: { fixedSize } }) => sum + (fixedSize ?? 4), 0);
  const variable = parts.filter((_, i) => type.fields[i]!.type.fixedSize === null);
  const state = new Uint8Array(fixedBytes + variable.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(state.buffer);
  let [at, end] = [0, fixedBytes];
  type.fields.forEach(({ type: { fixedSize } }, i) => {
    const part = parts[i]!;
    if (fixedSize === null) view.setUint32(at, end, true);
    state.set(part, fixedSize === null ? end : at);
    if (fixedSize === null) end += part.length;
    at += fixedSize ?? 4;
  });
  return state;
}

async function child(path: string, root: string): Promise<void> {
  await blstBls().ready();
  const bytes = readFileSync(path); // not copied
  const started = performance.now();
  let told = "read";
  if (root !== "") {
    const state = verifySszBytes({ type: BeaconState, root, bytes });
    told = `verified ${state.get(["validators", "length"])} validators in ${Math.round(performance.now() - started)} ms`;
  }
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${told}: ${Math.round(bytes.length / 2 ** 20)} MiB of bytes, peak of resident memory ${peakMb} MiB`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-state-"));
  const path = join(folder, "state.ssz");
  try {
    await blstBls().ready();
    const state = syntheticState();
    writeFileSync(path, state);
    const root = toHex(rootOfBytes(type, state));
    for (const of of ["", root]) {
      const args = [...process.execArgv, fileURLToPath(import.meta.url), path, of];
      spawnSync(process.execPath, args, { stdio: "inherit" });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [path, root] = process.argv.slice(2);
await (path === undefined ? main() : child(path, root ?? ""));
