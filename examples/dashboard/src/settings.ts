/**
 * What is watched, and from whom. From the form, from a link that fills it, or from whoever serves this page (`#preset` in
 * `index.html`: `npm run demo` does that); only what comes with the page itself is followed without being asked.
 */
import { gnosis, hoodi, mainnet, type Network, networkFromBeaconNode, sepolia } from "sidelight/networks";

const NETWORKS = { mainnet, sepolia, hoodi, gnosis };
const KEY = "sidelight-dashboard";
const PATIENCE_MS = 15_000;
/** A day of mainnet. */
export const MAX_HISTORY = 225;

export interface Settings {
  /** A name, or `custom`: then the first beacon node is asked what its network is. */
  readonly network: string;
  /** Addresses of beacon nodes, which are trusted for nothing. */
  readonly beacons: readonly string[];
  /** The one thing that is trusted. */
  readonly checkpoint: string;
  /** Epochs before the present whose blocks are fetched first: something to compare with. */
  readonly history: number;
}

/** `null` also where the browser keeps nothing. */
export function loadSettings(): Settings | null {
  try {
    return settingsIn(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // asked for again at the next visit
  }
}

/** What the page was served with. */
export function presetSettings(): Settings | null {
  return settingsIn(document.getElementById("preset")?.textContent ?? null);
}

function settingsIn(text: string | null): Settings | null {
  try {
    const settings = JSON.parse(text ?? "null") as Partial<Settings> | null;
    return Array.isArray(settings?.beacons) ? (settings as Settings) : null;
  } catch {
    return null;
  }
}

/** From the form, or from the address (`#network=sepolia&beacons=…&checkpoint=…`). */
export function settingsFrom(entries: FormData | URLSearchParams): Settings {
  const read = (field: keyof Settings) => `${entries.get(field) ?? ""}`.trim();
  return {
    network: read("network"),
    beacons: read("beacons")
      .split(/[\s,]+/)
      .filter(Boolean),
    checkpoint: read("checkpoint"),
    history: Math.min(MAX_HISTORY, Math.max(0, Math.floor(Number(read("history")) || 0))),
  };
}

/**
 * For a network without a name this trusts the first node with what its chain is; the checkpoint has to fit.
 *
 * @throws NETWORK_CONFIG_INVALID, or an error that says what the node answered
 */
export async function networkOf({ network, beacons }: Settings, signal: AbortSignal): Promise<Network> {
  const [first] = beacons;
  if (first === undefined || !URL.canParse(first))
    throw new Error("the address of a beacon node is missing, or is none");
  if (Object.hasOwn(NETWORKS, network)) return NETWORKS[network as keyof typeof NETWORKS];
  if (network !== "custom")
    throw new Error(`network: expected ${Object.keys(NETWORKS).join(", ")} or custom, got ${network}`);
  const { host } = new URL(first); // the address may hold a key
  const ask = async (route: string) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    const answer = await fetch(`${first.replace(/\/$/, "")}${route}`, { signal: limit }).catch(() => {
      throw new Error(`${host} cannot be reached, or does not allow this page (CORS)`);
    });
    if (!answer.ok) throw new Error(`${host} answered ${answer.status} to ${route}`);
    return answer.json() as Promise<unknown>;
  };
  const [spec, genesis] = await Promise.all([ask("/eth/v1/config/spec"), ask("/eth/v1/beacon/genesis")]);
  return networkFromBeaconNode({ spec, genesis });
}
