/**
 * What is fuzzed: every decoder with what comes after it, proofs (`proof-targets.ts`), the stored state, a whole client
 * behind a REST source, and the wire (`wire-targets.ts`). An input is a recipe (which target, which changes), so that a
 * corpus of thousands is a small file.
 *
 * A target says what became of an input: the code it was refused with, or `unchanged` if it proves what the honest one
 * proves. It throws if something false was accepted, or failed in a way that is none of the library's.
 */
import { createLightClient } from "../../../src/client/light-client.js";
import { stateFromSnapshot } from "../../../src/client/resume.js";
import { isSidelightError } from "../../../src/errors.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { snapshotCodec, snapshotKey } from "../../../src/store/snapshot.js";
import type { RawObject } from "../../../src/transport/port.js";
import { restSource } from "../../../src/transport/rest.js";
import { sharedBls } from "../../e2e/client/shared-bls.js";
import { testBls } from "../../support/backends.js";
import { fillBytes } from "../../support/fill.js";
import { forgeAt, storeAt } from "../../support/forges.js";
import { type Mutation, mutateBytes, mutateJson } from "../../support/mutate.js";
import { type AnyForged, oneOfEach } from "../../support/objects.js";
import { createJudge } from "../../support/verified.js";
import { createFakeChain } from "../../unit/client/fake-chain.js";
import { drive } from "../../unit/client/waiting.js";
import { proofTargets } from "./proof-targets.js";
import { changed, wireTargets } from "./wire-targets.js";

export type Run = (mutations: readonly Mutation[]) => Promise<string> | string;

export type Targets = ReadonlyMap<string, Run>;

const FORKS = ["deneb", "fulu", "gloas"] as const;
const SLOT = 100;
const CLOCK = 110;
const MOST_RANDOM_BYTES = 6_000;

export async function createTargets(): Promise<Targets> {
  const targets = new Map<string, Run>();
  for (const fork of FORKS) {
    const forge = await forgeAt(fork);
    const given = { store: storeAt(forge, 70), root: forge.bootstrap(SLOT).root, clock: CLOCK };
    for (const forged of oneOfEach(forge, SLOT)) {
      const judge = createJudge(forge, forged.object, forged.value(), given);
      const judged = (make: (mutations: readonly Mutation[]) => RawObject) => (mutations: readonly Mutation[]) => {
        const before = { ...judge.outcome.codes };
        judge.raw(make(mutations));
        return Object.entries(judge.outcome.codes).find(([code, count]) => count !== before[code])?.[0] ?? "unchanged";
      };
      for (const [form, make] of Object.entries(formsOf(forged))) {
        targets.set(`${fork} ${forged.object} ${form}`, judged(make));
      }
    }
  }
  for (const [name, run] of await proofTargets()) targets.set(name, run);
  targets.set("stored state", await storedState());
  targets.set("client", await wholeClient());
  for (const [name, run] of wireTargets()) targets.set(name, run);
  return targets;
}

function formsOf(forged: AnyForged): Record<string, (mutations: readonly Mutation[]) => RawObject> {
  const { fork } = forged;
  const ssz = forged.ssz();
  const json = forged.json();
  return {
    SSZ: (mutations) => ({ encoding: "ssz", bytes: changed(ssz, mutations), fork }),
    JSON: (mutations) => ({ encoding: "json", value: mutations.reduce(mutateJson, json as unknown), fork }),
    random: (mutations) => ({ encoding: "ssz", bytes: randomBytes(mutations), fork }),
  };
}

function randomBytes([{ kind, at, by } = { kind: 0, at: 0, by: 0 }]: readonly Mutation[]): Uint8Array {
  return fillBytes(at % MOST_RANDOM_BYTES, "random", kind, by);
}

/** What a client would resume from, if it is what it was. */
async function storedState(): Promise<Run> {
  const chain = await createFakeChain({ bls: testBls() });
  let stored: Uint8Array | undefined;
  const client = chain.client({
    store: {
      load: async () => null,
      async save(key, bytes) {
        // the scores of the sources are kept beside it
        if (key === snapshotKey(chain.network)) stored = bytes;
      },
      clear: async () => {},
    },
  });
  await drive(chain.clock, client.syncOnce());
  await client.stop();
  const codec = snapshotCodec(chain.forge.chain);
  const resume = (bytes: Uint8Array) => {
    const snapshot = codec.decode(bytes);
    return stateFromSnapshot(chain.forge.chain, snapshot.checkpoint, snapshot);
  };
  const honest = resume(stored!);
  return (mutations) => {
    try {
      const state = resume(changed(stored!, mutations));
      const isSame = state.store.finalizedHeader.beacon.slot === honest.store.finalizedHeader.beacon.slot;
      if (!isSame || toHex(state.checkpoint) !== chain.checkpoint)
        throw new Error("stored state: accepted, and changed");
      return "unchanged";
    } catch (thrown) {
      if (!isSidelightError(thrown)) throw thrown;
      return thrown.code;
    }
  };
}

/** One pass of a client; each answer is changed by the next of the mutations, on its way over HTTP. */
async function wholeClient(): Promise<Run> {
  const bls = sharedBls(testBls());
  const chain = await createFakeChain({ bls });
  const { clock, checkpoint, network, forge } = chain;
  const asJson = (raw: RawObject) => {
    if (raw.encoding === "json") return raw.value;
    throw new Error("expected JSON");
  };
  const period = forge.periodOf(chain.slot());
  const options = { attestedSlot: chain.slot() - 1 };
  const json = { encoding: "json" } as const;
  const answers: Record<string, unknown> = {
    bootstrap: asJson(forge.bootstrap(chain.checkpointSlot).raw(json)),
    finality_update: asJson(forge.finalityUpdate(options).raw(json)),
    optimistic_update: asJson(forge.optimisticUpdate(options).raw(json)),
  };
  const updates = Array.from({ length: period }, (_, i) =>
    asJson(forge.update({ attestedSlot: i * 64 + 61 }).raw(json)),
  );

  function answerTo(url: string): unknown {
    const { pathname, searchParams } = new URL(url);
    const [start, count] = ["start_period", "count"].map((name) => Number(searchParams.get(name)));
    const wrap = (data: unknown) => ({ version: "electra", data });
    if (pathname.endsWith("/updates")) return updates.slice(start, start! + count!).map(wrap);
    return wrap(answers[Object.keys(answers).find((name) => pathname.includes(name))!]);
  }

  return async (mutations) => {
    let asked = 0;
    const source = restSource("http://fuzzed.example", {
      ...{ name: "fuzzed", encodings: "json", retries: 0, clock },
      async fetch(url) {
        const mutation = mutations[asked++];
        const value = answerTo(url);
        if (mutation === undefined) return reply(JSON.stringify(value), 200);
        const { kind, by } = mutation;
        if (kind % 3 === 0) return reply(JSON.stringify(mutateJson(value, mutation)), 200);
        const bytes = mutateBytes(new TextEncoder().encode(JSON.stringify(value)), mutation);
        return reply(bytes.slice(), kind % 17 === 1 ? [204, 404, 429, 500, 302][by % 5]! : 200);
      },
    });
    const client = createLightClient({ network, checkpoint, sources: [source], bls, clock });
    const codes: string[] = [];
    client.on("error", ({ error }) => codes.push(error.code));
    try {
      const { head, finalized } = await drive(clock, client.syncOnce());
      assertTrue(head);
      assertTrue(finalized);
    } catch (thrown) {
      if (!isSidelightError(thrown)) throw thrown;
      codes.push(thrown.code);
    } finally {
      for (const header of [client.head, client.finalized]) if (header !== null) assertTrue(header);
      await client.stop();
    }
    return codes[0] ?? "unchanged";
  };

  function assertTrue({ slot, root }: { slot: number; root: string }): void {
    if (toHex(forge.block({ slot }).root) !== root)
      throw new Error(`client: accepted a header of slot ${slot} that is false`);
  }
}

function reply(body: string | Uint8Array<ArrayBuffer>, status: number): Response {
  const hasBody = ![204, 304].includes(status);
  return new Response(hasBody ? body : null, { status, headers: { "content-type": "application/json" } });
}
