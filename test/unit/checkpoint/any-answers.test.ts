/** Whatever providers answer: a root is told only if enough independent ones have said it. */
import { expect } from "chai";
import * as fc from "fast-check";
import { checkpointQuorum } from "../../../src/checkpoint/quorum.js";
import { isSidelightError } from "../../../src/errors.js";
import { seedOf } from "../../support/seed.js";
import { CURRENT_EPOCH, clockNow, finalityAnswer, genesisAnswer, NETWORK, rootOf } from "./checkpoint-server.js";

const REQUIRED_CODES = ["CHECKPOINT_DISAGREEMENT", "CHECKPOINT_NO_QUORUM"] as const;

/** One provider: who runs it, and what it answers to each question. */
interface Mouth {
  readonly operator: string;
  readonly epoch: number;
  readonly root: string;
  /** Its answers to "which root has epoch n", by n modulo their number. */
  readonly roots: readonly (string | null)[];
  readonly genesis: "right" | "wrong" | "none";
  /** Anything at all instead of the finality checkpoints. */
  readonly junk: { readonly value: unknown } | null;
}

const ROOTS = fc.constantFrom(rootOf(1, "x"), rootOf(1, "y"), rootOf(1, "z"));

const mouth: fc.Arbitrary<Mouth> = fc.record({
  operator: fc.constantFrom("a", "b", "c", "d", "e"),
  epoch: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 18, max: 21 }) }, { weight: 1, arbitrary: fc.nat(60) }),
  root: ROOTS,
  roots: fc.array(fc.option(ROOTS, { freq: 4 }), { minLength: 1, maxLength: 3 }),
  genesis: fc.constantFrom("right", "right", "right", "right", "wrong", "none"),
  junk: fc.option(fc.record({ value: fc.jsonValue() }), { freq: 8 }),
});

function answer(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}

function rootAt({ roots }: Mouth, epoch: number): string | null {
  return roots[epoch % roots.length] ?? null;
}

/** Answers as the mouths would, and counts. */
function speak(mouths: readonly Mouth[]) {
  const counts = mouths.map(() => 0);
  const fetch = async (url: string): Promise<Response> => {
    const [, index, path] = /^http:\/\/p(\d+)\.example(.*)$/.exec(url)!;
    const who = mouths[Number(index)]!;
    counts[Number(index)]!++;
    if (path!.endsWith("/genesis")) {
      if (who.genesis === "none") return answer({}, 404);
      return answer(genesisAnswer(who.genesis === "right" ? undefined : rootOf(0, "other")));
    }
    if (path!.endsWith("finality_checkpoints")) {
      return answer(who.junk === null ? finalityAnswer(who.epoch, who.root) : who.junk.value);
    }
    const root = rootAt(who, Number(/blocks\/(\d+)\/root/.exec(path!)![1]) / NETWORK.preset.slotsPerEpoch);
    return root === null ? answer({}, 404) : answer({ data: { root } });
  };
  return { fetch, counts };
}

/** Operators of whom some provider has told this root of this epoch, and none another one. */
function vouchers(mouths: readonly Mouth[], epoch: number, root: string): Set<string> {
  const usable = mouths.filter((who) => who.genesis === "right" && who.junk === null && who.epoch <= CURRENT_EPOCH);
  const says = (who: Mouth) => (who.epoch === epoch ? who.root : who.epoch > epoch ? rootAt(who, epoch) : null);
  const of = (operator: string) => usable.filter((who) => who.operator === operator).map(says);
  const operators = new Set(usable.map(({ operator }) => operator));
  return new Set([...operators].filter((operator) => of(operator).includes(root)));
}

const RUNS = { numRuns: 500, seed: seedOf() };

describe("checkpointQuorum, for any answers", () => {
  const scene = fc
    .array(mouth, { minLength: 1, maxLength: 7 })
    .chain((mouths) => {
      const operators = new Set(mouths.map(({ operator }) => operator)).size;
      return fc.record({
        mouths: fc.constant(mouths),
        required: fc.integer({ min: 1, max: operators }),
        dissent: fc.nat(3),
      });
    })
    .map(({ mouths, required, dissent }) => ({ mouths, required, tolerateDissent: Math.min(dissent, required - 1) }));

  async function ask({
    mouths,
    required,
    tolerateDissent,
  }: {
    mouths: Mouth[];
    required: number;
    tolerateDissent: number;
  }) {
    const { fetch, counts } = speak(mouths);
    const providers = mouths.map(({ operator }, i) => ({ url: `http://p${i}.example`, operator }));
    const quorum = checkpointQuorum({ providers, required, tolerateDissent, fetch });
    const outcome = await quorum.checkpoint({ network: NETWORK, clock: clockNow() }).catch((thrown: unknown) => thrown);
    return { outcome, counts };
  }

  it("never tells a root that fewer than required independent operators vouch for", async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const { outcome } = await ask(given);
        if (outcome instanceof Error) {
          expect(
            REQUIRED_CODES.some((code) => isSidelightError(outcome, code)),
            String(outcome),
          ).to.equal(true);
          return;
        }
        told++;
        const { root, report } = outcome as Awaited<ReturnType<ReturnType<typeof checkpointQuorum>["checkpoint"]>>;
        expect(vouchers(given.mouths, report!.epoch, root).size).to.be.at.least(given.required);
        expect(report!.epoch).to.be.at.most(CURRENT_EPOCH);
      }),
      RUNS,
    );
    expect(told, "it does tell some").to.be.above(20);
  });

  it("tells nothing that anybody contradicts, unless dissent is tolerated", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const { outcome } = await ask({ ...given, tolerateDissent: 0 });
        if (outcome instanceof Error) return;
        const { root, report } = outcome as Awaited<ReturnType<ReturnType<typeof checkpointQuorum>["checkpoint"]>>;
        for (const { verdict, root: own } of report!.statements) {
          expect(verdict).not.to.equal("contradicts");
          expect(own === null || own === root).to.equal(true);
        }
        const finalized = report!.statements.flatMap((statement) => statement.finalized ?? []);
        for (const a of finalized) {
          for (const b of finalized) if (a.epoch === b.epoch) expect(a.root).to.equal(b.root);
        }
      }),
      RUNS,
    );
  });

  it("never asks one provider more than three times", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const { counts } = await ask(given);
        for (const count of counts) expect(count).to.be.within(2, 3);
      }),
      RUNS,
    );
  });
});
