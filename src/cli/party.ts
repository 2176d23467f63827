/** What the command line needs of peers, without the packages that they need. */
import type { Clock } from "../clock.js";
import { SidelightError } from "../errors.js";
import type { Network } from "../networks/types.js";
import type { Archive } from "../transport/libp2p/archive.js";
import type { Source } from "../transport/port.js";
import { optionalPackages } from "./version.js";

export interface PartyOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly peers: readonly string[];
  readonly listen: readonly string[];
  readonly maxConnections: number | undefined;
  readonly store: string | undefined;
}

/** Where others can come to. */
export interface Listening {
  /** Multiaddrs that end with our identity. */
  readonly addresses: readonly string[];
  /** The same as an Ethereum Node Record (`enr:…`); `null` where there can be none. */
  readonly enr: string | null;
}

export interface PeerParty {
  readonly sources: readonly Source[];
  /** What others are given; `null` where nobody is let in. */
  readonly archive: Archive | null;
  /** @throws OPTION_INVALID */
  listen(): Promise<Listening>;
  share(source: Source): Source;
  stop(): Promise<void>;
}

/** `peers.ts`, loaded by whoever may load at run time: rejects when a package is missing. */
export type LoadPeers = () => Promise<{ openParty(options: PartyOptions): Promise<PeerParty> }>;

/** @throws PACKAGES_MISSING; what `openParty` throws */
export async function assembleParty(load: LoadPeers, options: PartyOptions): Promise<PeerParty> {
  return (await loaded(load)).openParty(options);
}

async function loaded(load: LoadPeers): ReturnType<LoadPeers> {
  try {
    return await load();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw thrown;
    // Node's text goes on with a path of this machine
    const [, missing = "a package"] = /'([^']+)'/.exec((thrown as Error).message) ?? [];
    const isOfPeers = (name: string) => /^(libp2p$|@libp2p\/|@multiformats\/)/.test(name);
    const packages = [...optionalPackages().filter(isOfPeers), ...("WebSocket" in globalThis ? [] : ["ws"])];
    const purpose = "--peer and sidelight serve";
    const message = `${purpose} need packages that are not installed (${missing}): npm install ${packages.join(" ")}`;
    throw new SidelightError("PACKAGES_MISSING", message, { purpose, packages, message: `no package ${missing}` });
  }
}
