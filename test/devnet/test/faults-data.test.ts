import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Devnet, DevnetServer, Fault } from "../src/client.ts";
import { committeeAt, type Decoded, getObject, getSsz, getUpdates, JSON_ONLY, PATHS, splitChunks } from "./api.ts";
import { localDevnet } from "./local.ts";
import { type Check, failedChecks } from "./verify.ts";

let devnet: Devnet;
let server: DevnetServer;

before(async () => {
  devnet = await localDevnet({});
  await devnet.advance(150);
  server = await devnet.newServer();
});
after(() => devnet.stop());
beforeEach(() => server.setFaults([]));

const switchOn = (...faults: Fault[]) => server.setFaults(faults);

async function checks({ version, object }: Decoded): Promise<Check[]> {
  const slot = object.signatureSlot;
  return failedChecks(devnet.info, version, object, slot === undefined ? [] : await committeeAt(devnet, slot));
}

const bootstrap = async () =>
  getObject(server.url + PATHS.bootstrap((await devnet.checkpoint()).root), "LightClientBootstrap");
const update = async () => (await getUpdates(server.url, 1, 1))[0] as Decoded;
const finality = () => getObject(server.url + PATHS.finality, "LightClientFinalityUpdate");
const optimistic = () => getObject(server.url + PATHS.optimistic, "LightClientOptimisticUpdate");

function participants({ object }: Decoded): number | undefined {
  return object.syncAggregate?.syncCommitteeBits.getTrueBitIndexes().length;
}

function attestedSlot({ object }: Decoded): number {
  return object.attestedHeader?.beacon.slot as number;
}

describe("faults that break exactly one check", () => {
  const cases: [Fault, () => Promise<Decoded>, Check][] = [
    [{ kind: "wrong-bits" }, optimistic, "signature"],
    [{ kind: "wrong-bits", count: 3 }, update, "signature"],
    [{ kind: "wrong-branch", branch: "finality" }, finality, "finality"],
    [{ kind: "wrong-branch", branch: "next-sync-committee" }, update, "next committee"],
    [{ kind: "wrong-branch", branch: "current-sync-committee" }, bootstrap, "current committee"],
    [{ kind: "wrong-branch", branch: "execution" }, optimistic, "execution"],
    [{ kind: "wrong-branch", branch: "execution" }, bootstrap, "execution"],
    [{ kind: "wrong-signature" }, finality, "signature"],
    [{ kind: "wrong-signature", variant: "infinity" }, update, "signature"],
    [{ kind: "wrong-signature", variant: "garbage" }, optimistic, "signature"],
    [{ kind: "wrong-committee" }, bootstrap, "current committee"],
    [{ kind: "wrong-committee" }, update, "next committee"],
  ];
  for (const [fault, get, check] of cases) {
    it(`${JSON.stringify(fault)}: ${check}`, async () => {
      await switchOn(fault);
      assert.deepEqual(await checks(await get()), [check]);
      await switchOn();
      assert.deepEqual(await checks(await get()), []);
    });
  }
});

describe("faults that pass every check of the object itself", () => {
  it("short-participation: truly signed by few", async () => {
    await switchOn({ kind: "short-participation", participants: 10 });
    for (const get of [update, finality, optimistic]) {
      assert.equal(participants(await get()), 10);
      assert.deepEqual(await checks(await get()), []);
    }
  });

  it("forged-header: a header that no chain has, truly signed by a quarter", async () => {
    const honest = await update();
    await switchOn({ kind: "forged-header" });
    const forged = await update();
    assert.equal(participants(forged), 8);
    assert.deepEqual(await checks(forged), []);
    assert.equal(attestedSlot(forged), attestedSlot(honest));
    assert.notDeepEqual(forged.object.attestedHeader?.beacon.stateRoot, honest.object.attestedHeader?.beacon.stateRoot);
    assert.deepEqual(await checks(await finality()), []);
  });

  it("conflicting-next-committee: two truly signed updates disagree", async () => {
    const honest = await update();
    await switchOn({ kind: "conflicting-next-committee" });
    const forged = await update();
    assert.deepEqual(await checks(forged), []);
    assert.equal(participants(forged), 32);
    assert.notDeepEqual(forged.object.nextSyncCommittee, honest.object.nextSyncCommittee);
  });

  it("forged-finality: another finalized header, truly signed", async () => {
    await switchOn({ kind: "forged-finality" });
    const forged = await finality();
    assert.deepEqual(await checks(forged), []);
    assert.equal(forged.object.finalizedHeader?.beacon.slot, attestedSlot(forged) - 1);
  });

  it("no-finality: neither header nor branch", async () => {
    await switchOn({ kind: "no-finality" });
    const { object } = await finality();
    assert.equal(object.finalizedHeader?.beacon.slot, 0);
    assert.ok(object.finalityBranch?.every((node) => node.every((byte) => byte === 0)));
  });

  it("wrong-signature-slot: the signature stays valid within a fork and a period", async () => {
    const honest = await optimistic();
    await switchOn({ kind: "wrong-signature-slot", delta: -1 });
    const shifted = await optimistic();
    assert.equal(shifted.object.signatureSlot, (honest.object.signatureSlot as number) - 1);
    assert.equal(shifted.object.signatureSlot, attestedSlot(shifted));
  });

  it("stale-head: everything is as it was", async () => {
    await switchOn({ kind: "stale-head", slots: 20 });
    assert.equal(attestedSlot(await optimistic()), 129);
    assert.deepEqual(await checks(await finality()), []);
    const response = await fetch(`${server.url}/eth/v1/beacon/headers/head`);
    const { data } = (await response.json()) as { data: { root: string } };
    assert.equal(data.root, (await devnet.truth(130))?.root);
  });

  it("stale-finality: only finality is as it was", async () => {
    await switchOn({ kind: "stale-finality", slots: 20 });
    assert.equal(attestedSlot(await finality()), 129);
    assert.equal(attestedSlot(await optimistic()), 149);
  });

  it("equivocating-head: two truly signed headers at one slot", async () => {
    const honest = await optimistic();
    await switchOn({ kind: "equivocating-head" });
    const twin = await optimistic();
    assert.equal(attestedSlot(twin), attestedSlot(honest));
    assert.notDeepEqual(twin.object.attestedHeader, honest.object.attestedHeader);
    assert.deepEqual(await checks(twin), []);
    assert.deepEqual(await checks(await finality()), []);
    assert.equal(participants(twin), 32);
  });

  it("future-head: a real header ahead of the clock", async () => {
    await switchOn({ kind: "future-head", slots: 5 });
    const future = await optimistic();
    assert.equal(attestedSlot(future), 155);
    assert.deepEqual(await checks(future), []);
    assert.equal((await devnet.head()).slot, 150);
  });

  it("wrong-periods, extra-updates, empty-array: other updates than asked for", async () => {
    const periods = async (start: number, count: number) =>
      (await getUpdates(server.url, start, count)).map((item) => Math.floor(attestedSlot(item) / 64));
    await switchOn({ kind: "wrong-periods", delta: 1 });
    assert.deepEqual(await periods(0, 2), [1, 2]);
    await switchOn({ kind: "extra-updates", count: 2 });
    assert.deepEqual(await periods(0, 1), [0, 1, 2]);
    await switchOn({ kind: "empty-array" });
    assert.deepEqual(await periods(0, 1), []);
  });
});

describe("faults of encoding", () => {
  it("branch-length: one node more or less", async () => {
    const branch = async () => {
      const response = await fetch(server.url + PATHS.finality, { headers: JSON_ONLY });
      return ((await response.json()) as { data: { finality_branch: string[] } }).data.finality_branch.length;
    };
    await switchOn({ kind: "branch-length", branch: "finality", delta: 1 });
    assert.equal(await branch(), 8);
    await switchOn({ kind: "branch-length", branch: "finality", delta: -1 });
    assert.equal(await branch(), 6);
  });

  for (const fork of ["altair", "capella", "deneb", "fulu", "gloas"] as const) {
    it(`other-fork: an Electra object in the shape of ${fork}`, async () => {
      await switchOn({ kind: "other-fork", fork });
      for (const get of [bootstrap, update, finality, optimistic]) assert.equal((await get()).version, fork);
      const { version, bytes } = await getSsz(server.url + PATHS.updates(1, 1));
      assert.equal(version, fork);
      assert.equal(splitChunks(bytes).length, 1);
    });
  }

  it("other-fork without a claim still says what it should be", async () => {
    const honest = await getSsz(server.url + PATHS.finality);
    await switchOn({ kind: "other-fork", fork: "deneb", claim: false });
    const { version, bytes } = await getSsz(server.url + PATHS.finality);
    assert.equal(version, "electra");
    assert.equal(bytes.length, honest.bytes.length - 32);
  });

  it("wrong-version and missing-version", async () => {
    await switchOn({ kind: "wrong-version", version: "deneb,deneb" });
    assert.equal((await getSsz(server.url + PATHS.finality)).version, "deneb,deneb");
    await switchOn({ kind: "missing-version" });
    assert.equal((await getSsz(server.url + PATHS.finality)).version, null);
    const response = await fetch(server.url + PATHS.finality, { headers: JSON_ONLY });
    assert.deepEqual(Object.keys((await response.json()) as object), ["data"]);
  });

  it("wrong-digest", async () => {
    await switchOn({ kind: "wrong-digest" });
    const { bytes } = await getSsz(server.url + PATHS.updates(0, 2));
    assert.deepEqual(
      splitChunks(bytes).map(({ digest }) => digest),
      ["deadbeef", "deadbeef"],
    );
  });
});

describe("faults in Gloas", () => {
  it("forge states and bodies of that shape too", async () => {
    const gloas = await localDevnet({ forks: { electra: 0, fulu: 2, gloas: 4 } });
    try {
      await gloas.advance(150);
      const liar = await gloas.newServer();
      const get = async () => (await getUpdates(liar.url, 1, 1))[0] as Decoded;
      const run = async ({ version, object }: Decoded) =>
        failedChecks(gloas.info, version, object, await committeeAt(gloas, object.signatureSlot as number));
      const faults: [Fault, Check[]][] = [
        [{ kind: "conflicting-next-committee" }, []],
        [{ kind: "forged-header" }, []],
        [{ kind: "forged-finality" }, []],
        [{ kind: "wrong-branch", branch: "execution" }, ["execution"]],
        [{ kind: "wrong-branch", branch: "finality" }, ["finality"]],
        [{ kind: "wrong-branch", branch: "next-sync-committee" }, ["next committee"]],
      ];
      for (const [fault, expected] of faults) {
        await liar.setFaults([fault]);
        const item = await get();
        assert.equal(item.version, "gloas");
        assert.deepEqual(await run(item), expected, fault.kind);
      }
      await liar.setFaults([{ kind: "other-fork", fork: "electra" }]);
      assert.equal((await get()).version, "electra");
    } finally {
      await gloas.stop();
    }
  });
});
