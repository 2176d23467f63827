import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, describe, it } from "node:test";
import { computeDescriptor, createNodeFromProof, ProofType } from "@chainsafe/persistent-merkle-tree";
import { ssz } from "@lodestar/types";
import { type Devnet, type DevnetServer, ROUTE_NAMES } from "../src/client.ts";
import { getJson, getSsz, JSON_ONLY, PATHS, SSZ_ONLY, type Versioned } from "./api.ts";
import { localDevnet } from "./local.ts";
import { codec, type TypeName } from "./verify.ts";

let devnet: Devnet;

before(async () => {
  devnet = await localDevnet({ forks: { electra: 1, fulu: 2 }, patterns: [{ from: 70, to: 70, missed: true }] });
  await devnet.advance(100);
});
after(() => devnet.stop());

async function status(path: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(devnet.url + path, { headers });
  await response.arrayBuffer();
  return response.status;
}

describe("light-client routes", () => {
  const single: [string, TypeName, () => Promise<string>][] = [
    ["bootstrap", "LightClientBootstrap", async () => PATHS.bootstrap((await devnet.checkpoint()).root)],
    ["finality_update", "LightClientFinalityUpdate", async () => PATHS.finality],
    ["optimistic_update", "LightClientOptimisticUpdate", async () => PATHS.optimistic],
  ];
  for (const [name, type, path] of single) {
    it(`${name}: JSON and SSZ describe the same object`, async () => {
      const url = devnet.url + (await path());
      const json = await getJson<Versioned>(url);
      const { version, bytes } = await getSsz(url);
      assert.equal(version, json.version);
      assert.deepEqual(codec(json.version, type).toJson(codec(json.version, type).deserialize(bytes)), json.data);
    });
  }

  it("bootstrap: 404 for an unknown root, 400 for something else", async () => {
    assert.equal(await status(PATHS.bootstrap(`0x${"11".repeat(32)}`)), 404);
    assert.equal(await status(PATHS.bootstrap("0x1234")), 400);
  });

  it("updates: no more than there are, 400 for a bad query", async () => {
    const list = await getJson<unknown[]>(devnet.url + PATHS.updates(1, 100));
    assert.equal(list.length, 1);
    assert.deepEqual(await getJson(devnet.url + PATHS.updates(7, 2)), []);
    assert.equal(await status("/eth/v1/beacon/light_client/updates?start_period=0"), 400);
  });

  it("finality and optimistic update: 404 before anybody signed", async () => {
    const young = await localDevnet({});
    const answers = await Promise.all([PATHS.finality, PATHS.optimistic].map((path) => fetch(young.url + path)));
    await young.stop();
    assert.deepEqual(
      answers.map((answer) => answer.status),
      [404, 404],
    );
  });
});

describe("chain routes", () => {
  it("know genesis, fork schedule and configuration", async () => {
    const { data } = await getJson<{ data: Record<string, string> }>(`${devnet.url}/eth/v1/beacon/genesis`);
    assert.equal(data.genesis_validators_root, devnet.info.genesisValidatorsRoot);
    assert.equal(Number(data.genesis_time), devnet.info.genesisTime);
    const spec = await getJson<{ data: Record<string, string> }>(`${devnet.url}/eth/v1/config/spec`);
    const expected = {
      SECONDS_PER_SLOT: "6",
      SLOT_DURATION_MS: "6000",
      SYNC_COMMITTEE_SIZE: "32",
      FULU_FORK_EPOCH: "2",
    };
    assert.deepEqual({ ...spec.data, ...expected }, spec.data);
    assert.deepEqual(spec.data, devnet.info.spec);
    const forks = await getJson<{ data: unknown[] }>(`${devnet.url}/eth/v1/config/fork_schedule`);
    assert.equal(forks.data.length, 7);
  });

  it("find blocks by every kind of id, and none in a missed slot", async () => {
    const head = await devnet.head();
    const finalized = await devnet.finalized();
    const rootOf = async (id: string) =>
      (await getJson<{ data: { root: string } }>(`${devnet.url}/eth/v1/beacon/headers/${id}`)).data.root;
    assert.equal(await rootOf("head"), head.root);
    assert.equal(await rootOf(String(head.slot)), head.root);
    assert.equal(await rootOf(head.root), head.root);
    assert.equal(await rootOf("finalized"), finalized.root);
    assert.equal(await rootOf("genesis"), devnet.info.genesisBlockRoot);
    assert.equal(await status("/eth/v1/beacon/headers/70"), 404);
    assert.equal(await status("/eth/v1/beacon/headers/next"), 400);
    assert.deepEqual((await getJson<{ data: unknown[] }>(`${devnet.url}/eth/v1/beacon/headers?slot=70`)).data, []);
  });

  it("serve blocks whose root is the header's", async () => {
    const { version, bytes } = await getSsz(`${devnet.url}/eth/v2/beacon/blocks/head`);
    assert.equal(version, "fulu");
    const block = ssz.fulu.SignedBeaconBlock.deserialize(bytes);
    const root = Buffer.from(ssz.fulu.BeaconBlock.hashTreeRoot(block.message)).toString("hex");
    assert.equal(`0x${root}`, (await devnet.head()).root);
    const json = await getJson<{ data: unknown }>(`${devnet.url}/eth/v2/beacon/blocks/head`);
    assert.deepEqual(ssz.fulu.SignedBeaconBlock.toJson(block), json.data);
  });

  it("serve states whose root is the block's, and states of empty slots", async () => {
    const { bytes } = await getSsz(`${devnet.url}/eth/v2/debug/beacon/states/finalized`);
    const state = ssz.fulu.BeaconState.deserializeToViewDU(bytes);
    const root = Buffer.from(state.hashTreeRoot()).toString("hex");
    assert.equal(`0x${root}`, (await devnet.finalized()).stateRoot);
    const empty = await getSsz(`${devnet.url}/eth/v2/debug/beacon/states/70`);
    assert.equal(ssz.fulu.BeaconState.deserialize(empty.bytes).slot, 70);
  });

  it("prove parts of a state and of a block as compact multiproofs", async () => {
    const head = await devnet.head();
    const descriptor = (gindex: bigint) => Buffer.from(computeDescriptor([gindex])).toString("hex");
    const proofs: [string, string][] = [
      [`/eth/v0/beacon/proof/state/${head.stateRoot}?format=0x${descriptor(169n)}`, head.stateRoot],
      [`/eth/v0/beacon/proof/block/head?format=0x${descriptor(11n)}`, head.root],
    ];
    for (const [path, root] of proofs) {
      const { data } = await getJson<{ data: { leaves: string[]; descriptor: string } }>(devnet.url + path);
      const leaves = data.leaves.map((leaf) => new Uint8Array(Buffer.from(leaf.slice(2), "hex")));
      const bits = new Uint8Array(Buffer.from(data.descriptor.slice(2), "hex"));
      const node = createNodeFromProof({ type: ProofType.compactMulti, leaves, descriptor: bits });
      assert.equal(`0x${Buffer.from(node.root).toString("hex")}`, root);
      const { bytes } = await getSsz(devnet.url + path);
      assert.equal(bytes.length, 8 + 32 * leaves.length + bits.length);
    }
    assert.equal(await status("/eth/v0/beacon/proof/state/head?format=0xff"), 400);
  });

  it("answer everything else that a client asks for", async () => {
    const paths = [
      "/eth/v1/beacon/blocks/head/root",
      "/eth/v1/beacon/states/head/root",
      "/eth/v1/beacon/states/justified/finality_checkpoints",
      "/eth/v1/beacon/states/head/validators/5",
      "/eth/v1/node/version",
      "/eth/v1/node/syncing",
      "/eth/v1/node/health",
      "/eth/v1/node/identity",
    ];
    for (const path of paths) assert.equal(await status(path), 200, path);
    assert.equal(await status("/eth/v1/nothing"), 404);
  });
});

describe("content negotiation", () => {
  const cases: [string, string, number, string][] = [
    ["nothing", "", 200, "application/json"],
    ["anything", "*/*", 200, "application/json"],
    ["SSZ before JSON", "application/octet-stream;q=1, application/json;q=0.5", 200, "application/octet-stream"],
    ["JSON before SSZ", "application/octet-stream;q=0.4,application/json;q=0.9", 200, "application/json"],
    ["HTML only", "text/html", 406, "application/json"],
  ];
  for (const [name, accept, expected, type] of cases) {
    it(`${name}: ${expected} ${type}`, async () => {
      const { code, contentType } = await rawGet(devnet.url + PATHS.finality, accept);
      assert.equal(code, expected);
      assert.ok(contentType.startsWith(type), contentType);
    });
  }

  it("refuses SSZ where there is none", async () => {
    assert.equal(await status("/eth/v1/config/spec", SSZ_ONLY), 406);
    assert.equal(await status("/eth/v1/config/spec", JSON_ONLY), 200);
  });
});

/** fetch always sends an Accept header. */
function rawGet(url: string, accept: string): Promise<{ code: number; contentType: string }> {
  return new Promise((resolve, reject) => {
    get(url, { headers: accept === "" ? {} : { accept }, agent: false }, (response) => {
      response.resume();
      resolve({ code: response.statusCode ?? 0, contentType: String(response.headers["content-type"]) });
    }).on("error", reject);
  });
}

describe("CORS", () => {
  it("lets every origin in, and shows the version header", async () => {
    const response = await fetch(devnet.url + PATHS.finality);
    await response.arrayBuffer();
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.equal(response.headers.get("access-control-expose-headers"), "Eth-Consensus-Version");
  });

  it("answers a preflight", async () => {
    const headers = { origin: "https://a.example", "access-control-request-headers": "accept,x-key" };
    const response = await fetch(devnet.url + PATHS.finality, { method: "OPTIONS", headers });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get("access-control-allow-headers"), "accept,x-key");
  });
});

describe("the request log", () => {
  let server: DevnetServer;
  before(async () => {
    server = await devnet.newServer();
  });
  after(() => server.close());

  it("tells what was asked and answered, a log a server", async () => {
    await fetch(server.url + PATHS.optimistic, { headers: SSZ_ONLY }).then((response) => response.arrayBuffer());
    await fetch(`${server.url}/nowhere`).then((response) => response.arrayBuffer());
    const [first, second] = await server.requests();
    assert.equal(first?.route, "optimistic_update");
    assert.deepEqual(
      [first?.method, first?.path, first?.accept],
      ["GET", PATHS.optimistic, "application/octet-stream"],
    );
    assert.deepEqual([first?.status, first?.contentType], [200, "application/octet-stream"]);
    assert.ok(first && first.bytes > 500);
    assert.deepEqual([second?.route, second?.status], ["unknown", 404]);
    await server.clearRequests();
    assert.deepEqual(await server.requests(), []);
  });

  it("knows every route by name", () => {
    assert.equal(new Set(ROUTE_NAMES).size, ROUTE_NAMES.length);
  });
});
