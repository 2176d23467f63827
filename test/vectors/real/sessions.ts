/** The sessions that the mainnet sets make up. A file that is not in here is in `other-files.ts`, with the reason. */
import { mainnet } from "../../../src/networks/mainnet.js";
import { computeSyncCommitteePeriodAtSlot } from "../../../src/networks/schedule.js";
import type { ObjectFile } from "./raw.js";
import type { Session, Step } from "./session.js";

function json(file: string, fork?: string): ObjectFile {
  return { file, format: "json", ...(fork === undefined ? {} : { fork }) };
}

function ssz(file: string, fork: string): ObjectFile {
  return { file, format: "ssz", fork };
}

function step(kind: Step["kind"], source: ObjectFile): Step {
  return { kind, source };
}

const HELIOS = "mainnet/capella-helios";
const FULU = "mainnet/fulu-nimbus-eth1";
const NIMBUS = "mainnet/libnimbus_lc";
const ARGUMENT = "mainnet/deneb-argument";
const PORTAL = "mainnet/portal-spec-tests";
const TRIN = "mainnet/trin-light-client";
const ULTRALIGHT = "mainnet/ultralight";
const SYNAPSE = "mainnet/bellatrix-capella-synapse";

const nimbusUpdates: ObjectFile = { file: `${NIMBUS}/updates.ssz`, format: "ssz-chunks" };

export const SESSIONS: readonly Session[] = [
  {
    set: HELIOS,
    title: "Capella, six periods",
    bootstrap: json(`${HELIOS}/bootstrap.json`),
    steps: [
      step("update", json(`${HELIOS}/updates.json`)),
      step("finality", json(`${HELIOS}/finality.json`)),
      step("optimistic", json(`${HELIOS}/optimistic.json`)),
    ],
  },
  {
    set: FULU,
    title: "Fulu",
    bootstrap: json(`${FULU}/lc_bootstrap.json`),
    steps: [
      step("update", json(`${FULU}/lc_updates.json`)),
      step("finality", json(`${FULU}/lc_finality.json`)),
      step("optimistic", json(`${FULU}/lc_optimistic.json`)),
    ],
  },
  {
    set: NIMBUS,
    title: "Capella, 21 periods in SSZ, then SSZ and JSON of later slots",
    bootstrap: ssz(`${NIMBUS}/bootstrap.ssz`, "capella"),
    steps: [
      step("update", nimbusUpdates),
      step("finality", ssz(`${NIMBUS}/finUpdate.ssz`, "capella")),
      step("optimistic", ssz(`${NIMBUS}/optUpdate.ssz`, "capella")),
      step("optimistic", ssz(`${NIMBUS}/optimistic_update.ssz`, "capella")),
      step("finality", json(`${NIMBUS}/finUpdate.json`)),
      step("optimistic", json(`${NIMBUS}/optUpdate.json`)),
    ],
  },
  ...(["json", "ssz"] as const).flatMap(argumentSessions),
  {
    set: PORTAL,
    title: "Capella, Portal encoding",
    bootstrap: { file: `${PORTAL}/light_client/capella/bootstrap.yaml`, format: "portal" },
    root: "0xbd9f42d9a42d972bdaf4dee84e5b419dd432b52867258acb7bcc7f567b6e3af1",
    steps: [
      step("finality", { file: `${PORTAL}/light_client/capella/finality_update.yaml`, format: "portal" }),
      step("optimistic", { file: `${PORTAL}/light_client/capella/optimistic_update.yaml`, format: "portal" }),
    ],
  },
  {
    // These updates are of the four periods before their own bootstrap; libnimbus_lc has the committees they need.
    set: PORTAL,
    title: "Capella, Portal encoding, updates after those of libnimbus_lc",
    bootstrap: ssz(`${NIMBUS}/bootstrap.ssz`, "capella"),
    steps: [
      step("update", { ...nimbusUpdates, slice: [0, 16] }),
      step("update", { file: `${PORTAL}/light_client/capella/updates.yaml`, format: "portal-updates" }),
    ],
  },
  {
    set: PORTAL,
    title: "Deneb, Portal encoding",
    bootstrap: { file: `${PORTAL}/light_client/deneb/bootstrap.yaml`, format: "portal" },
    root: "0x33d75f8506929d950a6d9e43508e92e50a072a39978821900e3a2e261f80ddbf",
    steps: [
      step("update", { file: `${PORTAL}/light_client/deneb/updates.yaml`, format: "portal-updates" }),
      step("finality", { file: `${PORTAL}/light_client/deneb/finality_update.yaml`, format: "portal" }),
      step("optimistic", { file: `${PORTAL}/light_client/deneb/optimistic_update.yaml`, format: "portal" }),
    ],
  },
  trinSession("nothing claimed", (file) => json(file)),
  trinSession("claimed to be Deneb, the made-up blob gas taken out", (file) => ({
    ...json(file, "deneb"),
    edit: (data) => withoutBlobGas(data),
  })),
  {
    set: ULTRALIGHT,
    title: "Capella, three periods",
    bootstrap: json(`${ULTRALIGHT}/bootstrap.json`),
    steps: [
      step("update", json(`${ULTRALIGHT}/lcUpdateRange.json`)),
      step("optimistic", json(`${ULTRALIGHT}/optimisticUpdate.json`)),
    ],
  },
  {
    set: ULTRALIGHT,
    title: "Capella, seven periods",
    bootstrap: json(`${ULTRALIGHT}/bootstrap2.json`),
    steps: [step("update", json(`${ULTRALIGHT}/range.json`))],
  },
  {
    set: ULTRALIGHT,
    title: "Deneb, a bootstrap alone",
    bootstrap: json(`${ULTRALIGHT}/postDenebData-bootstrap.json`),
    steps: [],
  },
  {
    set: ULTRALIGHT,
    title: "Deneb",
    bootstrap: json(
      `${ULTRALIGHT}/historicalSummaries-bootstrap0xb7918b28a8e9c6be29467a0771d0ab2693d5061f43d214b6056e8c6a12a5b9f3.json`,
    ),
    root: "0xb7918b28a8e9c6be29467a0771d0ab2693d5061f43d214b6056e8c6a12a5b9f3",
    steps: [
      step("finality", json(`${ULTRALIGHT}/historicalSummaries-finality_update.json`)),
      step("optimistic", json(`${ULTRALIGHT}/historicalSummaries-optimistic_update.json`)),
    ],
  },
  {
    // The optimistic update is of an Electra slot, but claims to be Deneb: the same shape.
    set: ULTRALIGHT,
    title: "Electra, with a Deneb-typed header",
    bootstrap: json(`${ULTRALIGHT}/historicalSummaries-bootstrap.json`),
    steps: [
      { ...step("finality", json(`${ULTRALIGHT}/finalityUpdate_slot11708128.json`)), isOlder: true },
      step("finality", json(`${ULTRALIGHT}/historicalSummaries-finalityUpdateSlot11708998.json`)),
      step("optimistic", json(`${ULTRALIGHT}/historicalSummaries-optimisticUpdateSlot11709008.json`)),
    ],
  },
  ...synapseSessions(),
];

/** Capella served in Deneb's shape: without a claim it is read as its slot's fork, with one as what is claimed. */
function trinSession(title: string, source: (file: string) => ObjectFile): Session {
  return {
    set: TRIN,
    title: `Capella in Deneb's shape, ${title}`,
    bootstrap: source(`${TRIN}/bootstrap.json`),
    steps: [
      step("update", source(`${TRIN}/updates.json`)),
      step("finality", source(`${TRIN}/finality.json`)),
      step("optimistic", source(`${TRIN}/optimistic.json`)),
    ],
  };
}

/** The file says 16 in both fields, where the real block has none. `except` is left as it is. */
export function withoutBlobGas(data: unknown, except?: string): unknown {
  const isMadeUp = (key: string) => (key === "blob_gas_used" || key === "excess_blob_gas") && key !== except;
  return JSON.parse(JSON.stringify(data, (key, value) => (isMadeUp(key) ? "0" : value)));
}

function argumentSessions(encoding: "json" | "ssz"): Session[] {
  const file = (folder: string, name: string) =>
    encoding === "json"
      ? json(`${ARGUMENT}/${folder}/base-data/${name}Deneb.json`)
      : ssz(`${ARGUMENT}/${folder}/LightClient${name}Deneb.ssz`, "deneb");
  return [
    {
      set: ARGUMENT,
      title: `Deneb, a change of committee (${encoding})`,
      bootstrap: file("committee-change", "Bootstrap"),
      steps: [
        step("update", file("committee-change", "Update")),
        step("update", file("committee-change", "UpdateNewPeriod")),
      ],
    },
    {
      set: ARGUMENT,
      title: `Deneb, finality (${encoding})`,
      bootstrap: file("inclusion", "Bootstrap"),
      steps: [step("update", file("inclusion", "Update")), step("finality", file("inclusion", "FinalityUpdate"))],
    },
  ];
}

/** From each bootstrap on, the updates there are: across the start of Bellatrix, and across that of Capella. */
function synapseSessions(): Session[] {
  const toPeriod568 = [4_612_096, 4_628_480, 4_636_640, 4_636_672, 4_636_704, 4_644_864];
  const toPeriod760 = [6_184_960, 6_201_343, 6_209_504, 6_209_535, 6_209_568, 6_217_728];
  const finality = [6_632_768, 6_632_800, 6_632_832, 6_632_864, 6_632_896, 6_632_928];
  return [
    synapseSession(3_745_600, []),
    ...toPeriod568.map((slot) => synapseSession(slot, synapseUpdates(slot, 568))),
    ...toPeriod760.map((slot) => synapseSession(slot, synapseUpdates(slot, 760))),
    synapseSession(
      6_632_736,
      finality.map((slot) => step("finality", json(synapseFile("finality_update", slot)))),
    ),
  ];
}

function synapseSession(slot: number, steps: Step[]): Session {
  return {
    set: SYNAPSE,
    title: `from slot ${slot}, and ${steps.length} more`,
    bootstrap: json(synapseFile("bootstrap", slot)),
    steps,
  };
}

function synapseUpdates(fromSlot: number, lastPeriod: number): Step[] {
  const firstPeriod = computeSyncCommitteePeriodAtSlot(mainnet, fromSlot);
  const periods = Array.from({ length: lastPeriod - firstPeriod + 1 }, (_, i) => firstPeriod + i);
  return periods.map((period) => step("update", json(`${SYNAPSE}/light_client/update/period-${pad(period, 6)}.json`)));
}

function synapseFile(folder: string, slot: number): string {
  return `${SYNAPSE}/light_client/${folder}/slot-${pad(slot, 9)}.json`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
