/** What a test holds of a devnet, over any way to call its control methods. No package is imported here. */
import type {
  BlockRef,
  ControlMethod,
  ControlMethods,
  DevnetInfo,
  EpochTruth,
  ExecutionBlockJson,
  HeadInfo,
  PeerInfo,
  RangePattern,
  ReorgInfo,
  RequestRecord,
  SlotPattern,
  SlotTruth,
} from "./api-types.ts";
import type { Fault } from "./faults.ts";

/** One server in front of the chain, with its own port, faults and request log. */
export type DevnetServer = {
  readonly url: string;
  /** Replaces all faults; their counters start again. */
  setFaults(faults: readonly Fault[]): Promise<void>;
  requests(): Promise<RequestRecord[]>;
  clearRequests(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
};

/** A libp2p node of the chain: `url` is its multiaddr, and the faults are a server's where they make sense. */
export type DevnetPeer = DevnetServer & { info(): Promise<PeerInfo> };

export type Devnet = {
  /** A server without faults. */
  readonly url: string;
  readonly info: DevnetInfo;
  newServer(faults?: readonly Fault[]): Promise<DevnetServer>;
  /** @param like the `url` of one that was closed: this one has its identity and its port */
  newPeer(faults?: readonly Fault[], like?: string): Promise<DevnetPeer>;
  /** Lets `slots` slots pass, with or without blocks as the pattern says. */
  advance(slots: number, pattern?: SlotPattern): Promise<HeadInfo>;
  /** Lets time pass up to and including `slot`. */
  produceTo(slot: number, pattern?: SlotPattern): Promise<HeadInfo>;
  /** One block, on any parent. */
  produce(
    slot: number,
    options?: { parent?: string; pattern?: SlotPattern; graffiti?: string; setHead?: boolean },
  ): Promise<BlockRef>;
  /** Replaces the range patterns; the last matching range wins. */
  setPatterns(patterns: readonly RangePattern[]): Promise<void>;
  /** State root of the execution payloads from the next block on. */
  setExecutionStateRoot(stateRoot: string): Promise<void>;
  chooseHead(root: string): Promise<HeadInfo>;
  head(): Promise<HeadInfo>;
  finalized(): Promise<BlockRef & { epoch: number }>;
  /** A root to bootstrap from: the finalized checkpoint, or that of an epoch, or of the epoch that a slot is in. */
  checkpoint(at?: { epoch?: number; slot?: number }): Promise<BlockRef & { epoch: number }>;
  /** What is true about a slot of the canonical chain; null where it has no block. */
  truth(slot: number): Promise<SlotTruth | null>;
  /** What every validator did in an epoch, from full states; the epoch after it must be over. */
  votes(epoch: number): Promise<EpochTruth>;
  /** Makes a competing branch from `depth` blocks below the head, up to the present slot, and makes it the head. */
  reorg(depth: number): Promise<ReorgInfo>;
  /** An execution block by hash, as `eth_getBlockByHash` would answer. */
  executionBlock(hash: string): Promise<ExecutionBlockJson | null>;
  memory(): Promise<{ rssBytes: number; states: number }>;
  /** Ends the process. Idempotent. */
  stop(): Promise<void>;
  readonly pid: number;
};

export type Call = <M extends ControlMethod>(
  method: M,
  params: ControlMethods[M]["params"],
) => Promise<ControlMethods[M]["result"]>;

async function openServer(call: Call, faults: readonly Fault[]): Promise<DevnetServer> {
  return handleOf(call, await call("newServer", { faults }));
}

async function openPeer(call: Call, faults: readonly Fault[], like?: string): Promise<DevnetPeer> {
  const made = await call("newPeer", { faults, ...(like === undefined ? {} : { like }) });
  return { ...handleOf(call, made), info: () => call("peerInfo", { id: made.id }) };
}

function handleOf(call: Call, { id, url }: { id: number; url: string }): DevnetServer {
  let isClosed = false;
  return {
    url,
    setFaults: async (list) => void (await call("setFaults", { id, faults: list })),
    requests: () => call("requests", { id }),
    clearRequests: async () => void (await call("clearRequests", { id })),
    async close() {
      if (isClosed) return;
      isClosed = true;
      // A devnet that is gone has closed its servers with it.
      await call("closeServer", { id }).catch(() => undefined);
    },
  };
}

export async function bindDevnet(call: Call, own: Pick<Devnet, "url" | "pid" | "stop">): Promise<Devnet> {
  return {
    ...own,
    info: await call("info", {}),
    newServer: (faults = []) => openServer(call, faults),
    newPeer: (faults = [], like) => openPeer(call, faults, like),
    advance: (slots, pattern) => call("advance", { slots, pattern }),
    produceTo: (slot, pattern) => call("produceTo", { slot, pattern }),
    produce: (slot, rest = {}) => call("produce", { slot, ...rest }),
    setPatterns: async (patterns) => void (await call("setPatterns", { patterns })),
    setExecutionStateRoot: async (stateRoot) => void (await call("setExecutionStateRoot", { stateRoot })),
    chooseHead: (root) => call("chooseHead", { root }),
    head: () => call("head", {}),
    finalized: () => call("finalized", {}),
    checkpoint: (at = {}) => call("checkpoint", at),
    truth: (slot) => call("truth", { slot }),
    votes: (epoch) => call("votes", { epoch }),
    reorg: (depth) => call("reorg", { depth }),
    executionBlock: (hash) => call("executionBlock", { hash }),
    memory: () => call("memory", {}),
  };
}
