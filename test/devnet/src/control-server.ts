import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ControlMethod, ControlMethods } from "./api-types.ts";
import type { Chain } from "./chain/chain.ts";
import { executionBlockToJson } from "./chain/execution.ts";
import { fromHex } from "./chain/ssz-types.ts";
import {
  blockRef,
  type Controller,
  describeChain,
  describeCheckpoint,
  describeFinalized,
  describeHead,
  describeSlot,
} from "./controller.ts";
import type { Place } from "./p2p/node.ts";
import type { Peer } from "./p2p/peer.ts";
import { createFace, type Face } from "./server/face.ts";
import { assertFaults } from "./server/fault-state.ts";
import { describeVotes } from "./votes.ts";

export type Handlers = {
  [M in ControlMethod]: (
    params: ControlMethods[M]["params"],
  ) => ControlMethods[M]["result"] | Promise<ControlMethods[M]["result"]>;
};

export type ControlServer = { url: string; close(): void };

export function createHandlers(chain: Chain, controller: Controller): Handlers {
  const faces = new Map<number, Face>();
  const peers = new Map<number, Peer>();
  /** Of all that ever were, by their multiaddrs. */
  const places = new Map<string, Place>();
  let nextId = 1;

  const face = (id: number): Face => {
    const found = faces.get(id);
    if (!found) throw new Error(`no server ${id}: it was closed`);
    return found;
  };
  const known = (root: string) => {
    const entry = chain.get(root.toLowerCase());
    if (!entry) throw new Error(`no block ${root}`);
    return entry;
  };

  return {
    info: () => describeChain(chain),
    async advance({ slots, pattern }) {
      await controller.advanceTo(chain.clockSlot + slots, pattern);
      return describeHead(chain);
    },
    async produceTo({ slot, pattern }) {
      await controller.advanceTo(slot, pattern);
      return describeHead(chain);
    },
    produce({ slot, parent, pattern, graffiti, setHead }) {
      return blockRef(
        chain.produce(slot, { parent: parent === undefined ? undefined : known(parent), pattern, graffiti, setHead }),
      );
    },
    setPatterns({ patterns }) {
      chain.ranges = [...patterns];
      return null;
    },
    setExecutionStateRoot({ stateRoot }) {
      const root = fromHex(stateRoot);
      if (root.length !== 32) throw new Error(`stateRoot: expected 32 bytes, got ${root.length}`);
      chain.executionStateRoot = root;
      return null;
    },
    chooseHead({ root }) {
      chain.chooseHead(known(root));
      return describeHead(chain);
    },
    head: () => describeHead(chain),
    finalized: () => describeFinalized(chain),
    checkpoint: (at) => describeCheckpoint(chain, at),
    truth: ({ slot }) => describeSlot(chain, slot),
    votes: ({ epoch }) => describeVotes(chain, epoch),
    reorg: ({ depth }) => controller.reorg(depth),
    executionBlock({ hash }) {
      const block = chain.executionBlock(hash.toLowerCase());
      return block ? executionBlockToJson(block) : null;
    },
    memory: () => ({ rssBytes: process.memoryUsage.rss(), states: chain.states.size }),
    async newServer({ faults = [] }) {
      assertFaults(faults);
      const made = await createFace(chain);
      made.setFaults(faults);
      const id = nextId++;
      faces.set(id, made);
      return { id, url: made.url };
    },
    async newPeer({ faults = [], like }) {
      assertFaults(faults);
      // only now: libp2p takes a while to load, and most tests need none
      const { createPeer } = await import("./p2p/peer.ts");
      const place = like === undefined ? undefined : places.get(like);
      if (like !== undefined && place === undefined) throw new Error(`no peer was ever at ${like}`);
      const made = await createPeer(chain, place);
      places.set(made.url, made.place);
      made.setFaults(faults);
      const id = nextId++;
      faces.set(id, made);
      peers.set(id, made);
      return { id, url: made.url };
    },
    peerInfo({ id }) {
      const found = peers.get(id);
      if (!found) throw new Error(`no peer ${id}`);
      return found.info();
    },
    setFaults({ id, faults }) {
      assertFaults(faults);
      face(id).setFaults(faults);
      return null;
    },
    requests: ({ id }) => [...face(id).requests()],
    clearRequests({ id }) {
      face(id).clearRequests();
      return null;
    },
    async closeServer({ id }) {
      await faces.get(id)?.close();
      faces.delete(id);
      peers.delete(id);
      return null;
    },
  };
}

/** Only this machine can reach it, and only who knows the port: it is a test's handle, not an API. */
export async function createControlServer(chain: Chain, controller: Controller): Promise<ControlServer> {
  const handlers = createHandlers(chain, controller);

  async function call(body: string): Promise<{ status: number; text: string }> {
    try {
      const { method, params } = JSON.parse(body) as { method: ControlMethod; params?: never };
      if (!Object.hasOwn(handlers, method)) throw new Error(`no method ${String(method)}`);
      const result = await handlers[method](params ?? ({} as never));
      return { status: 200, text: JSON.stringify({ result }) };
    } catch (error) {
      return { status: 400, text: JSON.stringify({ error: error instanceof Error ? error.message : String(error) }) };
    }
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, text } = await call(Buffer.concat(chunks).toString("utf8"));
    response.writeHead(status, { "content-type": "application/json" }).end(text);
  });
  // whoever calls closes: a call on a connection that is closed at the same moment would be lost, and fail its test
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
