import { expect } from "chai";
import { createLightClient } from "../../src/client/light-client.js";
import { mainnet } from "../../src/networks/mainnet.js";
import { type LightClientOptions, resolveOptions } from "../../src/options.js";
import { memoryStore } from "../../src/store/memory.js";
import type { Source } from "../../src/transport/port.js";
import { documentVisibility } from "../../src/visibility.js";
import { manualClock } from "../support/clock.js";
import { expectCode } from "../support/expect-code.js";
import { stubBls } from "../support/stub-bls.js";

function source(name = "one"): Source {
  const none = () => Promise.reject(new Error("not asked"));
  return { name, bootstrap: none, updates: none, finalityUpdate: none, optimisticUpdate: none };
}

const CHECKPOINT = `0x${"ab".repeat(32)}`;
const VALID: LightClientOptions = { network: mainnet, checkpoint: CHECKPOINT, sources: [source()], bls: stubBls() };

function without<T extends object>(value: T, key: keyof T): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as T;
}

/** Malformed values of each option, and how the error names the option and what came. */
const MALFORMED: {
  readonly [K in keyof Required<LightClientOptions>]: readonly [value: unknown, actual: string, option?: string][];
} = {
  network: [
    [undefined, "undefined"],
    [null, "null"],
    ["mainnet", '"mainnet"'],
    [{}, "object"],
    [{ ...mainnet, preset: undefined }, "object"],
    [{ ...mainnet, preset: without(mainnet.preset, "slotsPerEpoch") }, "object"],
    [{ ...mainnet, preset: { ...mainnet.preset, epochsPerSyncCommitteePeriod: 0 } }, "object"],
    [{ ...mainnet, preset: { ...mainnet.preset, minSyncCommitteeParticipants: 0 } }, "object"],
    [{ ...mainnet, preset: { ...mainnet.preset, updateTimeoutSlots: Number.NaN } }, "object"],
    [{ ...mainnet, genesisTime: Number.NaN }, "object"],
    [{ ...mainnet, slotDurationMs: 0 }, "object"],
    [{ ...mainnet, slotDurationMs: "12000" }, "object"],
    [{ ...mainnet, genesisValidatorsRoot: "0x00" }, "object"],
    [{ ...mainnet, forks: without(mainnet.forks, "gloas") }, "object"],
    [{ ...mainnet, forks: { ...mainnet.forks, deneb: { version: "0x04", epoch: 1 } } }, "object"],
    [{ ...mainnet, blobSchedule: undefined }, "object"],
    [{ ...mainnet, name: undefined }, "object"],
  ],
  checkpoint: [
    [undefined, "undefined"],
    [null, "null"],
    ["", '""'],
    ["head", '"head"'],
    [CHECKPOINT.slice(2), JSON.stringify(CHECKPOINT.slice(2))],
    [CHECKPOINT.slice(0, -2), JSON.stringify(CHECKPOINT.slice(0, -2))],
    [`${CHECKPOINT}00`, JSON.stringify(`${CHECKPOINT}00`)],
    [`${CHECKPOINT.slice(0, -1)}g`, JSON.stringify(`${CHECKPOINT.slice(0, -1)}g`)],
    [`0x${"00".repeat(32)}`, JSON.stringify(`0x${"00".repeat(32)}`)],
    [new Uint8Array(32), "32 bytes"],
    ["Stored", '"Stored"'],
    [{}, "object"],
    [{ name: "quorum" }, "object"],
    [{ checkpoint: () => {} }, "undefined", "checkpoint.name"],
  ],
  sources: [
    [undefined, "undefined"],
    [null, "null"],
    [[], "array of 0"],
    [source(), "object"],
    ["https://a.example", '"https://a.example"'],
    [["https://a.example"], '"https://a.example"', "sources[0]"],
    [[source(), undefined], "undefined", "sources[1]"],
    [[source(), null], "null", "sources[1]"],
    [[without(source(), "name")], "object", "sources[0]"],
    [[without(source(), "bootstrap")], "object", "sources[0]"],
    [[without(source(), "updates")], "object", "sources[0]"],
    [[without(source(), "finalityUpdate")], "object", "sources[0]"],
    [[without(source(), "optimisticUpdate")], "object", "sources[0]"],
    [[source("a"), source("b"), source("a")], '"a"', "sources[2].name"],
  ],
  store: [
    [null, "null"],
    [{}, "object"],
    [without(memoryStore(), "load"), "object"],
    [without(memoryStore(), "save"), "object"],
    [without(memoryStore(), "clear"), "object"],
    [new Map(), "object"],
  ],
  bls: [
    [null, "null"],
    ["blst", '"blst"'],
    [without(stubBls(), "verifySyncAggregate"), "object"],
    [without(stubBls(), "ready"), "object"],
    [without(stubBls(), "committee"), "object"],
  ],
  maxCheckpointAgeSeconds: [
    [0, "0"],
    [-1, "-1"],
    [Number.NaN, "NaN"],
    ["14 days", '"14 days"'],
    [null, "null"],
    [1n, "1"],
  ],
  staleCheckpoint: [
    [null, "null"],
    [true, "true"],
    ["Refuse", '"Refuse"'],
  ],
  maxHeadAgeSlots: [
    [0, "0"],
    [-32, "-32"],
    [Number.NaN, "NaN"],
    ["32", '"32"'],
    [null, "null"],
  ],
  clockToleranceMs: [
    [-1, "-1"],
    [Number.NaN, "NaN"],
    ["0", '"0"'],
    [null, "null"],
  ],
  maxBytesPerHour: [
    [0, "0"],
    [-1, "-1"],
    [Number.NaN, "NaN"],
    ["1 MB", '"1 MB"'],
    [null, "null"],
  ],
  forceUpdate: [
    [null, "null"],
    [1, "1"],
    ["false", '"false"'],
  ],
  whenHidden: [
    [null, "null"],
    ["Slow", '"Slow"'],
    [true, "true"],
  ],
  visibility: [
    [null, "null"],
    ["visible", '"visible"'],
    [without(documentVisibility(), "state"), "object"],
    [without(documentVisibility(), "watch"), "object"],
  ],
  clock: [
    [null, "null"],
    [Date, "function"],
    [{ nowMs: () => 0 }, "object"],
    [{ sleep: () => Promise.resolve() }, "object"],
  ],
};

describe("resolveOptions", () => {
  for (const [option, cases] of Object.entries(MALFORMED)) {
    it(`refuses a malformed ${option} and says what was expected and what came`, () => {
      for (const [value, actual, name = option] of cases) {
        const details = expectCode("OPTION_INVALID", () => resolveOptions({ ...VALID, [option]: value }));
        expect(details.option).to.equal(name);
        expect(details.actual).to.equal(actual);
        expect(details.expected).to.match(/\w+/);
      }
    });
  }

  it("names option, expectation and value in the message", () => {
    expect(() => resolveOptions({ ...VALID, checkpoint: "0x12" })).to.throw(
      'option checkpoint: expected the root of a block: 0x hex of 32 bytes, "stored", or a provider, got "0x12"',
    );
  });

  it("refuses what is no object of options", () => {
    for (const options of [undefined, null, "mainnet", 7]) {
      const details = expectCode("OPTION_INVALID", () => resolveOptions(options as never));
      expect(details.option).to.equal("options");
    }
  });

  it("fills in the defaults that the documentation states", () => {
    const { network, checkpoint, sources } = VALID;
    const resolved = resolveOptions({ network, checkpoint, sources });
    const { maxCheckpointAgeSeconds, staleCheckpoint, maxHeadAgeSlots, clockToleranceMs, forceUpdate } = resolved;
    expect({
      maxCheckpointAgeSeconds,
      staleCheckpoint,
      maxHeadAgeSlots,
      clockToleranceMs,
      forceUpdate,
    }).to.deep.equal({
      maxCheckpointAgeSeconds: null,
      staleCheckpoint: "refuse",
      maxHeadAgeSlots: 32,
      clockToleranceMs: 2_000,
      forceUpdate: false,
    });
    expect(resolved.whenHidden).to.equal("slow");
    // there is nothing to look at in Node
    expect(resolved.visibility.state()).to.equal("unknown");
    expect(resolved.clock.nowMs()).to.be.closeTo(Date.now(), 5_000);
    expect(resolved.bls.name).to.equal("blst");
    expect(resolved.store).to.have.all.keys("load", "save", "clear");
  });

  it("takes what is given as it is", () => {
    const given = {
      store: memoryStore(),
      bls: stubBls(),
      clock: manualClock(),
      whenHidden: "pause" as const,
      visibility: documentVisibility(),
      maxCheckpointAgeSeconds: Infinity,
      staleCheckpoint: "allow" as const,
      maxHeadAgeSlots: Infinity,
      clockToleranceMs: 0,
      forceUpdate: true,
    };
    expect(resolveOptions({ ...VALID, ...given })).to.deep.include(given);
  });

  it("takes a checkpoint in upper case", () => {
    const upper = `0x${"AB".repeat(32)}`;
    expect(resolveOptions({ ...VALID, checkpoint: upper }).checkpoint).to.deep.equal(new Uint8Array(32).fill(0xab));
  });

  it("takes what the store holds, or a provider, for a checkpoint", () => {
    const provider = { name: "mine", checkpoint: async () => ({ root: CHECKPOINT }) };
    expect(resolveOptions({ ...VALID, checkpoint: "stored" }).checkpoint).to.equal("stored");
    expect(resolveOptions({ ...VALID, checkpoint: provider }).checkpoint).to.equal(provider);
  });

  it("gives each client its own default store", () => {
    expect(resolveOptions(VALID).store).to.not.equal(resolveOptions(VALID).store);
  });
});

describe("createLightClient", () => {
  it("refuses malformed options at once", () => {
    const details = expectCode("OPTION_INVALID", () => createLightClient({ ...VALID, checkpoint: "latest" }));
    expect(details.option).to.equal("checkpoint");
  });
});
