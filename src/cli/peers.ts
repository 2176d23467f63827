/**
 * Peers for the command line: the one room of it that needs the packages of libp2p. `bin/sidelight.js` loads it when they
 * are asked for, so that everybody else can do without them.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import type { Clock } from "../clock.js";
import { messageOf } from "../errors.js";
import type { Network } from "../networks/types.js";
import { createArchive, createPeers, nodeRecord, type Peers } from "../transport/libp2p/index.js";
import { archiveFolder, keepInFiles } from "./archive-files.js";
import { asTyped, usageError } from "./failure.js";
import { type RecordInput, recordOf } from "./node-record.js";
import type { PartyOptions, PeerParty } from "./party.js";
import { replaceFile } from "./whole-file.js";

const KEY_FILE = "sidelight-identity.key";
/** Beside it, for the number that rises with every change. */
const RECORD_FILE = "sidelight-node-record.enr";
/** What options of `createPeers` are called on the command line. */
const OPTION_OF: Readonly<Record<string, string>> = {
  peers: "--peer",
  record: "--peer",
  listen: "--listen",
  maxInboundConnections: "--max-connections",
};

/** Without I/O beyond the store's folder. @throws OPTION_INVALID naming the command line's option; STORE_FAILED */
export async function openParty(options: PartyOptions): Promise<PeerParty> {
  const { network, clock, listen, store } = options;
  for (const address of listen) assertListen(address);
  const isServing = listen.length > 0;
  if (!isServing) {
    const asking = named(() => createPeers(peersOptions(options, network, clock)));
    return partyOf(asking, null, () => null);
  }
  const made = createArchive(network);
  const archive = store === undefined ? made : keepInFiles(made, archiveFolder(store, network));
  const privateKey = store === undefined ? await newKey() : await keptKey(store);
  const { maxConnections: limit } = options;
  const peers = named(() =>
    createPeers({
      ...peersOptions(options, network, clock),
      archive,
      listen,
      privateKey,
      ...(limit === undefined ? {} : { maxInboundConnections: limit }),
    }),
  );
  return partyOf(peers, archive, (addresses) =>
    keptRecord({ network, nowMs: clock.nowMs(), addresses, privateKey }, store),
  );
}

function partyOf(
  peers: Peers,
  archive: PeerParty["archive"],
  recordOfAddresses: (addresses: readonly string[]) => string | null,
): PeerParty {
  return {
    archive,
    sources: peers.sources,
    share: peers.share,
    stop: peers.stop,
    async listen() {
      let addresses: readonly string[];
      try {
        addresses = await peers.start();
      } catch (thrown) {
        throw usageError("--listen", "an address to listen on", whyNot(thrown));
      }
      return { addresses, enr: recordOfAddresses(addresses) };
    },
  };
}

/** Of libp2p's text the lines that begin with an address: above them are options of its own, below each is a stack. */
function whyNot(thrown: unknown): string {
  const message = messageOf(thrown);
  const reasons = [...message.matchAll(/^\s*(\/\S+): (?:Error: )?(.*)$/gm)].map(([, at, why]) => `${at}: ${why}`);
  return reasons.length > 0 ? reasons.join("; ") : message.split("\n")[0]!;
}

function peersOptions({ peers }: PartyOptions, network: Network, clock: Clock) {
  // who types an address on a command line knows where it leads, and noise encrypts what goes there
  return { network, clock, allowInsecure: true, peers: peers.map((text) => named(() => addressOf(text))) };
}

function addressOf(text: string) {
  return text.startsWith("enr:") ? nodeRecord(text) : text;
}

function assertListen(text: string): void {
  const expected = "a multiaddr of a websocket, such as /ip4/0.0.0.0/tcp/9001/ws";
  try {
    if (multiaddr(text).getComponents().at(-1)?.name === "ws") return;
  } catch {
    // no multiaddr at all
  }
  throw usageError("--listen", expected, JSON.stringify(text));
}

/** A refused option gets the name that the caller has typed. */
function named<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    throw asTyped(thrown, (option) => OPTION_OF[option] ?? option);
  }
}

/** secp256k1, as the nodes of the network have it (consensus-specs `specs/phase0/p2p-interface.md`, "Noise"). */
function newKey(): Promise<PrivateKey> {
  return generateKeyPair("secp256k1");
}

/** The one in the folder, or a new one that is put there: who has kept our address finds us again. */
async function keptKey(folder: string): Promise<PrivateKey> {
  const file = join(folder, KEY_FILE);
  try {
    return privateKeyFromProtobuf(new Uint8Array(Buffer.from(readFileSync(file, "utf8").trim(), "hex")));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") {
      throw usageError("--store", `an identity in ${KEY_FILE}`, messageOf(thrown));
    }
  }
  const key = await newKey();
  try {
    mkdirSync(folder, { recursive: true });
    // "wx": of two that begin at once, one must not take the other's place
    writeFileSync(file, `${Buffer.from(privateKeyToProtobuf(key)).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    chmodSync(file, 0o600);
  } catch (thrown) {
    // what a full disk has cut off is no identity, and would be in the way of one for ever
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") rmSync(file, { force: true });
    throw usageError("--store", "a folder that can be written", messageOf(thrown));
  }
  return key;
}

/** The one in the folder while it is still true, or one that comes after it. */
function keptRecord(input: Omit<RecordInput, "previous">, folder: string | undefined): string | null {
  if (folder === undefined) return recordOf({ ...input, previous: null });
  const file = join(folder, RECORD_FILE);
  try {
    const previous = existsSync(file) ? readFileSync(file, "utf8").trim() : null;
    const record = recordOf({ ...input, previous });
    if (record === null || record === previous) return record;
    // half a record would begin the count anew
    replaceFile(file, `${record}\n`);
    return record;
  } catch (thrown) {
    throw usageError("--store", "a folder that can be written", messageOf(thrown));
  }
}
