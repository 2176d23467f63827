/** For backends that run what somebody else hands over: an addon that is none must not look like sources that lie. */
import { messageOf, SidelightError, type SignatureFault } from "../errors.js";
import { BitArray } from "../ssz/bit-array.js";
import type { SyncCommittee } from "../ssz/objects.js";
import { SELF_TEST } from "./blst/self-test.js";

/**
 * A signature that must verify, and must not for another message.
 * @throws BLS_UNAVAILABLE
 */
export function assertKnownAnswers(
  backend: string,
  verify: (
    committee: SyncCommittee,
    bits: BitArray,
    signingRoot: Uint8Array,
    signature: Uint8Array,
  ) => SignatureFault | null,
): void {
  const { pubkey, message, signature } = SELF_TEST;
  const committee = { pubkeys: [pubkey, pubkey], aggregatePubkey: pubkey };
  const answers = [message, message.map((byte) => byte ^ 1)].map((root) => {
    try {
      return verify(committee, new BitArray(Uint8Array.of(1), 2), root, signature) ?? "verifies";
    } catch (thrown) {
      return messageOf(thrown);
    }
  });
  if (answers[0] === "verifies" && answers[1] === "mismatch") return;
  const said = `a true signature: ${answers[0]}, a false one: ${answers[1]}`;
  throw new SidelightError("BLS_UNAVAILABLE", `${backend}: gives wrong answers: ${said}`, { backend, message: said });
}
