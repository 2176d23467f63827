/** A light client, the pulse it feeds, and the blocks behind its head: everything that ends up in the model. */
import { createLightClient, isSidelightError, type VerifiedHeader } from "sidelight";
import {
  createBlockFollower,
  createLightHealth,
  type EpochValues,
  feedHealth,
  type HealthReport,
  keepSeries,
  measureBlocks,
} from "sidelight/health";
import { type Network, slotAtTime } from "sidelight/networks";
import { indexedDbStore } from "sidelight/store/indexeddb";
import { restSource } from "sidelight/transport/rest";
import { blockPool, restBlocks } from "sidelight/transport/rest-blocks";
import { createJudge } from "./judge.js";
import { emptyModel, type Model, missingPast, type SlotPoint, withSlot } from "./model.js";
import type { Settings } from "./settings.js";

export interface Watch {
  stop(): Promise<void>;
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
  const blocks = blockPool({
    sources: settings.beacons.map((url) => restBlocks(url)),
    signal: ended.signal,
    onError: told,
  });
  const light = createLightHealth({ network });
  const follower = createBlockFollower({ network, blocks });
  const series = keepSeries({ store, key: `dashboard-${network.genesisValidatorsRoot.slice(2, 18)}` });
  const judge = createJudge(slotsPerEpoch);
  let model = emptyModel(network.name, slotsPerEpoch);
  /** Where a walk into the past has failed: no other goes beyond. */
  let pastFrom = 0;
  let isWalking = false;
  let isFetching = false;
  /** Was the head ever of now? How far the page was behind before says nothing of the network. */
  let hasArrived = false;

  function change(known: Partial<Model>): void {
    if (ended.signal.aborted) return;
    model = { ...model, ...known };
    show(model);
  }

  function told({ source, error }: { readonly source: string | null; readonly error: Error }): void {
    if (source === null) return;
    change({ faults: { ...model.faults, [source]: error.message }, blockSources: blocks.sources });
  }

  function took(all: readonly EpochValues[]): void {
    const epochs = all.filter(({ values }) => Object.keys(values).length > 0);
    if (epochs.length === 0) return;
    for (const epoch of epochs) series.add(epoch);
    const points = series.points();
    change({ points, judgements: judge(points) });
    series.save().then(
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

  /**
   * The epochs of the past that are missing, the latest first, each block proven by the one after it, from a verified head.
   * Whatever is known of them when it ends, or is interrupted, is kept.
   */
  async function walkPast(head: VerifiedHeader): Promise<void> {
    if (settings.history === 0 || isWalking) return;
    const newest = Math.floor(head.slot / slotsPerEpoch) - 2;
    const missing = missingPast(series.points(), Math.max(pastFrom, newest - settings.history + 1), newest);
    if (missing === null) return;
    isWalking = true;
    let reached = missing.toEpoch + 1;
    try {
      await measureBlocks({
        network,
        from: head,
        ...missing,
        blocks,
        nowMs: Date.now,
        onProgress: (progress) => change({ progress, blockSources: blocks.sources }),
        onEpoch: (epoch) => {
          reached = epoch.epoch;
          took([epoch]);
        },
      });
      if (pastFrom === 0) settle("past");
    } catch (error) {
      // to try again would cost all the blocks down to there again; where that is next to none, the next epoch does
      if (reached <= missing.toEpoch) pastFrom = reached;
      fail(error, "past");
    } finally {
      isWalking = false;
      change({ progress: null });
    }
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
  client.on("error", told);
  client.on("head", async (head) => {
    change({ head, sources: client.sources, blockSources: blocks.sources });
    // one at a time: what came meanwhile is behind the next one
    if (isFetching) return;
    isFetching = true;
    try {
      const epochs = await follower.head(head);
      settle("blocks");
      if (epochs.length === 0) return;
      took(epochs);
      // following began with a whole epoch, and the walk ended with the last one that was complete: what lies between
      void walkPast(head);
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
    await series.load().catch((error: unknown) => fail(error, "series"));
    if (ended.signal.aborted) return;
    const points = series.points();
    change({ points, judgements: judge(points) });
    await walkPast(await client.start({ signal: ended.signal }));
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
