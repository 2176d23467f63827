/**
 * Seals in the place of signatures, for long histories: a hash of who signs what. It binds as a signature does (other
 * members, another root, another committee: another seal) and costs microseconds, and nothing here tries to break it.
 */
import { createHash } from "node:crypto";
import type { Bls } from "../../src/bls/port.js";
import { equalBytes } from "../../src/ssz/bytes.js";
import { testBls } from "./backends.js";
import type { TestCommittee } from "./keys.js";

/** What {@link sealBls} accepts of these members of a committee. */
export function seal(committee: TestCommittee, members: readonly number[], message: Uint8Array): Uint8Array {
  return sealOf(
    members.map((member) => committee.value.pubkeys[member]!),
    message,
  );
}

export function sealBls(): Bls {
  return {
    name: "seals",
    // for its hasher
    ready: () => testBls().ready(),
    committee: (committee) => ({ committee }),
    verifySyncAggregate({ committee }, bits, signingRoot, signature) {
      const signers = committee.pubkeys.filter((_, i) => bits.get(i));
      return equalBytes(signature, sealOf(signers, signingRoot)) ? null : "mismatch";
    },
  };
}

function sealOf(pubkeys: readonly Uint8Array[], message: Uint8Array): Uint8Array {
  const hash = createHash("sha256");
  for (const pubkey of pubkeys) hash.update(pubkey);
  const bytes = new Uint8Array(96);
  bytes.set(hash.update(message).digest());
  return bytes;
}
