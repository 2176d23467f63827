/** A typical update's signature: 505 of 512 took part. */
import { casesNear, type SignatureCase, startFrom, unseen } from "./cases.js";
import type { Bench } from "./context.js";
import { measure, type Variant } from "./measure.js";
import { FLOOR, loadShipped, noblePeer, type Peer, readyBackends, readyDefault } from "./peers.js";

const PARTICIPANTS = 505;
const CASES = 8;

export const verifyTypical: Bench = {
  name: "verify-typical",
  async run({ isQuick, data, note }) {
    const backends = await readyBackends();
    const shipped = await loadShipped();
    const cases = casesNear(startFrom(data, await readyDefault()), data, PARTICIPANTS, CASES);
    const counts = cases.map(({ participants }) => participants.length);
    note(`verify-typical: ${cases.length} updates with ${Math.min(...counts)} to ${Math.max(...counts)} of 512`);

    // each sample is of another update: the next one of the list, the same for every variant in a round
    function variant(metric: string, baseline: string, verify: (each: SignatureCase) => boolean): Variant {
      let turn = 0;
      const run = () => {
        if (!verify(cases[turn++ % cases.length]!)) throw new Error(`${metric}: refused`);
      };
      return { metric, ...(metric === baseline ? {} : { baseline }), run };
    }
    const ours = backends.flatMap(([name, bls]): Variant[] => {
      const verify = ({ committee, update, signingRoot, signature }: SignatureCase, isCold: boolean) => {
        const handle = bls.committee(isCold ? unseen(committee) : committee);
        return bls.verifySyncAggregate(handle, update.syncAggregate.syncCommitteeBits, signingRoot, signature) === null;
      };
      // the decompressed keys of each case, before anything is timed
      for (const each of cases) verify(each, false);
      return [
        variant(`${name}, cold`, `${FLOOR}, cold`, (each) => verify(each, true)),
        variant(`${name}, warm`, `${FLOOR}, warm`, (each) => verify(each, false)),
      ];
    });
    const decoded = (peer: Peer): Variant => {
      const keys = new Map(cases.map((each) => [each, peer.decodeKeys(each.committee)]));
      return variant(`${peer.name}, keys decoded`, `${FLOOR}, warm`, (each) => {
        const { participants, signingRoot, signature } = each;
        return peer.verify(keys.get(each)!, participants, signingRoot, signature);
      });
    };
    const cold = variant(`${shipped.name}, cold`, `${FLOOR}, cold`, (each) => {
      const { committee, participants, signingRoot, signature } = each;
      return shipped.verify(shipped.decodeKeys(committee), participants, signingRoot, signature);
    });
    const all = [...ours, decoded(shipped), cold, decoded(noblePeer)];
    return measure(all, { bench: verifyTypical.name, unit: "ms", rounds: isQuick ? 7 : 31 });
  },
};
