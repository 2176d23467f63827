/** BLS that does no cryptography: for tests of what comes after the signature. */
import type { Bls } from "../../src/bls/port.js";
import type { SignatureFault } from "../../src/errors.js";

export interface StubBls extends Bls {
  /** How often a signature was verified. */
  readonly calls: number;
  /** What the next verifications answer; `null` accepts. */
  answer: SignatureFault | null;
}

/** Accepts every signature until told otherwise. */
export function stubBls(): StubBls {
  let calls = 0;
  return {
    name: "stub",
    answer: null,
    get calls() {
      return calls;
    },
    ready: () => Promise.resolve(),
    committee: (committee) => ({ committee }),
    verifySyncAggregate() {
      calls++;
      return this.answer;
    },
  };
}
