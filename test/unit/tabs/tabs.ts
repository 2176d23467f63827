/** Tabs of one origin: each with its own client, clock and channels, which stand still while it is frozen. */
import type { Clock } from "../../../src/clock.js";
import type { LightClientOptions } from "../../../src/options.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import type { Locks } from "../../../src/tabs/locks.js";
import type { TabsEnvironment } from "../../../src/tabs/party.js";
import { type SharedLightClient, type ShareOptions, shareIn } from "../../../src/tabs/share.js";
import { createLockTable, type LockTable } from "../../support/locks.js";
import { type ManualVisibility, manualVisibility } from "../../support/visibility.js";
import { type FakeChain, type FakeSource, record } from "../client/fake-chain.js";

export interface Tab {
  readonly name: string;
  readonly client: SharedLightClient;
  readonly source: FakeSource;
  readonly page: ManualVisibility;
  readonly log: ReturnType<typeof record>;
  readonly roles: string[];
  /** Without a word: as a machine does, or a browser that has no `freeze` event. */
  freeze(): void;
  /** Timers first, then what was said meanwhile: the worst order. */
  thaw(): Promise<void>;
  /** Closed, or crashed: nothing of it runs any more. */
  kill(): void;
}

export interface Tabs {
  readonly locks: LockTable;
  readonly store: CheckpointStore;
  readonly all: readonly Tab[];
  open(options?: TabOptions): Tab;
  /** The tabs that lead. */
  leaders(): readonly string[];
  closeAll(): Promise<void>;
}

export interface TabOptions {
  readonly share?: Partial<ShareOptions>;
  readonly client?: Partial<LightClientOptions>;
  readonly environment?: Partial<TabsEnvironment>;
  readonly streams?: boolean;
}

export function createTabs(chain: FakeChain): Tabs {
  const locks = createLockTable();
  const store = memoryStore();
  const all: Tab[] = [];

  function open({ share = {}, client = {}, environment = {}, streams = false }: TabOptions = {}): Tab {
    const name = `tab-${all.length + 1}`;
    const gate = createGate();
    const channels = new Set<BroadcastChannel>();
    const page = manualVisibility();
    const source = chain.source(name, { streams });
    const clock: Clock = {
      nowMs: chain.clock.nowMs,
      sleep: async (ms, signal) => {
        await chain.clock.sleep(ms, signal);
        await gate.timers();
      },
    };
    const shared = shareIn(
      {
        create: () => chain.client({ sources: [source], store, clock, visibility: page, ...client }),
        clock,
        visibility: page,
        ...share,
      },
      { locks: gated(locks.forTab(name), gate), openChannel: openGated(channels, gate), ...environment },
    );
    const roles: string[] = [];
    shared.on("role", ({ role }) => roles.push(role));
    const tab: Tab = {
      name,
      client: shared,
      source,
      page,
      log: record(shared),
      roles,
      freeze: gate.close,
      thaw: gate.open,
      kill() {
        gate.close();
        for (const channel of channels) channel.close();
        locks.drop(name);
        source.streams.clear();
      },
    };
    all.push(tab);
    return tab;
  }

  return {
    locks,
    store,
    all,
    open,
    leaders: () => all.filter(({ client }) => client.role === "leader").map(({ name }) => name),
    async closeAll() {
      await Promise.all(all.map(({ thaw }) => thaw()));
      await Promise.all(all.map(({ client }) => client.stop()));
    },
  };
}

interface Gate {
  close(): void;
  open(): Promise<void>;
  /** Resolves when timers fire. */
  timers(): Promise<void>;
  /** Resolves when everything else arrives. */
  others(): Promise<void>;
  readonly isOpen: boolean;
}

function createGate(): Gate {
  let isOpen = true;
  let waiting: { timers: (() => void)[]; others: (() => void)[] } = { timers: [], others: [] };
  const wait = (kind: "timers" | "others") => () =>
    isOpen ? Promise.resolve() : new Promise<void>((resolve) => waiting[kind].push(resolve));
  return {
    close() {
      isOpen = false;
    },
    async open() {
      isOpen = true;
      const { timers, others } = waiting;
      waiting = { timers: [], others: [] };
      for (const resolve of timers) resolve();
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      for (const resolve of others) resolve();
    },
    timers: wait("timers"),
    others: wait("others"),
    get isOpen() {
      return isOpen;
    },
  };
}

function gated({ request, query }: Locks, gate: Gate): Locks {
  const open = async (name: string, options: LockOptions, callback: LockGrantedCallback<unknown>) => {
    try {
      return await request(name, options, async (lock) => {
        await gate.others();
        return callback(lock);
      });
    } finally {
      await gate.others();
    }
  };
  return { request: open as Locks["request"], query };
}

function openGated(channels: Set<BroadcastChannel>, gate: Gate): (name: string) => BroadcastChannel {
  return (name) => {
    const channel = new BroadcastChannel(name);
    channels.add(channel);
    const wrapped = new Map<unknown, (event: Event) => void>();
    const add = channel.addEventListener.bind(channel) as (type: string, listener: (event: Event) => void) => void;
    const remove = channel.removeEventListener.bind(channel) as typeof add;
    const close = channel.close.bind(channel);
    return Object.assign(channel, {
      addEventListener(type: string, listener: (event: Event) => void) {
        const late = (event: Event) => {
          if (gate.isOpen) listener(event);
          else void gate.others().then(() => wrapped.has(listener) && listener(event));
        };
        wrapped.set(listener, late);
        add(type, late);
      },
      removeEventListener(type: string, listener: (event: Event) => void) {
        remove(type, wrapped.get(listener) ?? listener);
        wrapped.delete(listener);
      },
      close() {
        channels.delete(channel);
        close();
      },
    });
  };
}
