/** Evidence that a sync committee contradicted itself: as text, and verified by whoever trusts a root. No client needed. */
export type { Evidence, EvidenceStatement } from "../client/types.js";
export { exportEvidence, parseEvidence } from "./text.js";
export {
  type Equivocation,
  type Footing,
  type ProvenStatement,
  type VerifyEquivocationOptions,
  verifyEquivocation,
} from "./verify.js";
