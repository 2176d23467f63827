/** What a server claims (fork name, digest) picks the container and nothing else. */
import { expect } from "chai";
import type { SidelightError } from "../../../src/errors.js";
import { decodeUpdate } from "../../../src/ssz/decode.js";
import type { RawObject } from "../../../src/transport/port.js";
import { DECODERS } from "../../support/decoders.js";
import { codeOf, expectCode, thrownBy } from "../../support/expect-code.js";
import { createForge, type Forge } from "../../support/forge.js";
import { forgeAt, staggeredForge } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import {
  blobScheduleNetwork,
  firstSlotOf,
  LIGHT_CLIENT_FORKS,
  networkAtFork,
  staggeredNetwork,
  testNetwork,
} from "../../support/networks.js";
import { oneOfEach } from "../../support/objects.js";
import { bytesHex, forkDigestOf } from "../../support/protocol.js";

describe("fork names", () => {
  let forge: Forge;
  before(async () => {
    forge = await forgeAt("deneb");
  });

  for (const claim of ["", "phase0", "Deneb", "deneb ", "heze", "__proto__", "constructor", "toString", "0"]) {
    it(`refuses ${JSON.stringify(claim)}`, () => {
      for (const forged of oneOfEach(forge, 100)) {
        for (const encoding of ["ssz", "json"] as const) {
          const run = () => DECODERS[forged.object](forge.chain, forged.raw({ encoding, claim }));
          const details = expectCode("FORK_UNKNOWN", run);
          expect(details).to.deep.equal({ object: forged.object, fork: claim });
        }
      }
    });
  }

  it("refuses what is no string, whatever a parser made of it", () => {
    const forged = forge.update({ attestedSlot: 100 });
    for (const claim of [4, true, {}, ["deneb"], null]) {
      const raw = { ...forged.raw({ encoding: "json" }), fork: claim } as unknown as RawObject;
      const details = expectCode("FORK_UNKNOWN", () => decodeUpdate(forge.chain, raw));
      expect(details.fork).to.be.a("string");
    }
  });

  it("keeps its errors short however long a name or digest is", () => {
    const long = "x".repeat(1_000_000);
    const forged = forge.update({ attestedSlot: 100 });
    for (const raw of [forged.raw({ claim: long }), forged.raw({ digest: long })]) {
      const thrown = thrownBy(() => decodeUpdate(forge.chain, raw)) as SidelightError;
      expect(thrown.code).to.be.oneOf(["FORK_UNKNOWN", "FORK_DIGEST_UNKNOWN"]);
      expect(JSON.stringify(thrown).length).to.be.lessThan(1000);
    }
  });

  it("refuses SSZ without a name or digest", () => {
    for (const forged of oneOfEach(forge, 100)) {
      const raw = forged.raw({ claim: null });
      const details = expectCode("DECODE_FAILED", () => DECODERS[forged.object](forge.chain, raw));
      expect(details.expected).to.contain("fork's name or digest");
    }
  });
});

describe("JSON without a fork name", () => {
  for (const fork of LIGHT_CLIENT_FORKS) {
    it(`is read in the shape of its slot's fork: ${fork}`, async () => {
      const forge = await staggeredForge();
      const slot = firstSlotOf(forge.network, fork) + 30;
      for (const forged of oneOfEach(forge, slot)) {
        expect(forged.fork).to.equal(fork);
        const value = forged.value({ encoding: "json", claim: null });
        expect(contentOf(value)).to.equal(contentOf(forged.value()));
      }
    });
  }

  it("is refused at a slot before Altair", async () => {
    const forge = await createForge({ network: testNetwork({ forks: { altair: 10 } }) });
    for (const forged of oneOfEach(forge, 79)) {
      for (const claim of [null, "altair"]) {
        const raw = forged.raw({ encoding: "json", claim });
        const details = expectCode("FORK_MISMATCH", () => DECODERS[forged.object](forge.chain, raw));
        expect(details).to.include({ slot: 79, slotFork: "phase0" });
      }
      expectCode("FORK_MISMATCH", () => DECODERS[forged.object](forge.chain, forged.raw()));
    }
    for (const forged of oneOfEach(forge, 80))
      expect(forged.value({ encoding: "json", claim: null })).to.be.an("object");
  });

  it("is refused when there is no slot to go by", async () => {
    const forge = await forgeAt("deneb");
    const header = { beacon: { slot: 1 } };
    const values = [
      null,
      undefined,
      5,
      "x",
      [],
      {},
      { header: null, attested_header: null },
      { header: 1, attested_header: "x" },
    ];
    for (const value of [
      ...values,
      { header, attested_header: header },
      { header: { beacon: [] }, attested_header: {} },
    ]) {
      for (const decode of Object.values(DECODERS)) {
        expectCode("DECODE_FAILED", () => decode(forge.chain, { encoding: "json", value }));
      }
    }
  });
});

describe("fork digests", () => {
  it("pick the fork at every epoch, blob schedule included", async () => {
    for (const network of [staggeredNetwork(), blobScheduleNetwork()]) {
      const forge = await createForge({ network });
      const digests = new Set<string>();
      for (let epoch = 6; epoch < 130; epoch += 8) {
        const slot = epoch * 8 + 3;
        digests.add(forkDigestOf(network, slot));
        const forged = forge.optimisticUpdate({ attestedSlot: slot });
        expect(contentOf(forged.value({ digest: true }))).to.equal(contentOf(forged.value()));
      }
      // every fork of the first network, four blob limits and forks of the second
      expect(digests.size).to.equal(network.name === "blobs" ? 4 : LIGHT_CLIENT_FORKS.length);
      expect([...forge.chain.forkOfDigest.keys()]).to.include.members([...digests]);
    }
  });

  it("are read in either case", async () => {
    const forge = await forgeAt("fulu");
    const forged = forge.update({ attestedSlot: 100 });
    const digest = forkDigestOf(forge.network, 100).toUpperCase().replace("0X", "0x");
    expect(contentOf(forged.value({ digest }))).to.equal(contentOf(forged.value()));
  });

  it("are refused when no fork of the network has them", async () => {
    const forge = await forgeAt("fulu");
    const neighbour = forkDigestOf(staggeredNetwork(), 8 * 110);
    for (const forged of oneOfEach(forge, 100)) {
      for (const digest of ["0x00000000", "0xffffffff", "", "0x", neighbour, "__proto__"]) {
        const raw = forged.raw({ digest });
        const details = expectCode("FORK_DIGEST_UNKNOWN", () => DECODERS[forged.object](forge.chain, raw));
        expect(details).to.deep.equal({ object: forged.object, digest });
      }
    }
  });

  it("are refused when they are Phase 0's", async () => {
    const network = testNetwork({ forks: { altair: 10 } });
    const forge = await createForge({ network });
    const raw = forge.update({ attestedSlot: 100 }).raw({ digest: forkDigestOf(network, 0) });
    expectCode("FORK_DIGEST_UNKNOWN", () => decodeUpdate(forge.chain, raw));
  });

  it("are those of the fork version alone before Fulu", async () => {
    const [plain, blobs] = [networkAtFork("electra"), { ...networkAtFork("electra"), maxBlobsPerBlockElectra: 3 }];
    expect(forkDigestOf(plain, 8)).to.equal(forkDigestOf(blobs, 8));
    const forges = await Promise.all([plain, blobs].map((network) => createForge({ network })));
    expect([...forges[0]!.chain.forkOfDigest.keys()]).to.deep.equal([...forges[1]!.chain.forkOfDigest.keys()]);
  });

  it("count before the name that came with them", async () => {
    const forge = await forgeAt("electra");
    const forged = forge.update({ attestedSlot: 100 });
    const raw = { ...forged.raw({ digest: true }), fork: "altair" };
    expect(codeOf(() => decodeUpdate(forge.chain, raw))).to.equal(null);
    expect(bytesHex(forge.chain.genesisValidatorsRoot)).to.equal(forge.network.genesisValidatorsRoot);
  });
});

describe("Altair's old JSON form", () => {
  /** The object with the headers' fields where `beacon` is today. */
  function flattened(json: Record<string, unknown>, keys = ["header", "attested_header", "finalized_header"]): object {
    const flat = (value: unknown) => (value as { beacon: object }).beacon;
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [key, keys.includes(key) ? flat(value) : value]),
    );
  }

  for (const fork of ["altair", "bellatrix"] as const) {
    it(`is read for ${fork}, each header for itself, with a name or without`, async () => {
      const forge = await forgeAt(fork);
      for (const forged of oneOfEach(forge, 100)) {
        for (const keys of [undefined, ["finalized_header"], ["attested_header"]]) {
          for (const claim of [{ fork }, {}]) {
            const raw: RawObject = { encoding: "json", value: flattened(forged.json(), keys), ...claim };
            expect(contentOf(DECODERS[forged.object](forge.chain, raw))).to.equal(contentOf(forged.value()));
          }
        }
      }
    });
  }

  it("is refused from Capella on, and where there is a beacon header as well", async () => {
    for (const fork of LIGHT_CLIENT_FORKS.slice(2)) {
      const forge = await forgeAt(fork);
      for (const forged of oneOfEach(forge, 100)) {
        const raw: RawObject = { encoding: "json", value: flattened(forged.json()), fork };
        expectCode("DECODE_FAILED", () => DECODERS[forged.object](forge.chain, raw));
      }
    }
    const forge = await forgeAt("altair");
    const value = forge.bootstrap(100).json() as { header: { beacon: object } };
    value.header = { ...value.header.beacon, beacon: {} };
    expectCode("DECODE_FAILED", () =>
      DECODERS.LightClientBootstrap(forge.chain, { encoding: "json", value, fork: "altair" }),
    );
  });
});
