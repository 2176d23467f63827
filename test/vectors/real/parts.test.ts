/** Single files beside the sessions: parts of objects, copies, and what else can be checked of them. */

import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import { mainnet } from "../../../src/networks/mainnet.js";
import {
  assertValidLightClientHeader,
  decodeBootstrap,
  initializeLightClientStore,
  isValidMerkleBranch,
} from "../../../src/spec/index.js";
import { floorlog2, getSubtreeIndex } from "../../../src/spec/merkle.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { decodeJson } from "../../../src/ssz/json.js";
import type { SszType } from "../../../src/ssz/type.js";
import { upgradeHeader } from "../../../src/ssz/upgrade.js";
import { describeWithData, readBytes, readJson, readYaml } from "../data-folder.js";
import { createConsensusTypes } from "../types/index.js";
import { contentValue, type ObjectFile, readObjects } from "./raw.js";
import { CHAINS, codeOf, countObject, decodeAny, type Kind } from "./session.js";
import { withoutBlobGas } from "./sessions.js";

const chain = CHAINS.mainnet;
const { types } = chain;

const ARGUMENT = "mainnet/deneb-argument";
const TRIN = "mainnet/trin-light-client";
const PORTAL = "mainnet/portal-spec-tests";

describeWithData("genesis of mainnet", () => {
  for (const file of ["updates-290-1418/genesis_mainnet.json", "bellatrix-capella-synapse/beacon_genesis.json"]) {
    it(`is what ${file} says`, () => {
      const json = readJson(`mainnet/${file}`) as Record<string, unknown>;
      const genesis = (json["data"] ?? json) as Record<string, string>;
      expect(genesis["genesis_time"]).to.equal(String(mainnet.genesisTime));
      expect(genesis["genesis_validators_root"]).to.equal(mainnet.genesisValidatorsRoot);
      expect(genesis["genesis_fork_version"]).to.equal(mainnet.forks.phase0.version);
    });
  }
});

describeWithData("files with the same object in JSON and in SSZ", () => {
  const pairs: readonly [kind: Kind, folder: string, name: string][] = [
    ["bootstrap", "committee-change", "Bootstrap"],
    ["update", "committee-change", "Update"],
    ["update", "committee-change", "UpdateNewPeriod"],
    ["bootstrap", "inclusion", "Bootstrap"],
    ["update", "inclusion", "Update"],
    ["finality", "inclusion", "FinalityUpdate"],
  ];

  for (const [kind, folder, name] of pairs) {
    it(`${folder}/LightClient${name}Deneb.ssz equals its JSON`, () => {
      const decode = (source: ObjectFile) => decodeAny(chain, kind, readObjects(source)[0]!);
      const json = decode({ file: `${ARGUMENT}/${folder}/base-data/${name}Deneb.json`, format: "json" });
      const ssz = decode({ file: `${ARGUMENT}/${folder}/LightClient${name}Deneb.ssz`, format: "ssz", fork: "deneb" });
      expect(isDeepStrictEqual(json, ssz)).to.equal(true);
    });
  }
});

describeWithData("parts of a Deneb bootstrap and update", () => {
  const { LightClientBootstrap, LightClientHeader, LightClientUpdate } = types.forks.deneb;
  const bootstrap = { type: LightClientBootstrap as SszType<unknown>, name: "LightClientBootstrap" };
  const update = { type: LightClientUpdate as SszType<unknown>, name: "LightClientUpdate" };
  const parts: readonly [name: string, type: SszType<unknown>, whole: typeof bootstrap, path: string[]][] = [
    ["BeaconBlockHeader", types.BeaconBlockHeader as SszType<unknown>, bootstrap, ["header", "beacon"]],
    [
      "ExecutionPayloadHeader",
      types.ExecutionPayloadHeaderDeneb as SszType<unknown>,
      bootstrap,
      ["header", "execution"],
    ],
    ["LightClientHeader", LightClientHeader as SszType<unknown>, bootstrap, ["header"]],
    ["SyncCommittee", types.SyncCommittee as SszType<unknown>, bootstrap, ["currentSyncCommittee"]],
    ["SyncAggregate", types.SyncAggregate as SszType<unknown>, update, ["syncAggregate"]],
  ];
  const read = (name: string) => readBytes(`${ARGUMENT}/committee-change/${name}Deneb.ssz`);

  for (const [name, type, whole, path] of parts) {
    it(`${name}Deneb.ssz is the ${path.join(".")} of ${whole.name}Deneb.ssz`, () => {
      const part = type.deserialize(read(name));
      expect(toHex(type.serialize(part))).to.equal(toHex(read(name)));
      const object = whole.type.deserialize(read(whole.name));
      const expected = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], object);
      expect(isDeepStrictEqual(part, expected)).to.equal(true);
      countObject(chain, ARGUMENT, 9_425_184);
    });
  }
});

describeWithData("Capella data in Deneb's shape with made-up blob gas (trin)", () => {
  for (const field of ["blob_gas_used", "excess_blob_gas"]) {
    it(`is refused for its ${field} alone where it is claimed to be Deneb, as no Capella block has any`, () => {
      const edit = (data: unknown) => withoutBlobGas(data, field);
      const [raw] = readObjects({ file: `${TRIN}/bootstrap.json`, format: "json", fork: "deneb", edit });
      const bootstrap = decodeBootstrap(chain, raw!);
      const root = types.BeaconBlockHeader.hashTreeRoot(bootstrap.header.beacon);
      expect(codeOf(() => initializeLightClientStore(chain, root, bootstrap))).to.equal("EXECUTION_UNEXPECTED");
      countObject(chain, TRIN, bootstrap.header.beacon.slot);
    });
  }
});

describeWithData("a light-client header of Electra alone (trin)", () => {
  it("has execution data that belongs to its block", () => {
    const yaml = readYaml(`${TRIN}/pectra_light_client_header.yaml`);
    const type = types.forks.electra.LightClientHeader;
    const wire = decodeJson(type, yaml, { object: "LightClientHeader", fork: "electra" });
    const header = upgradeHeader(types, wire, true);
    assertValidLightClientHeader(chain, "header", header);
    countObject(chain, TRIN, header.beacon.slot);
  });
});

describeWithData("data of the Portal network", () => {
  const summaries = (fork: string) =>
    `${PORTAL}/historical_summaries_with_proof/${fork}/historical_summaries_with_proof.yaml`;

  it("has in hive what it has elsewhere", () => {
    const copies = readYaml(`${PORTAL}/hive/test_data.yaml`) as unknown[];
    const names = ["bootstrap", "finality_update", "optimistic_update", "updates"];
    const originals = [...names.map((name) => `${PORTAL}/light_client/deneb/${name}.yaml`), summaries("deneb")];
    expect(copies.length).to.equal(originals.length);
    for (const [i, path] of originals.entries()) {
      expect(toHex(contentValue(copies[i])), path).to.equal(toHex(contentValue(readYaml(path))));
    }
  });

  it("has the block root of its bootstraps in the content key, and refuses a digest that is none", () => {
    for (const fork of ["capella", "deneb"]) {
      const file = `${PORTAL}/light_client/${fork}/bootstrap.yaml`;
      const [raw] = readObjects({ file, format: "portal" });
      const bootstrap = decodeBootstrap(chain, raw!);
      const key = (readYaml(file) as { content_key: string }).content_key;
      expect(key).to.equal(`0x10${toHex(types.BeaconBlockHeader.hashTreeRoot(bootstrap.header.beacon)).slice(2)}`);
      expect(() => decodeBootstrap(chain, { encoding: "ssz", bytes: new Uint8Array(), digest: "0x00000000" })).to.throw(
        /no fork of mainnet has the digest/,
      );
    }
  });

  for (const fork of ["deneb", "electra"] as const) {
    it(`proves the historical summaries of a random ${fork} state`, () => {
      const file = readYaml(summaries(fork)) as Record<string, string> & { historical_summaries_state_proof: string[] };
      const path = createConsensusTypes("mainnet")[fork].BeaconState.getPathInfo(["historicalSummaries"]);
      const gindex = Number(path.gindex);
      const branch = file.historical_summaries_state_proof.map(fromHex);
      const leaf = fromHex(file["historical_summaries_root"]!);
      const root = fromHex(file["beacon_state_root"]!);
      expect(branch.length).to.equal(floorlog2(gindex));
      expect(isValidMerkleBranch(leaf, branch, branch.length, getSubtreeIndex(gindex), root)).to.equal(true);
      countObject(chain, PORTAL, mainnet.forks[fork].epoch * mainnet.preset.slotsPerEpoch);
    });
  }
});
