/** consensus-specs `tests/formats/light_client/sync.md`. */
import { expect } from "chai";
import { computeEpochAtSlot, forkAtSlot, forkDigests } from "../../../src/networks/schedule.js";
import type { LightClientFork, Network } from "../../../src/networks/types.js";
import {
  type Chain,
  createChain,
  decodeBootstrap,
  decodeUpdate,
  getLcExecutionRoot,
  initializeLightClientStore,
  type LightClientHeader,
  type LightClientStore,
  processLightClientStoreForceUpdate,
  processLightClientUpdate,
} from "../../../src/spec/index.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { sha256 } from "../../../src/ssz/hash.js";
import { beaconHeaderRoot } from "../../../src/ssz/roots.js";
import { everyBls } from "../../support/backends.js";
import { describeWithData, readSszSnappy, readYaml } from "../data-folder.js";
import { casesOf, countCase, labelOf, type VectorCase } from "./cases.js";
import { networkOfConfig, networkOfFork } from "./networks.js";

/** v1.6 has `store_fork_digest` where v1.7 has `store_fork_version`. */
interface Meta {
  readonly genesis_validators_root: string;
  readonly trusted_block_root: string;
  readonly bootstrap_fork_digest: string;
  readonly store_fork_digest?: string;
  readonly store_fork_version?: string;
}

interface HeaderCheck {
  readonly slot: string;
  readonly beacon_root: string;
  /** From Capella on. */
  readonly execution_root?: string;
}

interface Step {
  readonly checks: { readonly finalized_header: HeaderCheck; readonly optimistic_header: HeaderCheck };
  readonly current_slot?: string;
  readonly update?: string;
  readonly update_fork_digest?: string;
  readonly store_fork_digest?: string;
  readonly store_fork_version?: string;
}

/** The keys that each step has beside `checks`; a store's fork comes in one of two ways. */
const STEP_KEYS: Readonly<Record<string, readonly string[]>> = {
  process_update: ["update_fork_digest", "update", "current_slot"],
  force_update: ["current_slot"],
  upgrade_store: ["store_fork"],
};

const bls = everyBls();

describeWithData("light_client/sync", function () {
  this.timeout(60_000);

  before(() => bls.ready());

  for (const vector of casesOf("light_client", "sync")) {
    it(`${labelOf(vector)}: every step ends in the stated headers`, () => {
      runCase(vector);
      countCase(vector);
    });
  }
});

function runCase(vector: VectorCase): void {
  const read = (name: string) => readSszSnappy(`${vector.folder}/${name}.ssz_snappy`);
  const meta = readYaml(`${vector.folder}/meta.yaml`) as Meta;
  const config = readYaml(`${vector.folder}/config.yaml`);
  const chain = createChain(networkOfConfig(config, meta.genesis_validators_root), bls);
  assertStoreFork(chain, meta, vector);

  const digest = meta.bootstrap_fork_digest;
  const bootstrap = decodeBootstrap(chain, { encoding: "ssz", bytes: read("bootstrap"), digest });
  assertDigest(chain, digest, bootstrap.header);
  let store = initializeLightClientStore(chain, fromHex(meta.trusted_block_root), bootstrap);

  const unused = new Set(vector.files.filter((file) => file.startsWith("update_")));
  const steps = readYaml(`${vector.folder}/steps.yaml`) as Record<string, Step>[];
  for (const [i, wrapped] of steps.entries()) {
    const [kind, step] = readStep(wrapped);
    if (kind === "process_update") {
      unused.delete(`${step.update}.ssz_snappy`);
      store = processStep(chain, store, step, read(step.update!));
    } else if (kind === "force_update") {
      store = processLightClientStoreForceUpdate(chain, store, Number(step.current_slot));
    } else {
      // the library's store always has the newest shape: nothing to upgrade, and the checks must hold all the same
      assertStoreFork(chain, step, vector);
    }
    const name = `step ${i} (${kind})`;
    assertHeader(chain, `${name}, finalized header`, store.finalizedHeader, step.checks.finalized_header);
    assertHeader(chain, `${name}, optimistic header`, store.optimisticHeader, step.checks.optimistic_header);
  }
  expect([...unused], "updates that no step uses").to.deep.equal([]);
}

function processStep(chain: Chain, store: LightClientStore, step: Step, bytes: Uint8Array): LightClientStore {
  const update = decodeUpdate(chain, { encoding: "ssz", bytes, digest: step.update_fork_digest! });
  assertDigest(chain, step.update_fork_digest!, update.attestedHeader);
  return processLightClientUpdate(chain, store, update, Number(step.current_slot));
}

/** The digest is the one in force at the header's epoch: that of its fork, from Fulu on also of its blob parameters. */
function assertDigest(chain: Chain, digest: string, { beacon }: LightClientHeader): void {
  const epoch = computeEpochAtSlot(chain.network, beacon.slot);
  const inForce = forkDigests(chain.network, sha256)
    .filter((entry) => entry.epoch <= epoch)
    .at(-1);
  expect(inForce?.digest, `digest at slot ${beacon.slot}`).to.equal(digest);
  expect(chain.forkOfDigest.get(digest)).to.equal(forkAtSlot(chain.network, beacon.slot));
}

/** The store's fork is one of the network, or a newer one whose store holds this network's data. */
function assertStoreFork({ network }: Chain, fork: Partial<Meta>, vector: VectorCase): void {
  const newer = /^([a-z]+)_store_with_legacy_data$/.exec(vector.name)?.[1] as LightClientFork | undefined;
  const storeNetwork: Network =
    newer === undefined
      ? network
      : {
          ...networkOfFork(newer, vector.preset as "minimal"),
          genesisValidatorsRoot: network.genesisValidatorsRoot,
        };
  const versions = Object.values(storeNetwork.forks).map(({ version }) => version);
  if (fork.store_fork_version !== undefined) expect(versions).to.include(fork.store_fork_version);
  else expect(forkDigests(storeNetwork, sha256).map(({ digest }) => digest)).to.include(fork.store_fork_digest);
}

function assertHeader(chain: Chain, name: string, header: LightClientHeader, check: HeaderCheck): void {
  expect(Object.keys(check), name).to.satisfy((keys: string[]) => keys.every((key) => HEADER_KEYS.includes(key)));
  expect(header.beacon.slot, `${name}: slot`).to.equal(Number(check.slot));
  expect(toHex(beaconHeaderRoot(chain.types, header.beacon)), `${name}: beacon root`).to.equal(check.beacon_root);
  if (check.execution_root === undefined) return;
  expect(toHex(getLcExecutionRoot(chain, header)), `${name}: execution root`).to.equal(check.execution_root);
}

const HEADER_KEYS = ["slot", "beacon_root", "execution_root"];

/** A step is an object with one key; one of an unknown kind, or with keys that nobody looks at, fails. */
function readStep(wrapped: Record<string, Step>): [kind: string, step: Step] {
  const [entry, ...others] = Object.entries(wrapped);
  expect(others).to.deep.equal([]);
  const [kind, step] = entry!;
  const keys = Object.keys(step).map((key) => key.replace(/^store_fork_(digest|version)$/, "store_fork"));
  expect(STEP_KEYS, "kinds of steps").to.have.property(kind);
  expect(keys, kind).to.have.members([...STEP_KEYS[kind]!, "checks"]);
  return [kind, step];
}
