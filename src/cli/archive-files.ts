/**
 * The archive in files: what was verified in earlier runs is given to others in this one too. A resumed client asks for
 * nothing old, so that its archive would be empty of it.
 *
 * A file is the fork digest, the object's SSZ, and the SHA-256 of both; what is not whole is left alone and not given.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "../networks/types.js";
import { fromHex, toHex } from "../ssz/bytes.js";
import type { Archive, Kept } from "../transport/libp2p/archive.js";
import type { VerifiedObject } from "../transport/port.js";
import { replaceFile } from "./whole-file.js";

type Stored = Extract<VerifiedObject, { kind: "bootstrap" | "update" }>;

const DIGEST_BYTES = 4;
const CHECKSUM_BYTES = 32;
/** Of a bootstrap or an update there are 25 KiB; a file beyond this is none. */
const MAX_FILE_BYTES = 65_536;
/** Bootstraps that are kept: about as many as the archive holds, and the oldest go. */
const MAX_BOOTSTRAPS = 256;

/** One for each chain: stores of several may share a folder. */
export function archiveFolder(store: string, network: Network): string {
  return join(store, `sidelight-archive-${network.genesisValidatorsRoot.slice(2, 10)}`);
}

/** Fills `archive` from the folder, and writes what it is given there. A folder that fails costs nothing but itself. */
export function keepInFiles(archive: Archive, folder: string): Archive {
  for (const object of readAll(folder)) keepUnlessBroken(archive, object);
  return {
    ...archive,
    keep(object) {
      const kept = archive.keep(object);
      if (kept !== null && (object.kind === "bootstrap" || object.kind === "update")) write(folder, object, kept);
      return kept;
    },
  };
}

function keepUnlessBroken(archive: Archive, object: Stored): void {
  try {
    archive.keep(object);
  } catch {
    // of another version, or of a chain that was made anew: not to be given
  }
}

function nameOf(object: Stored): string {
  return object.kind === "bootstrap" ? `bootstrap-${object.root.toLowerCase()}.ssz` : `update-${object.period}.ssz`;
}

function write(folder: string, object: Stored, { bytes, digest }: Kept): void {
  const body = Buffer.concat([fromHex(digest), bytes]);
  const file = join(folder, nameOf(object));
  // one for each process, not for each object: what a full disk has cut off is there once
  const temporary = join(folder, `unfinished-${process.pid}.tmp`);
  try {
    mkdirSync(folder, { recursive: true });
    replaceFile(file, Buffer.concat([body, checksumOf(body)]), temporary);
    if (object.kind === "bootstrap") dropOldest(folder);
  } catch {
    // it is still given while this runs; the store tells of a disk that fails
  }
}

/** The oldest first, as the archive wants it: the newest stays longest. */
function readAll(folder: string): Stored[] {
  const found: { readonly object: Stored; readonly atMs: number }[] = [];
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const object = read(path, name);
    if (object !== null) found.push({ object, atMs: timeOf(path) });
  }
  return found.sort((a, b) => a.atMs - b.atMs).map(({ object }) => object);
}

/** A bootstrap comes with every finality: a node that runs for months must not fill its disk with them. */
function dropOldest(folder: string): void {
  const bootstraps = namesIn(folder).filter((name) => name.startsWith("bootstrap-") && name.endsWith(".ssz"));
  if (bootstraps.length <= MAX_BOOTSTRAPS) return;
  const aged = bootstraps.map((name) => join(folder, name)).map((path) => ({ path, atMs: timeOf(path) }));
  aged.sort((a, b) => a.atMs - b.atMs);
  for (const { path } of aged.slice(0, -MAX_BOOTSTRAPS)) rmSync(path, { force: true });
}

/** 0 for what is gone meanwhile. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string, name: string): Stored | null {
  const [, root, period] = /^(?:bootstrap-(0x[0-9a-f]{64})|update-(\d{1,15}))\.ssz$/.exec(name) ?? [];
  if (root === undefined && period === undefined) return null;
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return null;
    const file = readFileSync(path);
    const body = file.subarray(0, -CHECKSUM_BYTES);
    if (!checksumOf(body).equals(file.subarray(-CHECKSUM_BYTES))) return null;
    const digest = toHex(body.subarray(0, DIGEST_BYTES));
    const raw = { encoding: "ssz" as const, bytes: new Uint8Array(body.subarray(DIGEST_BYTES)), digest };
    return root === undefined ? { kind: "update", period: Number(period), raw } : { kind: "bootstrap", root, raw };
  } catch {
    return null;
  }
}

function checksumOf(body: Uint8Array): Buffer {
  return createHash("sha256").update(body).digest();
}
