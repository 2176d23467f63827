/** What committees of a forge sign that cannot both be, as a client keeps it. */
import { createAgreement } from "../../src/client/agreement.js";
import { applyUpdate, signatureOf, stateFromBootstrap, type VerifiedState } from "../../src/client/state.js";
import type { Evidence } from "../../src/client/types.js";
import { isSidelightError } from "../../src/errors.js";
import { finalityUpdateAsUpdate } from "../../src/spec/process.js";
import { toHex } from "../../src/ssz/bytes.js";
import { syncCommitteeRoot } from "../../src/ssz/roots.js";
import { manualClock } from "./clock.js";
import type { Forge } from "./forge.js";

export interface Contradictions {
  /** After the first update, of slot 40. */
  readonly state: VerifiedState;
  /** Root of the committee that signed everything. */
  readonly committee: string;
  readonly evidence: Readonly<Record<Evidence["kind"] | "resumed", Evidence>>;
}

export function contradictionsOf(forge: Forge): Contradictions {
  const { chain } = forge;
  const bootstrap = forge.bootstrap(8);
  const first = stateFromBootstrap(chain, bootstrap.root, bootstrap.value(), "honest");
  const update = forge.update({ attestedSlot: 40 }).value();
  const transition = applyUpdate(chain, first, update, 100, "honest");
  const { state } = transition;
  const committee = toHex(syncCommitteeRoot(chain.types, first.store.currentSyncCommittee));
  const see = (first_: VerifiedState, known: typeof transition.signature | null, received: typeof update): Evidence => {
    const seen: Evidence[] = [];
    const agreement = createAgreement(chain, manualClock(7_000), (each) => seen.push(each));
    agreement.begin(first_);
    if (known !== null) agreement.admit(first_, known);
    try {
      agreement.admit(state, signatureOf(chain, state, received, "liar"));
    } catch (error) {
      if (!isSidelightError(error, "FINALITY_CONFLICT")) throw error;
    }
    return seen[0]!;
  };
  const conflicting = forge.update({
    attestedSlot: 44,
    participants: 30,
    attested: { nextCommittee: forge.otherCommittee("other") },
  });
  const final = { attestedSlot: 44, finalizedSlot: 22, finalizedEpoch: 3 };
  const beacon = (header: object) => ({ ...header, proposerIndex: 9 }) as never;
  const otherHead = forge.finalityUpdate({ attestedSlot: 40, attested: { beacon } });
  const evidence = {
    head: see(first, transition.signature, finalityUpdateAsUpdate(otherHead.value())),
    finality: see(first, transition.signature, finalityUpdateAsUpdate(forge.finalityUpdate(final).value())),
    "next-committee": see(first, transition.signature, conflicting.value()),
    resumed: see(state, null, conflicting.value()),
  };
  return { state, committee, evidence };
}
