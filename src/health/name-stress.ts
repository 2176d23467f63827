/** From the metrics that are off to what is the matter, in the words of people who run networks. */
import type { Metric } from "./metrics.js";

export type Stress =
  | "slashing"
  | "reorganisation"
  | "participation crash"
  | "missing blocks"
  | "late inclusion, votes right"
  | "wrong votes, included in time"
  | "late blocks"
  | "finality delayed"
  | "signatures missed";

/** What the metrics that are off look like together; several things may be the matter at once, and something always is. */
export function nameStress(active: readonly Metric[]): Stress[] {
  const off = (...metrics: Metric[]) => metrics.some((metric) => active.includes(metric));
  const isInaccurate = off("headAccuracy", "targetAccuracy", "sourceAccuracy");
  // a signature, or a head, is late when the slots after it are empty
  const isMissing = off("emptySlots", "signatureDistance", "lateHeads");
  // effectiveness knows of empty slots, inclusion distance does not
  const isSlow = off("effectiveness") || (off("inclusionDistance") && !isMissing);
  const isCrash = off("syncParticipation", "voteParticipation", "responsiveParticipation");
  const isReorganised = off("reorgDepth", "orphanedBlocks");
  const names: [Stress, boolean][] = [
    ["slashing", off("proposerSlashings", "attesterSlashings")],
    ["reorganisation", isReorganised],
    ["participation crash", isCrash],
    ["missing blocks", isMissing],
    // a vote that comes late enough is wrong as well, so one without the other says where to look
    ["late inclusion, votes right", isSlow && !isInaccurate && !isCrash],
    ["wrong votes, included in time", isInaccurate && !isSlow && !isReorganised],
    ["late blocks", isInaccurate && isSlow && !isCrash],
    ["finality delayed", off("finalityDistance")],
    ["signatures missed", off("missedHeads") && !isReorganised],
  ];
  return names.filter(([, holds]) => holds).map(([name]) => name);
}
