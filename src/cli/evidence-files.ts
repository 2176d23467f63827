/** Keeps evidence in files, for `verify-evidence` and for other people: it may be all that shows an attack. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LightClient } from "../client/api.js";
import { messageOf } from "../errors.js";
import { exportEvidence } from "../evidence/text.js";
import type { Reporter } from "./reporter.js";
import { FROM_BEACON } from "./settings.js";
import { replaceFile } from "./whole-file.js";

/** Each contradiction that the client sees, as `equivocation-<kind>-<slot>-<root>.json`. */
export function keepEvidence(
  client: Pick<LightClient, "on">,
  folder: string,
  network: string,
  reporter: Pick<Reporter, "warn" | "note">,
): void {
  // who verifies asks nobody, a beacon node neither
  const ofNetwork = network === "mainnet" ? "" : ` --network ${network === FROM_BEACON ? "<file>" : network}`;
  client.on("equivocation", (evidence) => {
    const { slot, root } = evidence.received;
    const file = join(folder, `equivocation-${evidence.kind}-${slot}-${root.slice(2, 10)}.json`);
    try {
      mkdirSync(folder, { recursive: true });
      replaceFile(file, exportEvidence(evidence));
      const command = `sidelight verify-evidence ${file}${ofNetwork} --checkpoint <root that you trust>`;
      reporter.note(`evidence in ${file}: ${command}`);
    } catch (thrown) {
      reporter.warn(`the evidence could not be written: ${messageOf(thrown)}`);
    }
  });
}
