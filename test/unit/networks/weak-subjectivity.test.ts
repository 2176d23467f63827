import { expect } from "chai";
import * as fc from "fast-check";
import { parse } from "yaml";
import { gnosisChurn, mainnetChurn } from "../../../src/networks/churn.js";
import {
  chiado,
  gnosis,
  holesky,
  hoodi,
  mainnet,
  type Network,
  sepolia,
  weakSubjectivityPeriodSeconds,
} from "../../../src/networks/index.js";
import { slotAtTime } from "../../../src/networks/schedule.js";
import { computeWeakSubjectivityPeriod } from "../../../src/networks/weak-subjectivity.js";
import { readReference } from "./reference-data.js";

/** 2026-11-25, before any network here but sepolia has Gloas. */
const NOW_MS = 1_795_564_800_000;

/** The formulas once more, by the letter of the specification, in Gwei. */
function bySpecification(totalGwei: bigint, isGloas: boolean): number {
  const [increment, floor, max] = [10n ** 9n, 128n * 10n ** 9n, 256n * 10n ** 9n];
  const rounded = (churn: bigint) => churn - (churn % increment);
  const larger = (a: bigint, b: bigint) => (a > b ? a : b);
  const smaller = (a: bigint, b: bigint) => (a < b ? a : b);
  const electra = rounded(larger(floor, totalGwei / 65_536n));
  const exit = rounded(larger(floor, totalGwei / 32_768n));
  const activation = rounded(smaller(max, larger(floor, totalGwei / 32_768n)));
  const consolidation = rounded(totalGwei / 65_536n);
  const delta = isGloas ? (2n * exit) / 3n + activation / 3n + consolidation : electra;
  return Number(256n + (10n * totalGwei) / (2n * delta * 100n));
}

describe("computeWeakSubjectivityPeriod", () => {
  it("gives the values that the specification's own table gives for Electra", () => {
    for (const [totalEth, epochs] of [
      [1_048_576, 665],
      [2_097_152, 1_075],
      [4_194_304, 1_894],
      [8_388_608, 3_532],
      [16_777_216, 3_532],
      [33_554_432, 3_532],
    ] as const) {
      expect(computeWeakSubjectivityPeriod(mainnetChurn, totalEth, false), `${totalEth}`).to.equal(epochs);
    }
  });

  it("is the specification's for any stake, before Gloas and from it on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000_000 }), fc.boolean(), (totalEth, isGloas) => {
        const expected = bySpecification(BigInt(totalEth) * 10n ** 9n, isGloas);
        expect(computeWeakSubjectivityPeriod(mainnetChurn, totalEth, isGloas)).to.equal(expected);
      }),
    );
  });

  it("is never longer than with more stake, but for rounding: a lower bound of the stake is on the safe side", () => {
    const stake = fc.integer({ min: 1, max: 100_000_000 });
    fc.assert(
      fc.property(stake, stake, fc.boolean(), (a, b, isGloas) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((totalEth) =>
          computeWeakSubjectivityPeriod(mainnetChurn, totalEth, isGloas),
        );
        // the churn is rounded down to whole balances: with little stake, a step of it is some hundredths
        expect(less! / more!).to.be.below(1.05);
      }),
    );
  });

  it("is the part that does not depend on the stake where there is none, or Gloas' churn is not known", () => {
    expect(computeWeakSubjectivityPeriod(mainnetChurn, 0, false)).to.equal(256);
    expect(computeWeakSubjectivityPeriod(gnosisChurn, 10_000_000, true)).to.equal(256);
  });
});

describe("weakSubjectivityPeriodSeconds", () => {
  const now = (network: Network) => slotAtTime(network, NOW_MS);

  it("is what the documentation says of each network", () => {
    const hours = [mainnet, hoodi, sepolia, holesky, gnosis, chiado].map((network) => [
      network.name,
      Math.round((weakSubjectivityPeriodSeconds(network, now(network)) / 3600) * 10) / 10,
    ]);
    expect(hours).to.deep.equal([
      ["mainnet", 376.7],
      ["hoodi", 376.7],
      ["sepolia", 27.3],
      ["holesky", 27.3],
      ["gnosis", 10.2],
      ["chiado", 5.7],
    ]);
  });

  it("becomes shorter with Gloas, when it is in force", () => {
    const epoch = 500_000;
    const scheduled: Network = {
      ...mainnet,
      forks: { ...mainnet.forks, gloas: { ...mainnet.forks.gloas, epoch } },
    };
    expect(weakSubjectivityPeriodSeconds(scheduled, epoch * 32 - 1)).to.equal(3_532 * 384);
    expect(weakSubjectivityPeriodSeconds(scheduled, epoch * 32)).to.equal(1_484 * 384);
  });

  it("holds before genesis too", () => {
    expect(weakSubjectivityPeriodSeconds(mainnet, -1)).to.equal(3_532 * 384);
  });

  for (const [file, network] of [
    ["teku/mainnet", mainnet],
    ["teku/hoodi", hoodi],
    ["consensus-specs-v1.7.0-alpha.13/mainnet", mainnet],
  ] satisfies [string, Network][]) {
    it(`takes the churn of ${network.name} from where ${file}.yaml has it`, function () {
      const values = parse(readReference(this, `configs/${file}.yaml`)) as Record<string, number>;
      const { churn } = network.stake!;
      const inEth = (key: string) => values[key]! / 1e9;
      expect(values["MIN_VALIDATOR_WITHDRAWABILITY_DELAY"]).to.equal(256);
      expect(churn.quotient).to.equal(values["CHURN_LIMIT_QUOTIENT"]);
      expect(churn.minPerEpochEth).to.equal(inEth("MIN_PER_EPOCH_CHURN_LIMIT_ELECTRA"));
      if (values["CHURN_LIMIT_QUOTIENT_GLOAS"] === undefined) return;
      expect(churn.gloas).to.deep.equal({
        quotient: values["CHURN_LIMIT_QUOTIENT_GLOAS"],
        consolidationQuotient: values["CONSOLIDATION_CHURN_LIMIT_QUOTIENT"],
        maxActivationPerEpochEth: inEth("MAX_PER_EPOCH_ACTIVATION_CHURN_LIMIT_GLOAS"),
      });
    });
  }
});
