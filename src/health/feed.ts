/** A client's events into light mode. */
import type { LightHealth } from "./light.js";
import type { HealthReport, SeenCommittee, SeenHead, SeenReorg, SeenSignature } from "./light-types.js";

/** Aged as a client's payloads are. */
interface Aged {
  readonly trust: { readonly ageSlots: number };
}

/** What is used of a client, wherever it runs. */
export interface HealthFeed {
  on(name: "participation", listener: (payload: SeenSignature & Aged) => void): () => void;
  on(name: "head", listener: (payload: SeenHead) => void): () => void;
  on(name: "finality", listener: (payload: { readonly slot: number }) => void): () => void;
  on(name: "reorg", listener: (payload: SeenReorg) => void): () => void;
  on(name: "committee", listener: (payload: SeenCommittee) => void): () => void;
}

export interface FeedOptions {
  /**
   * Signatures of older blocks are left out. While catching up a client sees one signature a period, and that is the best
   * one its source has: a sample that shows the network healthier than it is.
   * @default 64
   */
  readonly maxAgeSlots?: number;
}

/**
 * Feeds a client's events. Nothing is asked of anyone for it.
 * @param tell gets each report, in order
 * @returns ends it
 */
export function feedHealth(
  client: HealthFeed,
  health: LightHealth,
  tell: (report: HealthReport) => void,
  { maxAgeSlots = 64 }: FeedOptions = {},
): () => void {
  const pass = (reports: readonly HealthReport[]) => reports.forEach((report) => void tell(report));
  const ends = [
    client.on("committee", (committee) => pass(health.committee(committee))),
    client.on("finality", (header) => pass(health.finality(header))),
    client.on("reorg", (reorg) => pass(health.reorg(reorg))),
    client.on("head", (head) => pass(health.head(head))),
    client.on("participation", (signature) => {
      if (signature.trust.ageSlots <= maxAgeSlots) pass(health.signature(signature));
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
