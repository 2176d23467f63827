/** A typical update's signature: 505 of 512 took part. */

import { casesNear, type SignatureCase, startFrom, unseen } from "./cases.js";
import type { Bench } from "./context.js";
import { measure, type Variant } from "./measure.js";
import { loadShipped, readyBackends, type ShippedKeys } from "./peers.js";

const PARTICIPANTS = 505;
const CASES = 8;

export const verifyTypical: Bench = {
  name: "verify-typical",
  async run({ isQuick, data, note }) {
    const backends = await readyBackends();
    const shipped = await loadShipped();
    const cases = casesNear(startFrom(data, backends[0]!), data, PARTICIPANTS, CASES);
    const counts = cases.map(({ participants }) => participants.length);
    note(`verify-typical: ${cases.length} updates with ${Math.min(...counts)} to ${Math.max(...counts)} of 512`);

    // each sample is of another update: the next one of the list, the same for every variant in a round
    const turns = new Map<string, number>();
    const nextCase = (metric: string): SignatureCase => {
      const turn = turns.get(metric) ?? 0;
      turns.set(metric, turn + 1);
      return cases[turn % cases.length]!;
    };
    const cold = `${shipped.name}, cold`;
    const warm = `${shipped.name}, keys decoded`;
    const keys = new Map<SignatureCase, ShippedKeys>(cases.map((each) => [each, shipped.decodeKeys(each.committee)]));

    const ours = backends.flatMap((bls): Variant[] => {
      const verify = ({ committee, update, signingRoot, signature }: SignatureCase, isCold: boolean) => {
        const handle = bls.committee(isCold ? unseen(committee) : committee);
        const fault = bls.verifySyncAggregate(handle, update.syncAggregate.syncCommitteeBits, signingRoot, signature);
        if (fault !== null) throw new Error(`${bls.name}: ${fault}`);
      };
      // the decompressed keys of each case, before anything is timed
      for (const each of cases) verify(each, false);
      const [coldName, warmName] = [`${bls.name}, cold`, `${bls.name}, warm`];
      return [
        { metric: coldName, baseline: cold, run: () => verify(nextCase(coldName), true) },
        { metric: warmName, baseline: warm, run: () => verify(nextCase(warmName), false) },
      ];
    });
    const verifyShipped = (each: SignatureCase, decoded: ShippedKeys) => {
      const { participants, signingRoot, signature } = each;
      if (!shipped.verify(decoded, participants, signingRoot, signature)) throw new Error(`${shipped.name}: refused`);
    };
    const theirs: Variant[] = [
      {
        metric: cold,
        run() {
          const each = nextCase(cold);
          verifyShipped(each, shipped.decodeKeys(each.committee));
        },
      },
      {
        metric: warm,
        run() {
          const each = nextCase(warm);
          verifyShipped(each, keys.get(each)!);
        },
      },
    ];
    return measure([...ours, ...theirs], { bench: verifyTypical.name, unit: "ms", rounds: isQuick ? 7 : 31 });
  },
};
