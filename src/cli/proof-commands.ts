/** `sidelight prove` and `sidelight verify`. */
import { accessSync, constants, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { blstBls } from "../bls/blst/index.js";
import { isSidelightError, messageOf, type SidelightError } from "../errors.js";
import type { Network } from "../networks/types.js";
import type { BeaconState } from "../proof/beacon/types.js";
import { decodeBundle, MAX_BUNDLE_BYTES } from "../proof-bundle/format.js";
import { createProofBundle, type ProvenBundle, verifyProofBundle } from "../proof-bundle/index.js";
import { rpcSource } from "../proof-fetch/index.js";
import { toHex } from "../ssz/bytes.js";
import type { Path } from "../ssz/path.js";
import { asTyped, EXIT, type ExitCode, usageError } from "./failure.js";
import { resolveNetwork } from "./network.js";
import { PROOF_HELP, type ProofArgs, parseProofArgs } from "./proof-args.js";
import type { Terminal } from "./render/screen.js";
import { FROM_BEACON } from "./settings.js";
import { createProofSources, createSources } from "./sources.js";
import { replaceFile } from "./whole-file.js";

/** Is it one of the commands of this file? */
export function isProofCommand(word: string | undefined): word is "prove" | "verify" {
  return word === "prove" || word === "verify";
}

/** @throws what a caller tells as any other failure */
export async function runProofCommand(
  command: "prove" | "verify",
  args: readonly string[],
  terminal: Pick<Terminal, "out" | "err">,
  signal: AbortSignal,
): Promise<ExitCode> {
  const settings = parseProofArgs(command, args);
  if (settings.help) {
    terminal.out(PROOF_HELP);
    return EXIT.done;
  }
  return command === "prove" ? prove(settings, terminal, signal) : verify(settings, terminal, signal);
}

async function prove(settings: ProofArgs, terminal: Pick<Terminal, "out">, signal: AbortSignal): Promise<ExitCode> {
  const { checkpoint, rpcs, timeoutMs, account, slots, maxStateBytes, file } = settings;
  const sources = createSources(settings);
  const beacon = createProofSources(settings);
  const rpc = namedRpc(() => rpcs.map((url) => rpcSource(url, timeoutMs === undefined ? {} : { timeoutMs })));
  const place = placeOf(file);
  const network = await networkOf(settings, signal);
  const bls = blstBls();
  const bundle = await createProofBundle({
    network,
    checkpoint,
    bls,
    sources,
    beacon,
    rpc,
    // which there are, is looked at when they are followed
    paths: settings.paths as unknown as readonly Path<BeaconState>[],
    ...(account === undefined ? {} : { account: { address: account, slots } }),
    maxStateBytes,
    signal,
  }).catch((thrown: unknown) => {
    throw asTyped(thrown, (option) => OPTION_OF[option] ?? OPTION_OF[/^[a-z]*/.exec(option)![0]] ?? option);
  });
  write(place, bundle);
  const proven = await verifyProofBundle({ network, checkpoint, bundle, bls });
  tell(settings, terminal, network, proven, [`${file}: ${bundle.length} bytes`]);
  return EXIT.done;
}

/** What options of `createProofBundle` are called on the command line. */
const OPTION_OF: Readonly<Record<string, string>> = {
  path: "--path",
  paths: "--path",
  account: "--account",
  "account.slots": "--slot",
  slot: "--slot",
};

function namedRpc<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    throw asTyped(thrown, () => "--rpc");
  }
}

/** Where a proof is put, and whether by putting it into the place of an older one. */
interface Place {
  readonly path: string;
  readonly isReplaced: boolean;
}

/** Looked at before anybody is asked: what a proof needs may be hundreds of megabytes. */
function placeOf(file: string): Place {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw new Error("a folder");
    accessSync(found === undefined ? dirname(file) : file, constants.W_OK);
    if (found === undefined) return { path: file, isReplaced: true };
    // /dev/stdout, for one, is not to be replaced, and a link neither
    if (!found.isFile()) return { path: file, isReplaced: false };
    const path = realpathSync(file);
    return { path, isReplaced: canWrite(dirname(path)) };
  } catch (thrown) {
    throw outputInvalid(thrown);
  }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** All of it or nothing, wherever that can be: half a proof in the place of an older one would be neither. */
function write({ path, isReplaced }: Place, bundle: Uint8Array): void {
  try {
    if (isReplaced) replaceFile(path, bundle);
    else writeFileSync(path, bundle);
  } catch (thrown) {
    throw outputInvalid(thrown);
  }
}

function outputInvalid(thrown: unknown): SidelightError {
  return usageError("--output", "a file that can be written", messageOf(thrown));
}

async function verify(
  settings: ProofArgs,
  terminal: Pick<Terminal, "out" | "err">,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { checkpoint, file, json } = settings;
  if (settings.network === FROM_BEACON) throw usageError("--network", "a network that needs no node", FROM_BEACON);
  const network = await networkOf(settings, signal);
  const bundle = read(file);
  const refuse = (thrown: unknown, exitCode: ExitCode, verdict: string): ExitCode => {
    const code = isSidelightError(thrown) ? thrown.code : "UNEXPECTED";
    if (json) terminal.out(`${JSON.stringify({ proven: false, verdict, code, message: messageOf(thrown) })}\n`);
    else terminal.err(`${verdict}: ${messageOf(thrown)} [${code}]\n`);
    return exitCode;
  };
  try {
    decodeBundle(bundle);
  } catch (thrown) {
    return refuse(thrown, EXIT.unreadable, "unreadable");
  }
  try {
    const proven = await verifyProofBundle({ network, checkpoint, bundle, bls: blstBls() });
    tell(settings, terminal, network, proven, ["proven"]);
    return EXIT.done;
  } catch (thrown) {
    // trouble of this machine says nothing about the proof
    if (!isSidelightError(thrown) || thrown.code === "BLS_UNAVAILABLE") throw thrown;
    return refuse(thrown, EXIT.unverified, "not proven");
  }
}

function networkOf(settings: ProofArgs, signal: AbortSignal): Promise<Network> {
  return resolveNetwork(settings, signal);
}

function read(file: string): Uint8Array {
  try {
    if (statSync(file).size > MAX_BUNDLE_BYTES) return new Uint8Array(MAX_BUNDLE_BYTES + 1);
    return new Uint8Array(readFileSync(file));
  } catch (thrown) {
    throw usageError("file", "a file that can be read", messageOf(thrown));
  }
}

function tell(
  { json }: ProofArgs,
  terminal: Pick<Terminal, "out">,
  { name }: Network,
  proven: ProvenBundle,
  first: readonly string[],
): void {
  if (json) {
    terminal.out(`${JSON.stringify({ proven: true, network: name, ...proven }, plain)}\n`);
    return;
  }
  const { header, values, execution } = proven;
  const lines = [
    ...first,
    `${name}, finalized slot ${header.slot}, root ${header.root}`,
    ...values.map(
      ({ path, value }) => `${path.join(".")}: ${value === null ? "proven absent" : JSON.stringify(value, plain)}`,
    ),
  ];
  if (execution !== null) {
    const { account, address, blockNumber, storage } = execution;
    const what = account === null ? "proven absent" : `${account.balanceWei} wei, nonce ${account.nonce}`;
    lines.push(`${address} in block ${blockNumber}: ${what}`);
    lines.push(...storage.map(({ slot, value }) => `  slot ${slot}: ${value}`));
  }
  terminal.out(`${lines.join("\n")}\n`);
}

/** What the Beacon API has for never: `FAR_FUTURE_EPOCH`. */
const NEVER = String(2n ** 64n - 1n);

/** Bytes as hex, amounts as decimal strings, as the Beacon API has them, and never too: `null` is what is proven absent. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value === Number.POSITIVE_INFINITY) return NEVER;
  return value instanceof Uint8Array ? toHex(value) : value;
}
