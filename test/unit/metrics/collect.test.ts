/** A client that is measured: the numbers are those that the client has. */
import { expect } from "chai";
import { collectMetrics, meteredBls, meteredStore } from "../../../src/metrics/collect.js";
import { CLIENT_METRICS } from "../../../src/metrics/definitions.js";
import { createMetricsRegistry } from "../../../src/metrics/registry.js";
import { memoryStore } from "../../../src/store/memory.js";
import { stubBls } from "../../support/stub-bls.js";
import { manualVisibility } from "../../support/visibility.js";
import { createFakeChain, networkFailed } from "../client/fake-chain.js";
import { drive, passTime } from "../client/waiting.js";

function sampleOf(text: string, series: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  if (line === undefined) throw new Error(`no ${series} in\n${text}`);
  return Number(line.slice(series.length + 1));
}

describe("collectMetrics", () => {
  it("counts what the client tells and reads what it has, until it is ended", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const registry = createMetricsRegistry(CLIENT_METRICS);
    const [bad, good] = [chain.source("bad"), chain.source("good")];
    bad.overrides.bootstrap = () => Promise.reject(networkFailed());
    const nowMs = () => chain.clock.nowMs();
    const client = chain.client({
      sources: [bad, good],
      store: meteredStore(memoryStore(), registry, nowMs),
      bls: meteredBls(stubBls(), registry, nowMs),
    });
    const end = collectMetrics(client, registry, nowMs);
    const told = { head: 0, finality: 0, participation: 0 };
    for (const name of Object.keys(told) as (keyof typeof told)[]) client.on(name, () => told[name]++);
    expect(sampleOf(registry.text(), 'sidelight_status{state="idle"}')).to.equal(1);
    const counters = [
      ...["heads", "finality", "reorgs", "forced_updates"].map((what) => `sidelight_${what}_total`),
      ...["valid", "invalid", "failed"].map((result) => `sidelight_verifications_total{result="${result}"}`),
    ];
    for (const name of counters) expect(sampleOf(registry.text(), name), "rare, and not to be missed").to.equal(0);

    await drive(chain.clock, client.start());
    await passTime(chain.clock, 20 * chain.network.slotDurationMs);
    const text = registry.text();
    expect(sampleOf(text, "sidelight_head_slot")).to.equal(client.head!.slot);
    expect(sampleOf(text, "sidelight_finalized_slot")).to.equal(client.finalized!.slot);
    expect(sampleOf(text, "sidelight_heads_total")).to.equal(told.head);
    expect(sampleOf(text, "sidelight_finality_total")).to.equal(told.finality);
    expect(sampleOf(text, "sidelight_participation_ratio")).to.equal(client.participation!.rate);
    expect(sampleOf(text, 'sidelight_status{state="following"}')).to.equal(1);
    expect(sampleOf(text, 'sidelight_status{state="idle"}')).to.equal(0);
    expect(sampleOf(text, 'sidelight_rejections_total{code="NETWORK_FAILED"}')).to.equal(1);
    expect(sampleOf(text, 'sidelight_peer_events_total{source="bad",action="paused"}')).to.equal(1);
    expect(sampleOf(text, 'sidelight_source_failures_total{source="bad"}')).to.equal(1);
    expect(sampleOf(text, 'sidelight_source_requests_total{source="good"}')).to.equal(client.sources[1]!.requests);
    expect(sampleOf(text, "sidelight_sync_seconds_count")).to.equal(1);
    expect(sampleOf(text, 'sidelight_verifications_total{result="valid"}')).to.be.at.least(told.participation);
    expect(sampleOf(text, 'sidelight_store_operations_total{operation="save",result="done"}')).to.be.at.least(1);

    end();
    const heads = sampleOf(registry.text(), "sidelight_heads_total");
    await passTime(chain.clock, 5 * chain.network.slotDurationMs);
    expect(sampleOf(registry.text(), "sidelight_heads_total")).to.equal(heads);
    await client.stop();
  });

  it("knows that a client is paused, and takes that for no time of syncing", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const registry = createMetricsRegistry(CLIENT_METRICS);
    const page = manualVisibility();
    const client = chain.client({ sources: [chain.source()], visibility: page, whenHidden: "pause" });
    const end = collectMetrics(client, registry, () => chain.clock.nowMs());
    await drive(chain.clock, client.start());
    page.hide();
    await passTime(chain.clock, 20 * chain.network.slotDurationMs);
    expect(client.status.state).to.equal("paused");
    const text = registry.text();
    expect(sampleOf(text, 'sidelight_status{state="paused"}')).to.equal(1);
    expect(sampleOf(text, 'sidelight_status{state="following"}')).to.equal(0);
    page.show();
    await passTime(chain.clock, 2 * chain.network.slotDurationMs);
    expect(client.status.state).to.equal("following");
    expect(sampleOf(registry.text(), "sidelight_sync_seconds_sum")).to.be.below(
      (2 * chain.network.slotDurationMs) / 1000,
    );
    end();
    await client.stop();
  });

  it("counts operations of the store that fail, and passes the failure on", async () => {
    const registry = createMetricsRegistry(CLIENT_METRICS);
    const broken = new Error("quota");
    const store = meteredStore({ ...memoryStore(), save: () => Promise.reject(broken) }, registry);
    expect(await store.save("key", new Uint8Array()).catch((thrown: unknown) => thrown)).to.equal(broken);
    expect(sampleOf(registry.text(), 'sidelight_store_operations_total{operation="save",result="failed"}')).to.equal(1);
    expect(await store.load("key")).to.equal(null);
  });

  it("counts signatures that are refused", () => {
    const registry = createMetricsRegistry(CLIENT_METRICS);
    const bls = meteredBls({ ...stubBls(), verifySyncAggregate: () => "mismatch" }, registry);
    expect(bls.verifySyncAggregate({} as never, {} as never, new Uint8Array(), new Uint8Array())).to.equal("mismatch");
    expect(sampleOf(registry.text(), 'sidelight_verifications_total{result="invalid"}')).to.equal(1);
  });
});
