/** The child process. Its preset comes from `LODESTAR_PRESET`, which must be set before it starts: one a process. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import bls from "@chainsafe/bls";
import { hasher, setHasher } from "@chainsafe/persistent-merkle-tree";
import { hasher as wasmHasher } from "@chainsafe/persistent-merkle-tree/hasher/as-sha256";
import { ACTIVE_PRESET } from "@lodestar/params";
import type { Answer, Method, Methods, PresetName, ReadyLine, Request } from "./protocol.js";
import { openSession, type Session } from "./session.js";

// Its applications choose this hasher; the default is several times slower and would flatter whoever is compared.
if (hasher.name === "noble") setHasher(wasmHasher);

const sessions = new Map<number, Session>();
let opened = 0;

const methods: { [M in Method]: (params: Methods[M]["params"]) => Promise<Methods[M]["result"]> } = {
  async open(params) {
    try {
      return { accepted: true, session: add(await openSession(params)) };
    } catch (error) {
      return { accepted: false, reason: String(error), session: null };
    }
  },
  async verify({ session, items }) {
    return find(session).verify(items);
  },
  async copy({ session }) {
    return { session: add(find(session).copy()) };
  },
  async close({ session }) {
    sessions.delete(session);
    return null;
  },
};

function add(session: Session): number {
  opened++;
  sessions.set(opened, session);
  return opened;
}

function find(number: number): Session {
  const session = sessions.get(number);
  if (session === undefined) throw new Error(`no session ${number}`);
  return session;
}

function write(line: Answer | ReadyLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function answer({ id, method, params }: Request): Promise<void> {
  try {
    write({ id, result: await methods[method](params as never) });
  } catch (error) {
    write({ id, error: String(error) });
  }
}

function verifierName(): string {
  const manifest = fileURLToPath(new URL("../node_modules/@lodestar/light-client/package.json", import.meta.url));
  const { name, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name: string; version: string };
  return `${name} ${version}`;
}

write({ ready: true, verifier: verifierName(), bls: bls.implementation, preset: ACTIVE_PRESET as PresetName });

// One after the other: the timing of one must not hold the work of another. Ends when the parent closes the pipe.
for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
  await answer(JSON.parse(line) as Request);
}
