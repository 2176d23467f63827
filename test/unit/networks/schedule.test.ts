import { expect } from "chai";
import fc from "fast-check";
import {
  chiado,
  gnosis,
  holesky,
  hoodi,
  mainnet,
  minimalPreset,
  type Network,
  sepolia,
} from "../../../src/networks/index.js";
import {
  blobParametersAtEpoch,
  computeEpochAtSlot,
  computeSyncCommitteePeriodAtEpoch,
  computeSyncCommitteePeriodAtSlot,
  forkAtEpoch,
  forkAtSlot,
  forkDigests,
  forkVersionAtEpoch,
  slotAtTime,
  timeOfSlotMs,
} from "../../../src/networks/schedule.js";
import { LIGHT_CLIENT_FORKS } from "../../../src/networks/types.js";
import { readReference, sha256, upTo, withForks } from "./reference-data.js";

const networks = [mainnet, sepolia, hoodi, holesky, gnosis, chiado];
const anyNetwork = fc.constantFrom(...networks, { ...mainnet, preset: minimalPreset, slotDurationMs: 6000 });
const anySlot = fc.integer({ min: -1_000_000, max: 2 ** 40 });
/** Whose start in milliseconds is a safe integer. */
const anyTimedSlot = fc.integer({ min: -1_000_000, max: 2 ** 36 });
const anyEpoch = fc.integer({ min: -1_000_000, max: 2 ** 40 });

describe("computeEpochAtSlot", () => {
  it("puts a slot into the epoch that spans it", () => {
    fc.assert(
      fc.property(anyNetwork, anySlot, (network, slot) => {
        const first = computeEpochAtSlot(network, slot) * network.preset.slotsPerEpoch;
        return first <= slot && slot < first + network.preset.slotsPerEpoch;
      }),
    );
  });

  it("starts epochs where the presets say", () => {
    expect(computeEpochAtSlot(mainnet, 31)).to.equal(0);
    expect(computeEpochAtSlot(mainnet, 32)).to.equal(1);
    expect(computeEpochAtSlot(gnosis, 15)).to.equal(0);
    expect(computeEpochAtSlot(gnosis, 16)).to.equal(1);
    expect(computeEpochAtSlot(mainnet, -1)).to.equal(-1);
  });
});

describe("computeSyncCommitteePeriodAtSlot", () => {
  it("agrees with the period of the slot's epoch and spans a whole period", () => {
    fc.assert(
      fc.property(anyNetwork, anySlot, (network, slot) => {
        const period = computeSyncCommitteePeriodAtSlot(network, slot);
        const length = network.preset.slotsPerEpoch * network.preset.epochsPerSyncCommitteePeriod;
        expect(period).to.equal(computeSyncCommitteePeriodAtEpoch(network, computeEpochAtSlot(network, slot)));
        expect(period).to.equal(Math.floor(slot / length));
        expect(computeSyncCommitteePeriodAtSlot(network, slot + length)).to.equal(period + 1);
      }),
    );
  });

  it("knows the periods of recorded mainnet data", () => {
    expect(computeSyncCommitteePeriodAtSlot(mainnet, 14_017_856)).to.equal(1711);
    expect(computeSyncCommitteePeriodAtSlot(mainnet, 7_069_376)).to.equal(862);
  });
});

describe("slotAtTime", () => {
  it("is the slot whose span the time lies in, before genesis too", () => {
    fc.assert(
      fc.property(anyNetwork, anyTimedSlot, fc.double({ min: 0, max: 0.999, noNaN: true }), (network, slot, part) => {
        const start = timeOfSlotMs(network, slot);
        expect(slotAtTime(network, start)).to.equal(slot);
        expect(slotAtTime(network, start + Math.floor(network.slotDurationMs * part))).to.equal(slot);
        expect(slotAtTime(network, start - 1)).to.equal(slot - 1);
      }),
    );
  });

  it("counts below zero before genesis", () => {
    expect(slotAtTime(mainnet, 1_606_824_023_000)).to.equal(0);
    expect(slotAtTime(mainnet, 1_606_824_022_999)).to.equal(-1);
    expect(slotAtTime(mainnet, 1_606_824_023_000 - 12_001)).to.equal(-2);
  });
});

describe("timeOfSlotMs", () => {
  it("gives the published activation times", () => {
    expect(timeOfSlotMs(mainnet, 411_392 * 32)).to.equal(Date.UTC(2025, 11, 3, 21, 49, 11));
    expect(timeOfSlotMs(sepolia, 11_296_768)).to.equal(Date.UTC(2026, 9, 6, 13, 53, 36));
    expect(timeOfSlotMs(gnosis, 1_714_688 * 16)).to.equal(Date.UTC(2026, 3, 14, 12, 6, 20));
    expect(timeOfSlotMs(chiado, 21_651_456)).to.equal(Date.UTC(2026, 2, 16, 9, 33, 0));
    expect(timeOfSlotMs(hoodi, 2048 * 32)).to.equal(1_742_999_832_000);
    expect(timeOfSlotMs(holesky, 165_120 * 32)).to.equal(1_759_308_480_000);
  });
});

describe("forkAtEpoch", () => {
  it("changes exactly at the epoch of each fork", () => {
    for (const network of networks) {
      for (const fork of LIGHT_CLIENT_FORKS) {
        const { epoch } = network.forks[fork];
        if (epoch === Infinity || epoch === 0) continue;
        expect(forkAtEpoch(network, epoch), `${network.name} ${fork}`).to.equal(fork);
        expect(forkAtEpoch(network, epoch - 1), `${network.name} before ${fork}`).to.not.equal(fork);
      }
    }
  });

  it("names the newest of several forks that start at one epoch", () => {
    expect(forkAtEpoch(hoodi, 0)).to.equal("deneb");
    expect(forkAtEpoch(holesky, 0)).to.equal("bellatrix");
  });

  it("never goes back to an older fork", () => {
    fc.assert(
      fc.property(anyNetwork, anyEpoch, fc.nat(), (network, epoch, later) => {
        const order = ["phase0", ...LIGHT_CLIENT_FORKS];
        return order.indexOf(forkAtEpoch(network, epoch)) <= order.indexOf(forkAtEpoch(network, epoch + later));
      }),
    );
  });

  it("applies the rules of genesis before genesis", () => {
    expect(forkAtEpoch(hoodi, -1)).to.equal("deneb");
    expect(forkAtEpoch(mainnet, -1)).to.equal("phase0");
  });

  it("never names a fork that is not scheduled", () => {
    expect(forkAtEpoch(mainnet, Infinity)).to.equal("fulu");
    expect(forkAtEpoch(upTo(mainnet, "phase0"), 2 ** 40)).to.equal("phase0");
  });
});

describe("forkAtSlot", () => {
  it("changes at the first slot of the fork's epoch", () => {
    expect(forkAtSlot(mainnet, 411_392 * 32 - 1)).to.equal("electra");
    expect(forkAtSlot(mainnet, 411_392 * 32)).to.equal("fulu");
    expect(forkAtSlot(gnosis, 1_714_688 * 16 - 1)).to.equal("electra");
    expect(forkAtSlot(gnosis, 1_714_688 * 16)).to.equal("fulu");
  });
});

describe("forkVersionAtEpoch", () => {
  it("is the version of the fork in force", () => {
    expect(forkVersionAtEpoch(mainnet, 0)).to.equal("0x00000000");
    expect(forkVersionAtEpoch(mainnet, 364_031)).to.equal("0x04000000");
    expect(forkVersionAtEpoch(mainnet, 364_032)).to.equal("0x05000000");
    expect(forkVersionAtEpoch(sepolia, 353_024)).to.equal("0x90000076");
  });
});

describe("blobParametersAtEpoch", () => {
  it("is Electra's limit until the schedule begins, then the latest entry", () => {
    const electra = { epoch: 364_032, maxBlobsPerBlock: 9 };
    expect(blobParametersAtEpoch(mainnet, 364_032)).to.deep.equal(electra);
    expect(blobParametersAtEpoch(mainnet, 412_671)).to.deep.equal(electra);
    expect(blobParametersAtEpoch(mainnet, 412_672)).to.deep.equal({ epoch: 412_672, maxBlobsPerBlock: 15 });
    expect(blobParametersAtEpoch(mainnet, 419_071)).to.deep.equal({ epoch: 412_672, maxBlobsPerBlock: 15 });
    expect(blobParametersAtEpoch(mainnet, 10_000_000)).to.deep.equal({ epoch: 419_072, maxBlobsPerBlock: 21 });
  });

  it("does not depend on the order of the schedule", () => {
    const reversed = { ...mainnet, blobSchedule: [...mainnet.blobSchedule].reverse() };
    fc.assert(
      fc.property(fc.integer({ min: 364_032, max: 500_000 }), (epoch) => {
        expect(blobParametersAtEpoch(reversed, epoch)).to.deep.equal(blobParametersAtEpoch(mainnet, epoch));
      }),
    );
  });

  it("is Electra's limit on a network without a schedule", () => {
    expect(blobParametersAtEpoch(gnosis, 2_000_000)).to.deep.equal({ epoch: 1_337_856, maxBlobsPerBlock: 2 });
  });
});

describe("forkDigests", () => {
  it("gives mainnet's published digests", () => {
    expect(forkDigests(mainnet, sha256)).to.deep.equal([
      { digest: "0xb5303f2a", fork: "phase0", epoch: 0 },
      { digest: "0xafcaaba0", fork: "altair", epoch: 74_240 },
      { digest: "0x4a26c58b", fork: "bellatrix", epoch: 144_896 },
      { digest: "0xbba4da96", fork: "capella", epoch: 194_048 },
      { digest: "0x6a95a1a9", fork: "deneb", epoch: 269_568 },
      { digest: "0xad532ceb", fork: "electra", epoch: 364_032 },
      { digest: "0xcc2c5cdb", fork: "fulu", epoch: 411_392 },
      { digest: "0xcb0d1acc", fork: "fulu", epoch: 412_672 },
      { digest: "0x8c9f62fe", fork: "fulu", epoch: 419_072 },
    ]);
  });

  it("mixes the blob parameters in after Fulu too", () => {
    // The value another implementation computed for Sepolia's Gloas, where the blob limit of the fork before stays.
    expect(forkDigests(sepolia, sha256).at(-1)).to.deep.equal({ digest: "0x669e6c11", fork: "gloas", epoch: 353_024 });
  });

  it("leaves out forks that another one replaces at the epoch they start", () => {
    const forks = forkDigests(hoodi, sha256).map(({ fork, epoch }) => `${fork}@${epoch}`);
    expect(forks).to.deep.equal(["deneb@0", "electra@2048", "fulu@50688", "fulu@52480", "fulu@54016"]);
  });

  it("leaves out forks that are not scheduled", () => {
    expect(forkDigests(upTo(mainnet, "phase0"), sha256)).to.have.length(1);
  });

  it("gives one digest where a blob entry starts with a fork", () => {
    const network = withForks(mainnet, { gloas: { version: "0x07000000", epoch: 419_072 } });
    expect(
      forkDigests(network, sha256)
        .slice(-2)
        .map(({ fork, epoch }) => `${fork}@${epoch}`),
    ).to.deep.equal(["fulu@412672", "gloas@419072"]);
  });

  it("never repeats a digest, within a network or between two", () => {
    const all = networks.flatMap((network) => forkDigests(network, sha256).map(({ digest }) => digest));
    expect(new Set(all).size).to.equal(all.length);
  });

  it("does not write into what the hash function returns", () => {
    const shared = new Uint8Array(32);
    const reusing = (data: Uint8Array): Uint8Array => {
      shared.set(sha256(data));
      return shared;
    };
    expect(forkDigests(mainnet, reusing)).to.deep.equal(forkDigests(mainnet, sha256));
  });

  for (const network of [mainnet, sepolia, hoodi, holesky]) {
    it(`equals every reference digest of ${network.name}`, function () {
      const reference = JSON.parse(readReference(this, "configs/fork-digests.json")) as Record<string, Expected[]>;
      const expected = reference[network.name]!;
      expect(expected).to.have.length.greaterThan(8);
      for (const { fork, epoch, version, digest } of expected) {
        const name = fork.replace(/-bpo.*/, "") as keyof Network["forks"];
        expect(network.forks[name].version).to.equal(version);
        // The reference also has the digests of forks that were replaced at once: they show when nothing replaces them.
        const found = forkDigests(upTo(network, name), sha256).find((entry) => entry.epoch === epoch);
        expect(found, `${fork} ${epoch}`).to.deep.equal({ digest, fork: name, epoch });
      }
      const digests = new Set(expected.map(({ digest }) => digest));
      for (const { digest } of forkDigests(upTo(network, "fulu"), sha256)) expect(digests.has(digest)).to.equal(true);
    });
  }
});

interface Expected {
  fork: string;
  epoch: number;
  version: string;
  digest: string;
}
