import { createHash } from "node:crypto";
import { expect } from "chai";
import { forkDigests } from "../../../../src/networks/schedule.js";
import type { Network } from "../../../../src/networks/types.js";
import { sha256 } from "../../../../src/ssz/hash.js";
import type { LightClientFinalityUpdate, LightClientOptimisticUpdate } from "../../../../src/ssz/objects.js";
import { computeMessageId, gossipOptions, isUndecodable } from "../../../../src/transport/libp2p/gossip-options.js";
import {
  isNew,
  isTimely,
  mayForward,
  NOTHING_FORWARDED,
  withForwarded,
} from "../../../../src/transport/libp2p/gossip-rules.js";
import { digestAt, topicsAt } from "../../../../src/transport/libp2p/topics.js";
import { createForge, type Forge } from "../../../support/forge.js";
import { blobScheduleNetwork, networkAtFork, staggeredNetwork } from "../../../support/networks.js";
import { rawCompress } from "../../../support/snappy-reference.js";
import { stubBls } from "../../../support/stub-bls.js";

describe("rules for passing gossip on", () => {
  const network = networkAtFork("electra");
  let forge: Forge;
  const size = network.preset.syncCommitteeSize;

  before(async () => {
    forge = await createForge({ network, bls: stubBls() });
  });

  const finality = (attestedSlot: number, participants = size): LightClientFinalityUpdate =>
    forge.finalityUpdate({ attestedSlot, participants }).value();
  const optimistic = (attestedSlot: number): LightClientOptimisticUpdate =>
    forge.optimisticUpdate({ attestedSlot }).value();

  const startOf = (slot: number, { genesisTime, slotDurationMs }: Network = network) =>
    genesisTime * 1_000 + slot * slotDurationMs;

  it("isTimely: from a third of the signature's slot on, but for 500 ms", () => {
    const update = optimistic(100);
    const due = startOf(update.signatureSlot) + Math.floor((network.slotDurationMs * 3_333) / 10_000);
    expect(isTimely(network, update, due - 501)).to.equal(false);
    expect(isTimely(network, update, due - 500)).to.equal(true);
    expect(isTimely(network, update, due + 1_000_000)).to.equal(true);
  });

  it("isTimely: from a quarter on in Gloas", async () => {
    const gloas = networkAtFork("gloas");
    const update = (await createForge({ network: gloas, bls: stubBls() }))
      .optimisticUpdate({
        attestedSlot: 100,
      })
      .value();
    const due = startOf(update.signatureSlot, gloas) + gloas.slotDurationMs / 4;
    expect(isTimely(gloas, update, due - 501)).to.equal(false);
    expect(isTimely(gloas, update, due - 500)).to.equal(true);
  });

  it("isNew, of finality: finalizes more, or the same with the first supermajority", () => {
    const first = finality(100);
    const forwarded = { ...NOTHING_FORWARDED, finality: first };
    expect(isNew(NOTHING_FORWARDED, first)).to.equal(true);
    expect(isNew(forwarded, first)).to.equal(false);
    expect(isNew(forwarded, finality(200))).to.equal(true);
    expect(isNew({ ...NOTHING_FORWARDED, finality: finality(200) }, first)).to.equal(false);
    const few = { ...NOTHING_FORWARDED, finality: finality(100, 1) };
    expect(isNew(few, first)).to.equal(true);
    expect(isNew(few, finality(101, 1))).to.equal(false);
  });

  it("isNew, of finality: two thirds are no supermajority, more are", () => {
    const few = { ...NOTHING_FORWARDED, finality: finality(100, 1) };
    const twoThirds = Math.floor((size * 2) / 3);
    expect(isNew(few, finality(100, twoThirds))).to.equal(false);
    expect(isNew(few, finality(100, twoThirds + 1))).to.equal(true);
  });

  it("isNew, of heads: attests a later slot", () => {
    expect(isNew(NOTHING_FORWARDED, optimistic(0))).to.equal(true);
    expect(isNew({ ...NOTHING_FORWARDED, optimisticSlot: 100 }, optimistic(100))).to.equal(false);
    expect(isNew({ ...NOTHING_FORWARDED, optimisticSlot: 100 }, optimistic(101))).to.equal(true);
  });

  it("mayForward, of heads: advanced the head, or is part of the finality update that did", () => {
    const forwarded = { ...NOTHING_FORWARDED, finality: finality(100) };
    expect(mayForward(NOTHING_FORWARDED, optimistic(100), ["optimistic"])).to.equal(true);
    expect(mayForward(NOTHING_FORWARDED, optimistic(100), [])).to.equal(false);
    expect(mayForward(forwarded, optimistic(100), [])).to.equal(true);
    expect(mayForward(forwarded, optimistic(101), [])).to.equal(false);
    const otherSignature = forge.optimisticUpdate({ attestedSlot: 100, participants: size - 1 }).value();
    expect(mayForward(forwarded, otherSignature, [])).to.equal(false);
  });

  it("mayForward, of finality: advanced it", () => {
    expect(mayForward(NOTHING_FORWARDED, finality(100), ["finality"])).to.equal(true);
    expect(mayForward(NOTHING_FORWARDED, finality(100), ["optimistic"])).to.equal(false);
  });

  it("withForwarded: what has gone on is not new, and each kind for itself", () => {
    const [one, other] = [finality(100), optimistic(100)];
    const both = [one, other] as const;
    for (const gone of both) {
      const forwarded = withForwarded(NOTHING_FORWARDED, gone);
      expect(both.map((update) => isNew(forwarded, update))).to.deep.equal(both.map((update) => update !== gone));
    }
  });
});

describe("computeMessageId", () => {
  const topic = "/eth2/01020304/light_client_finality_update/ssz_snappy";
  const idOf = (domain: string, data: Uint8Array) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(topic.length));
    const hash = createHash("sha256").update(domain, "hex").update(length).update(topic).update(data);
    return new Uint8Array(hash.digest().subarray(0, 20));
  };
  const { inboundTransform } = gossipOptions().dataTransform!;

  it("is of the decompressed data and the topic", () => {
    const data = Uint8Array.of(1, 2, 3);
    expect(computeMessageId({ topic, data: inboundTransform(topic, rawCompress(data)) })).to.deep.equal(
      idOf("01000000", data),
    );
  });

  it("is of what came, and in another domain, where that is not snappy", () => {
    const data = Uint8Array.of(255, 255, 255);
    const opened = inboundTransform(topic, data);
    expect(isUndecodable(opened)).to.equal(true);
    expect(computeMessageId({ topic, data: opened })).to.deep.equal(idOf("00000000", data));
  });

  it("takes nothing larger than an update can be", () => {
    expect(isUndecodable(inboundTransform(topic, rawCompress(new Uint8Array(16_384))))).to.equal(false);
    expect(isUndecodable(inboundTransform(topic, rawCompress(new Uint8Array(16_385))))).to.equal(true);
  });
});

describe("topicsAt", () => {
  const slotsOf = (network: Network) => network.preset.slotsPerEpoch;
  const at = (network: Network, epoch: number) =>
    network.genesisTime * 1_000 + epoch * slotsOf(network) * network.slotDurationMs;

  for (const [what, network] of [
    ["forks", staggeredNetwork({})],
    ["blob schedules", blobScheduleNetwork()],
  ] as const) {
    it(`is on the digest in force always, two epochs ahead and two behind: ${what}`, () => {
      const all = forkDigests(network, sha256);
      const last = all.at(-1)!.epoch;
      for (let epoch = -1; epoch <= last + 5; epoch++) {
        const names = topicsAt(network, at(network, epoch)).map(({ name }) => name);
        expect(new Set(names).size).to.equal(names.length);
        for (const [i, { digest, epoch: start, fork }] of all.entries()) {
          const end = all[i + 1]?.epoch ?? Number.POSITIVE_INFINITY;
          const isOn = fork !== "phase0" && Math.max(0, epoch) >= start - 2 && epoch < end + 2;
          for (const kind of ["light_client_finality_update", "light_client_optimistic_update"]) {
            expect(names.includes(`/eth2/${digest.slice(2)}/${kind}/ssz_snappy`), `${fork} at ${epoch}`).to.equal(isOn);
          }
        }
      }
    });

    it(`digestAt changes with the first slot: ${what}`, () => {
      for (const { digest, epoch } of forkDigests(network, sha256)) {
        expect(digestAt(network, at(network, epoch))).to.equal(digest);
        if (epoch > 0) expect(digestAt(network, at(network, epoch) - 1)).to.not.equal(digest);
      }
    });
  }
});
