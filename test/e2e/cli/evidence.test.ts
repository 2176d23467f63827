/** `sidelight verify-evidence`, as somebody runs it who was sent a file. */
import { expect } from "chai";
import { stringify } from "yaml";
import { exportEvidence } from "../../../src/evidence/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { type Contradictions, contradictionsOf } from "../../support/contradictions.js";
import type { Forge } from "../../support/forge.js";
import { forgeAt } from "../../support/forges.js";
import type { Network } from "../../support/networks.js";
import { ensureBuilt, expectFailure, lastLine, removeFolders, sidelight, writeTemporary } from "./support.ts";

const KINDS = ["head", "finality", "next-committee"] as const;

describe("sidelight verify-evidence", function () {
  this.timeout(60_000);
  let forge: Forge;
  let made: Contradictions;
  let network: string[];

  before(async () => {
    ensureBuilt();
    forge = await forgeAt("fulu");
    made = contradictionsOf(forge);
    const { genesisTime, genesisValidatorsRoot } = forge.network;
    const config = writeTemporary("config.yaml", stringify(configOf(forge.network)));
    network = ["--network", config, "--genesis-time", `${genesisTime}`];
    network.push("--genesis-validators-root", genesisValidatorsRoot);
  });
  after(removeFolders);

  const fileOf = (kind: (typeof KINDS)[number], change = (text: string) => text) =>
    writeTemporary("evidence.json", change(exportEvidence(made.evidence[kind])));
  const verify = (file: string, ...trusted: string[]) =>
    sidelight(["verify-evidence", file, ...network, "--json", ...trusted]);

  for (const kind of KINDS) {
    it(`0: ${kind} is true, for whoever trusts the committee or the block whose state holds it`, async () => {
      const file = fileOf(kind);
      for (const trusted of [
        ["--committee", made.committee],
        ["--checkpoint", toHex(forge.bootstrap(8).root)],
      ]) {
        const outcome = await verify(file, ...trusted);
        expect(outcome.code, outcome.stderr).to.equal(0);
        expect(lastLine(outcome)).to.include({ event: "verified", kind });
      }
    });
  }

  it("3: it proves nothing to whoever trusts another root, or when a signature is another", async () => {
    const other = ["--committee", `0x${"11".repeat(32)}`];
    expectFailure(await verify(fileOf("finality"), ...other), 3, "EVIDENCE_INVALID");
    // the head's signature in the place of the finality's: the statements no longer contradict each other
    const same = { ...made.evidence.finality, received: made.evidence.finality.known };
    const file = writeTemporary("same.json", exportEvidence(same));
    expectFailure(await verify(file, "--committee", made.committee), 3, "EVIDENCE_INVALID");
  });

  it("2: what cannot be read, is cut off, is something else, or comes without anything to trust", async () => {
    const trusted = ["--committee", made.committee];
    const cut = fileOf("head", (text) => text.slice(0, text.length / 2));
    expectFailure(await verify(cut, ...trusted), 2, "EVIDENCE_MALFORMED");
    const noise = writeTemporary("noise.json", '{"version":1}');
    expectFailure(await verify(noise, ...trusted), 2, "EVIDENCE_MALFORMED");
    expect((await verify("/nowhere/at/all.json", ...trusted)).code).to.equal(2);
    expect((await verify(cut)).code).to.equal(2);
  });
});

/** As consensus-specs' `configs/*.yaml` have it. */
function configOf({ name, forks, slotDurationMs }: Network): Record<string, unknown> {
  const values: Record<string, unknown> = {
    CONFIG_NAME: name,
    PRESET_BASE: "minimal",
    SECONDS_PER_SLOT: slotDurationMs / 1_000,
    GENESIS_FORK_VERSION: forks.phase0.version,
    MAX_BLOBS_PER_BLOCK_ELECTRA: 9,
    BLOB_SCHEDULE: [],
  };
  for (const [fork, { version, epoch }] of Object.entries(forks)) {
    if (fork === "phase0") continue;
    values[`${fork.toUpperCase()}_FORK_VERSION`] = version;
    values[`${fork.toUpperCase()}_FORK_EPOCH`] = epoch === Infinity ? "18446744073709551615" : epoch;
  }
  return values;
}
