/** What the visitor chose, kept in this browser. A link may fill the form, but nothing is followed before it was sent. */
import type { LightClientOptions } from "sidelight";
import { type BeaconNodeAnswers, gnosis, hoodi, mainnet, networkFromBeaconNode, sepolia } from "sidelight/networks";
import { indexedDbStore } from "sidelight/store/indexeddb";
import { restSource } from "sidelight/transport/rest";

const NETWORKS = { mainnet, sepolia, hoodi, gnosis };
const KEY = "sidelight-dapp";

export interface Settings {
  /** A name, or `custom`: then the beacon node is asked what its network is. */
  readonly network: string;
  readonly beacon: string;
  /** The one thing that is trusted. */
  readonly checkpoint: string;
  /** What the beacon node said of a network without a name, when it was asked first: it may not change its mind. */
  readonly chain?: BeaconNodeAnswers;
}

export function loadSettings(): Settings | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Settings | null;
  } catch {
    return null;
  }
}

export function saveSettings(settings: Settings): void {
  localStorage.setItem(KEY, JSON.stringify(settings));
}

/** From the form, or from the address (`#network=sepolia&beacon=…&checkpoint=…`). */
export function settingsFrom(entries: FormData | URLSearchParams): Settings {
  const read = (field: "network" | "beacon" | "checkpoint") => `${entries.get(field) ?? ""}`.trim();
  return { network: read("network"), beacon: read("beacon"), checkpoint: read("checkpoint") };
}

/** @throws OPTION_INVALID, NETWORK_CONFIG_INVALID */
export function optionsFrom({ network, beacon, checkpoint, chain }: Settings): LightClientOptions {
  return {
    network: NETWORKS[network as keyof typeof NETWORKS] ?? networkFromBeaconNode(chain!),
    checkpoint,
    sources: [restSource(beacon)],
    store: indexedDbStore(),
  };
}

/** For a network without a name. This trusts the node with what its chain is; the checkpoint has to fit. */
export async function withChain(settings: Settings): Promise<Settings> {
  if (settings.network in NETWORKS || settings.chain !== undefined) return settings;
  const ask = async (route: string) => {
    const answer = await fetch(`${settings.beacon.replace(/\/$/, "")}${route}`);
    if (!answer.ok) throw new Error(`the beacon node answered ${answer.status}`);
    return answer.json() as Promise<unknown>;
  };
  const [spec, genesis] = await Promise.all([ask("/eth/v1/config/spec"), ask("/eth/v1/beacon/genesis")]);
  return { ...settings, chain: { spec, genesis } };
}
