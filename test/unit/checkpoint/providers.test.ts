import { expect } from "chai";
import { parse } from "yaml";
import * as lists from "../../../src/checkpoint/providers.js";
import { resolveQuorumOptions } from "../../../src/checkpoint/quorum-options.js";
import { networkByName } from "../../../src/networks/index.js";
import { readReference } from "../networks/reference-data.js";

const byNetwork = Object.entries(lists).map(([name, providers]) => ({
  network: networkByName(name.replace("CheckpointProviders", "")),
  providers,
}));

/** `https://a.example/` and `https://a.example` are one. */
function hosts(urls: readonly string[]): Set<string> {
  return new Set(urls.map((url) => new URL(url).host));
}

describe("the lists of public checkpoint providers", () => {
  it("are there for every network that is shipped", () => {
    expect(byNetwork.map(({ network }) => network.name)).to.have.members([
      "mainnet",
      "sepolia",
      "hoodi",
      "holesky",
      "gnosis",
      "chiado",
    ]);
  });

  for (const { network, providers } of byNetwork) {
    it(`of ${network.name}: reached by TLS, named, dated, each of somebody else`, () => {
      for (const { url, name, retrieved } of providers) {
        expect(url).to.match(/^https:\/\/[a-z0-9.-]+$/);
        expect(name).to.match(/\w/);
        expect(retrieved).to.match(/^202\d-(0\d|1[0-2])$/);
      }
      const required = providers.length > 1 ? {} : { required: 1 };
      expect(resolveQuorumOptions({ providers, ...required }).operators).to.equal(providers.length);
    });
  }

  for (const name of ["mainnet", "sepolia", "hoodi", "holesky"]) {
    it(`of ${name}: those that the public list has, without what is not protected by TLS`, function () {
      const text = readReference(this, `configs/checkpoint-sync-endpoints/${name}.yaml`);
      const listed = parse(text) as { endpoint: string }[];
      const secure = listed.map(({ endpoint }) => endpoint).filter((url) => url.startsWith("https:"));
      const { providers } = byNetwork.find(({ network }) => network.name === name)!;
      expect(hosts(providers.map(({ url }) => url))).to.deep.equal(hosts(secure));
    });
  }

  for (const name of ["mainnet", "sepolia", "hoodi"]) {
    it(`of ${name}: dated by the newer list where that has them`, function () {
      const listed = parse(readReference(this, `configs/ream-checkpoint-sync-sources/${name}.yaml`)) as string[];
      const { providers } = byNetwork.find(({ network }) => network.name === name)!;
      for (const { url, retrieved } of providers) {
        expect(retrieved).to.equal(hosts(listed).has(new URL(url).host) ? "2026-07" : "2025-07");
      }
    });
  }
});
