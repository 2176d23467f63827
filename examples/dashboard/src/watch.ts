/** A light client, the pulse it feeds, and the blocks behind its head: everything that ends up in the model. */
import { createLightClient, isSidelightError, type VerifiedHeader } from "sidelight";
import {
  type BlockFault,
  type BlockSource,
  createBlockFollower,
  createLightHealth,
  createSeries,
  type EpochValues,
  feedHealth,
  type HealthReport,
  measureBlocks,
} from "sidelight/health";
import { type Network, slotAtTime } from "sidelight/networks";
import { indexedDbStore } from "sidelight/store/indexeddb";
import { restSource } from "sidelight/transport/rest";
import { restBlocks } from "sidelight/transport/rest-blocks";
import { createJudge } from "./judge.js";
import { emptyModel, type Model, type SlotPoint, withSlot } from "./model.js";
import type { Settings } from "./settings.js";

export interface Watch {
  stop(): Promise<void>;
}

/** Who failed, or sent something else than what was due, is asked after those that did so less often. One list, reordered. */
function bestFirst(list: BlockSource[]): { readonly list: readonly BlockSource[]; blame(name: string): void } {
  const faults = new Map<string, number>();
  const faultsOf = ({ name }: BlockSource) => faults.get(name) ?? 0;
  return {
    list,
    blame(name) {
      faults.set(name, (faults.get(name) ?? 0) + 1);
      list.sort((a, b) => faultsOf(a) - faultsOf(b));
    },
  };
}

/**
 * Follows the chain, and tells each state of the model.
 *
 * @throws OPTION_INVALID for settings that cannot be
 */
export function watch(settings: Settings, network: Network, show: (model: Model) => void): Watch {
  const { slotsPerEpoch } = network.preset;
  const ended = new AbortController();
  const store = indexedDbStore();
  const client = createLightClient({
    network,
    checkpoint: settings.checkpoint,
    sources: settings.beacons.map((url) => restSource(url)),
    store,
  });
  const blocks = bestFirst(settings.beacons.map((url) => restBlocks(url, { signal: ended.signal })));
  const light = createLightHealth({ network });
  const follower = createBlockFollower({ network, sources: blocks.list, onFault: told });
  const seriesKey = `dashboard-${network.genesisValidatorsRoot.slice(2, 18)}`;
  const judge = createJudge(slotsPerEpoch);
  let series = createSeries();
  let model = emptyModel(network.name, slotsPerEpoch);
  /** Newest epoch of the walk into the past, and the first one that following the head has completed. */
  let walkedTo: number | null = null;
  let followedFrom: number | null = null;
  let isFetching = false;
  /** Was the head ever of now? How far the page was behind before says nothing of the network. */
  let hasArrived = false;

  function change(known: Partial<Model>): void {
    if (ended.signal.aborted) return;
    model = { ...model, ...known };
    show(model);
  }

  function told({ source, error }: BlockFault): void {
    blocks.blame(source);
    change({ faults: { ...model.faults, [source]: error.message } });
  }

  function took(all: readonly EpochValues[]): void {
    const epochs = all.filter(({ values }) => Object.keys(values).length > 0);
    if (epochs.length === 0) return;
    for (const epoch of epochs) series.add(epoch);
    const points = series.points();
    change({ points, judgements: judge(points) });
    store.save(seriesKey, series.encode()).then(
      () => settle("series"),
      (error: unknown) => fail(error, "series"),
    );
  }

  function heard(report: HealthReport): void {
    if (report.kind === "epoch") took([report.epoch]);
    if (report.kind !== "slot") return;
    const { slot, participation, responsiveParticipation, unresponsive } = report.slot;
    note(slot, { participation, responsive: responsiveParticipation, unresponsive });
  }

  function note(slot: number, known: Partial<SlotPoint>): void {
    change({ slots: withSlot(model.slots, slot, known) });
  }

  /** Epochs of the past, each block proven by the one after it, from a verified head. */
  async function walk(from: VerifiedHeader, fromEpoch: number, toEpoch: number): Promise<boolean> {
    if (fromEpoch > toEpoch) return true;
    try {
      const onProgress = (progress: Model["progress"]) => change({ progress });
      const options = {
        network,
        from,
        fromEpoch,
        toEpoch,
        sources: blocks.list,
        nowMs: Date.now,
        onProgress,
        onFault: told,
      };
      took(await measureBlocks(options));
      settle("past");
      return true;
    } catch (error) {
      fail(error, "past");
      return false;
    } finally {
      change({ progress: null });
    }
  }

  async function walkHistory(head: VerifiedHeader): Promise<void> {
    if (settings.history === 0) return;
    const toEpoch = Math.floor(head.slot / slotsPerEpoch) - 2;
    const known = series.points().findLast(({ values }) => values.voteParticipation !== undefined)?.epoch ?? -1;
    if (!(await walk(head, Math.max(0, known + 1, toEpoch - settings.history + 1), toEpoch))) return;
    walkedTo = toEpoch;
    closeGap();
  }

  /** Following begins with the next whole epoch, the walk ended with the last complete one: what lies between, once. */
  function closeGap(): void {
    if (walkedTo === null || followedFrom === null) return;
    const [fromEpoch, toEpoch] = [walkedTo + 1, followedFrom - 1];
    walkedTo = null;
    const { head } = client;
    if (head !== null) void walk(head, fromEpoch, toEpoch);
  }

  /** What the page can go on without; whoever sent what is told by `told`. It is said until the same succeeds. */
  function fail(error: unknown, what: keyof Model["troubles"]): void {
    change({ troubles: { ...model.troubles, [what]: error instanceof Error ? error.message : `${error}` } });
  }

  function settle(what: keyof Model["troubles"]): void {
    if (model.troubles[what] !== undefined) change({ troubles: { ...model.troubles, [what]: undefined } });
  }

  // what is told while catching up is a sample: the past is walked through, or left out
  const endFeed = feedHealth(client, light, heard, { maxAgeSlots: slotsPerEpoch / 2 });
  client.on("status", (status) => change({ status, sources: client.sources }));
  client.on("finality", (finalized) => change({ finalized }));
  client.on("peer", ({ source, action, message }) => {
    if (action !== "readmitted") change({ faults: { ...model.faults, [source]: message }, sources: client.sources });
  });
  client.on("error", ({ error, source }) => {
    if (source !== null) change({ faults: { ...model.faults, [source]: error.message } });
  });
  client.on("head", async (head) => {
    change({ head, sources: client.sources });
    // one at a time: what came meanwhile is behind the next one
    if (isFetching) return;
    isFetching = true;
    try {
      const epochs = await follower.head(head);
      settle("blocks");
      if (epochs.length === 0) return;
      followedFrom ??= epochs[0]!.epoch;
      took(epochs);
      closeGap();
    } catch (error) {
      fail(error, "blocks");
    } finally {
      isFetching = false;
    }
  });
  const ticks = setInterval(tick, 1_000);

  /** Once a second, of which a slot is made of some: what the clock alone changes. */
  function tick(): void {
    const slot = slotAtTime(network, Date.now());
    change({ clockSlot: slot });
    const { head, finalized } = client;
    if (head === null || finalized === null || model.status.state === "catching-up") return;
    hasArrived ||= slot - head.slot <= slotsPerEpoch;
    if (!hasArrived) return;
    // who hears nothing does not watch: what is missed then is no news of the network
    if (slot - head.slot <= slotsPerEpoch) for (const report of light.tick(slot)) heard(report);
    if (model.slots.at(-1)?.slot === slot && model.slots.at(-1)!.headAge !== null) return;
    const finality = Math.max(0, Math.floor(slot / slotsPerEpoch) - Math.ceil(finalized.slot / slotsPerEpoch));
    note(slot, { headAge: Math.max(0, slot - head.slot), finality });
  }

  async function begin(): Promise<void> {
    // an unreadable store costs the past, and is told by the client as well
    const kept = await store.load(seriesKey).catch(() => null);
    if (ended.signal.aborted) return;
    series = createSeries({ restore: kept ?? null });
    const points = series.points();
    change({ points, judgements: judge(points) });
    await walkHistory(await client.start({ signal: ended.signal }));
  }

  begin().catch((error: unknown) => {
    // that the visitor went back to the settings is no error; why it stopped by itself is in the status
    if (!ended.signal.aborted && !isSidelightError(error)) throw error;
  });
  return {
    async stop() {
      ended.abort();
      clearInterval(ticks);
      endFeed();
      await client.stop();
    },
  };
}
