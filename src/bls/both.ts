/**
 * Two backends that must agree. For those who trust one implementation less than two: what verifies must verify with
 * both, and a difference is an error, not a fault of whoever sent the signature.
 */
import { SidelightError, type SignatureFault } from "../errors.js";
import type { SyncCommittee } from "../ssz/objects.js";
import type { Bls, CommitteeHandle } from "./port.js";

interface PairHandle extends CommitteeHandle {
  readonly handles: readonly [CommitteeHandle, CommitteeHandle];
}

/**
 * Asks both, every time. Where both refuse, the reason is the first one's. One signature at a time and no keys kept: a
 * disagreement is then about one signature, and catching up takes as long as both need without batches.
 *
 * @throws BLS_DISAGREEMENT (from `verifySyncAggregate`) when one accepts what the other refuses
 */
export function both(first: Bls, second: Bls): Bls {
  const handles = new WeakMap<SyncCommittee, PairHandle>();
  const name = `${first.name}+${second.name}`;
  let isReady = false;
  return {
    name,
    async ready() {
      await Promise.all([first.ready(), second.ready()]);
      isReady = true;
    },
    committee(committee) {
      let handle = handles.get(committee);
      if (handle === undefined) {
        handle = { committee, handles: [first.committee(committee), second.committee(committee)] };
        handles.set(committee, handle);
      }
      return handle;
    },
    verifySyncAggregate(handle, bits, signingRoot, signature) {
      if (!isReady) {
        throw new SidelightError("BLS_NOT_READY", `${name}: used before ready() resolved`, { backend: name });
      }
      const [a, b] = (handle as PairHandle).handles;
      const answers: [SignatureFault | null, SignatureFault | null] = [
        first.verifySyncAggregate(a, bits, signingRoot, signature),
        second.verifySyncAggregate(b, bits, signingRoot, signature),
      ];
      if ((answers[0] === null) === (answers[1] === null)) return answers[0];
      const backends = [first.name, second.name];
      const said = answers.map((answer) => answer ?? "verifies");
      throw new SidelightError(
        "BLS_DISAGREEMENT",
        `${backends[0]} says ${said[0]}, ${backends[1]} says ${said[1]}: neither is believed`,
        { backends, answers: said },
      );
    },
  };
}
