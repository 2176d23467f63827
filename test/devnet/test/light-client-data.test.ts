import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Devnet, DevnetOptions } from "../src/client.ts";
import {
  committeeAt,
  type Decoded,
  decodeJson,
  getJson,
  getObject,
  getSsz,
  getUpdates,
  PATHS,
  splitChunks,
  type Versioned,
} from "./api.ts";
import { localDevnet } from "./local.ts";
import { codec, failedChecks, forkAt, type LightClientObject } from "./verify.ts";

const SLOTS_PER_PERIOD = 64;

async function assertHonest(devnet: Devnet, { version, object }: Decoded): Promise<void> {
  const slot = object.signatureSlot;
  const committee = slot === undefined ? [] : await committeeAt(devnet, slot);
  assert.deepEqual(failedChecks(devnet.info, version, object, committee), [], `signature slot ${slot}`);
}

function attestedSlot(object: LightClientObject): number {
  return (object.attestedHeader ?? object.header)?.beacon.slot as number;
}

/** `compute_fork_digest` (specs/fulu/beacon-chain.md), by hand. */
function forkDigest(devnet: Devnet, slot: number): string {
  const { version, name } = forkAt(devnet.info, slot);
  const forkData = Buffer.alloc(64);
  forkData.write(version.slice(2), 0, "hex");
  forkData.write(devnet.info.genesisValidatorsRoot.slice(2), 32, "hex");
  const base = createHash("sha256").update(forkData).digest();
  const blobs = devnet.info.blobSchedule.findLast(({ epoch }) => epoch <= Math.floor(slot / 8));
  if (!blobs || !["fulu", "gloas"].includes(name)) return base.subarray(0, 4).toString("hex");
  const parameters = Buffer.alloc(16);
  parameters.writeBigUInt64LE(BigInt(blobs.epoch), 0);
  parameters.writeBigUInt64LE(BigInt(blobs.maxBlobsPerBlock), 8);
  const mask = createHash("sha256").update(parameters).digest();
  return Buffer.from(base.subarray(0, 4).map((byte, i) => byte ^ (mask[i] as number))).toString("hex");
}

/** Three periods and a bit: every kind of object, the newest and the oldest. */
async function checkEverything(devnet: Devnet): Promise<void> {
  const head = await devnet.head();
  const updates = await getUpdates(devnet.url, 0, 10);
  for (const update of updates) {
    assert.equal(update.version, forkAt(devnet.info, attestedSlot(update.object)).name);
    await assertHonest(devnet, update);
  }
  await assertHonest(devnet, await getObject(devnet.url + PATHS.finality, "LightClientFinalityUpdate"));
  await assertHonest(devnet, await getObject(devnet.url + PATHS.optimistic, "LightClientOptimisticUpdate"));
  for (const epoch of [head.finalized.epoch, Math.max(1, head.finalized.epoch - 9)]) {
    const { root, slot } = await devnet.checkpoint({ epoch });
    if (forkAt(devnet.info, slot).name === "phase0") continue;
    await assertHonest(devnet, await getObject(devnet.url + PATHS.bootstrap(root), "LightClientBootstrap"));
  }
}

const ONE_FORK: { name: string; forks: DevnetOptions["forks"] }[] = [
  { name: "altair", forks: { altair: 0 } },
  { name: "bellatrix", forks: { bellatrix: 0 } },
  { name: "capella", forks: { capella: 0 } },
  { name: "deneb", forks: { deneb: 0 } },
  { name: "electra", forks: { electra: 0 } },
  { name: "fulu", forks: { fulu: 0 } },
  { name: "gloas", forks: { gloas: 0 } },
];

describe("light-client data of one fork", () => {
  for (const { name, forks } of ONE_FORK) {
    it(`is valid in ${name}, and the chain's own verification agrees`, async () => {
      // strict: each block goes through the state transition again, with every signature checked.
      const devnet = await localDevnet({ forks, strict: true });
      try {
        const head = await devnet.advance(SLOTS_PER_PERIOD + 20);
        assert.equal(head.fork, name);
        assert.ok(head.finalized.epoch >= 8, `finalized epoch ${head.finalized.epoch}`);
        await checkEverything(devnet);
      } finally {
        await devnet.stop();
      }
    });
  }
});

describe("a chain through every fork", () => {
  let devnet: Devnet;
  const forks = { altair: 1, bellatrix: 4, capella: 9, deneb: 13, electra: 17, fulu: 21, gloas: 25 };
  const blobSchedule = [
    { epoch: 21, maxBlobsPerBlock: 12 },
    { epoch: 30, maxBlobsPerBlock: 15 },
  ];

  before(async () => {
    devnet = await localDevnet({ forks, blobSchedule });
  });
  after(() => devnet.stop());

  it("has valid data at each step", async () => {
    for (let epoch = 2; epoch <= 42; epoch += 2) {
      await devnet.produceTo(epoch * 8 + 3);
      await checkEverything(devnet);
    }
    assert.equal((await devnet.head()).fork, "gloas");
  });

  it("signs the first block of a fork in the domain of the slot before it", async () => {
    const slot = forks.electra * 8;
    const truth = await devnet.truth(slot);
    assert.equal(truth?.fork, "electra");
    const bits = truth?.syncBits.filter((bit) => bit === 1).length;
    assert.equal(bits, 32);
  });

  it("upgrades a finalized header from before the fork to the shape of the attested one", async () => {
    // Two epochs after the fork the finalized block is still an older one, whose type has an execution header.
    const fresh = await localDevnet({ forks: { deneb: 0, electra: 1, fulu: 2, gloas: 6 } });
    try {
      await fresh.produceTo(6 * 8 + 4);
      const { version, object } = await getObject(fresh.url + PATHS.finality, "LightClientFinalityUpdate");
      assert.equal(version, "gloas");
      assert.equal(forkAt(fresh.info, object.finalizedHeader?.beacon.slot as number).name, "fulu");
      assert.notEqual(object.finalizedHeader?.executionBlockHash, undefined);
      await assertHonest(fresh, { version, object });
    } finally {
      await fresh.stop();
    }
  });

  it("writes the same updates as JSON and as SSZ, each chunk under the digest of its slot", async () => {
    const json = await getJson<Versioned[]>(devnet.url + PATHS.updates(0, 10));
    const { bytes } = await getSsz(devnet.url + PATHS.updates(0, 10));
    const chunks = splitChunks(bytes);
    assert.equal(chunks.length, json.length);
    for (const [i, item] of json.entries()) {
      const type = codec(item.version, "LightClientUpdate");
      assert.deepEqual(type.toJson(type.deserialize((chunks[i] as { bytes: Uint8Array }).bytes)), item.data);
    }
    for (const [i, item] of json.entries()) {
      const slot = attestedSlot(decodeJson("LightClientUpdate", item).object);
      assert.equal(chunks[i]?.digest, forkDigest(devnet, slot), `digest at slot ${slot}`);
    }
    // The blob schedule changes within Gloas: one fork, two digests.
    const inGloas = chunks.filter((_, i) => json[i]?.version === "gloas");
    assert.equal(new Set(inGloas.map(({ digest }) => digest)).size, 2);
  });
});

describe("the best update of a period", () => {
  it("prefers two thirds, then finality of the same period, then participation", async () => {
    const devnet = await localDevnet({
      patterns: [
        { from: 64, to: 127, syncCount: 20 },
        { from: 100, to: 100, syncCount: 23 },
        { from: 110, to: 110, syncCount: 28 },
        { from: 111, to: 111, syncCount: 31 },
      ],
    });
    try {
      await devnet.advance(130);
      const [update] = await getUpdates(devnet.url, 1, 1);
      assert.equal(update?.object.signatureSlot, 111);
      await devnet.reorg(2);
      const [again] = await getUpdates(devnet.url, 1, 1);
      assert.equal(again?.object.signatureSlot, 111);
    } finally {
      await devnet.stop();
    }
  });
});
