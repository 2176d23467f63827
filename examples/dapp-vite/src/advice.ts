/** What a visitor can do about it. */
import type { ErrorCode } from "sidelight";

const ADVICE: Partial<Record<ErrorCode, string>> = {
  NO_SOURCE_ANSWERED:
    "Is the address of the node right, does it serve light-client data to other sites (CORS), and does it know the checkpoint?",
  CHECKPOINT_TOO_OLD: "Take a newer checkpoint, in the settings.",
  CLOCK_SKEWED: "Check the clock of this computer, and that the network is the right one.",
  BLS_UNAVAILABLE: "This page's content security policy has to allow 'wasm-unsafe-eval'.",
  HEAD_STALLED: "The node may be behind. Another one can be set in the settings.",
  CATCH_UP_INCOMPLETE: "The node lacks updates since the checkpoint. Another one may have them.",
};

export function adviceFor(code: ErrorCode | undefined): string {
  return (code && ADVICE[code]) ?? "";
}
