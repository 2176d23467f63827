/** A client that is measured: the numbers are those that the client has. */
import { expect } from "chai";
import type { Bls, CommitteeHandle, SyncAggregateItem } from "../../../src/bls/port.js";
import { collectMetrics, meteredBls, meteredStore } from "../../../src/metrics/collect.js";
import { CLIENT_METRICS } from "../../../src/metrics/definitions.js";
import { createMetricsRegistry } from "../../../src/metrics/registry.js";
import { BitArray } from "../../../src/ssz/bit-array.js";
import type { SyncCommittee } from "../../../src/ssz/objects.js";
import { memoryStore } from "../../../src/store/memory.js";
import { stubBls } from "../../support/stub-bls.js";
import { manualVisibility } from "../../support/visibility.js";
import { createFakeChain, networkFailed } from "../client/fake-chain.js";
import { drive, passTime } from "../client/waiting.js";

function sampleOfText(text: string, series: string): string {
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  if (line === undefined) throw new Error(`no ${series} in\n${text}`);
  return line.slice(series.length + 1);
}

const sampleOf = (text: string, series: string): number => Number(sampleOfText(text, series));

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

  it("has no young head once a contradiction of finality has taken all trust away, and no head at first", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const registry = createMetricsRegistry(CLIENT_METRICS);
    const source = chain.source("liar", { streams: true });
    const client = chain.client({ sources: [source] });
    const end = collectMetrics(client, registry, () => chain.clock.nowMs());
    const ages = () =>
      ["sidelight_head_age_slots", "sidelight_finalized_age_slots"].map((name) => sampleOfText(registry.text(), name));
    expect(ages()).to.deep.equal(["+Inf", "+Inf"]);
    await drive(chain.clock, client.start());
    expect(Number(ages()[0])).to.be.within(0, 2);
    const finalizedSlot = client.finalized!.slot;
    source.push(
      "finality",
      chain.forge.finalityUpdate({ attestedSlot: chain.slot() - 1, finalizedSlot: finalizedSlot - 1 }).raw(),
    );
    await passTime(chain.clock, 2 * chain.network.slotDurationMs);
    expect(client.status).to.include({ state: "stopped" });
    expect(client.head).to.equal(null);
    expect(ages()).to.deep.equal(["+Inf", "+Inf"]);
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

  it("measures a backend that is an object of a class", async () => {
    const registry = createMetricsRegistry(CLIENT_METRICS);
    class Backend implements Bls {
      readonly name = "class";
      readonly #inner = stubBls();
      ready() {
        return this.#inner.ready();
      }
      committee(committee: SyncCommittee) {
        return this.#inner.committee(committee);
      }
      verifySyncAggregate(...signed: Parameters<Bls["verifySyncAggregate"]>) {
        return this.#inner.verifySyncAggregate(...signed);
      }
      exportKeys() {
        return new TextEncoder().encode(this.name);
      }
      importKeys(_: CommitteeHandle, bytes: Uint8Array) {
        return new TextDecoder().decode(bytes) === this.name;
      }
    }
    const bls = meteredBls(new Backend(), registry);
    await bls.ready();
    const committee: SyncCommittee = { pubkeys: [], aggregatePubkey: new Uint8Array(48) };
    const handle = bls.committee(committee);
    expect(handle.committee).to.equal(committee);
    expect(bls.importKeys!(handle, bls.exportKeys!(handle))).to.equal(true);
    expect(bls).to.not.have.any.keys("verifyBatch", "verifyBatchAsync");
    expect(
      bls.verifySyncAggregate(handle, new BitArray(new Uint8Array(), 0), new Uint8Array(32), new Uint8Array(96)),
    ).to.equal(null);
    expect(sampleOf(registry.text(), 'sidelight_verifications_total{result="valid"}')).to.equal(1);
  });

  it("counts batches that a worker did not answer", async () => {
    const registry = createMetricsRegistry(CLIENT_METRICS);
    const lost = new Error("the worker is gone");
    const bls = meteredBls({ ...stubBls(), verifyBatchAsync: () => Promise.reject(lost) }, registry);
    const rejection = await bls.verifyBatchAsync!([{}, {}] as SyncAggregateItem[]).catch((thrown: unknown) => thrown);
    expect(rejection).to.equal(lost);
    expect(sampleOf(registry.text(), 'sidelight_verifications_total{result="failed"}')).to.equal(2);
    expect(sampleOf(registry.text(), 'sidelight_verification_seconds_count{kind="worker"}')).to.equal(1);
  });
});
