import { expect } from "chai";
import fc from "fast-check";
import { isSidelightError } from "../../../src/errors.js";
import { networkFromConfig } from "../../../src/networks/custom.js";
import { gnosis } from "../../../src/networks/gnosis.js";
import { mainnet } from "../../../src/networks/mainnet.js";
import { LIGHT_CLIENT_FORKS, type Network } from "../../../src/networks/types.js";
import { equalBytes } from "../../../src/ssz/bytes.js";
import { sha256 } from "../../../src/ssz/hash.js";
import { emptyHeader } from "../../../src/ssz/upgrade.js";
import { type Snapshot, snapshotCodec, snapshotKey } from "../../../src/store/snapshot.js";
import {
  createSnapshotTypes,
  MAX_COMMITTEE_KEYS_BYTES,
  MAX_SNAPSHOT_BYTES,
} from "../../../src/store/snapshot-types.js";
import { FUZZ } from "../../support/fuzz.js";
import { base, genesis } from "../networks/custom-values.js";
import { thrownBy } from "./expect-rejection.js";
import {
  bareSnapshot,
  bytes,
  committee,
  fullSnapshot,
  header,
  mainnetWithGloas,
  minimalNetwork,
  schemaOf,
  slotOf,
} from "./sample-snapshot.js";

/** Where the body starts. */
const BODY = 38;

const minimal = schemaOf(minimalNetwork);
const codec = snapshotCodec(minimal);
const sample = fullSnapshot(minimal, slotOf(minimalNetwork, "electra"));
const encoded = codec.encode(sample);
const keys = { current: bytes(5 * 98, 90), next: bytes(2 * 98, 91) };
const withKeys = { ...sample, keys };
const { bodyOfVersion } = createSnapshotTypes(minimal.types);
/** As the first version of this library wrote it. */
const encodedV1 = inVersion1(encoded);

/**
 * Places in an encoding: its beginning, where the offsets are, and its end, and every thirteenth between, where roots and keys
 * are and one byte is like the next. With SIDELIGHT_FUZZ=13, all of them.
 */
function placesOf(data: Uint8Array, from = 0): number[] {
  const stride = Math.max(1, Math.ceil(13 / FUZZ));
  const all = Array.from({ length: data.length - from }, (_, i) => from + i);
  return all.filter((i) => i < 300 || i >= data.length - 300 || i % stride === 0);
}

describe("snapshotCodec", () => {
  for (const network of [minimalNetwork, mainnetWithGloas]) {
    const schema = schemaOf(network);
    const { encode, decode } = snapshotCodec(schema);
    for (const fork of LIGHT_CLIENT_FORKS) {
      it(`round-trips everything exactly: ${network.preset.name}, ${fork}`, () => {
        const made = [fullSnapshot, bareSnapshot].map((make) => make(schema, slotOf(network, fork)));
        for (const snapshot of [...made, { ...made[0]!, keys }]) {
          const data = encode(snapshot);
          expect(decode(data)).to.deep.equal(snapshot);
          expect(encode(decode(data))).to.deep.equal(data);
        }
      });
      it(`round-trips headers on both sides of the fork: ${network.preset.name}, ${fork}`, () => {
        const snapshot = fullSnapshot(schema, slotOf(network, fork, -2));
        expect(decode(encode(snapshot))).to.deep.equal(snapshot);
      });
    }
  }

  it("round-trips a finality update whose finalized header is empty, as at genesis", () => {
    const snapshot = { ...sample, finality: { ...sample.finality!, finalizedHeader: emptyHeader() } };
    expect(codec.decode(codec.encode(snapshot))).to.deep.equal(snapshot);
  });

  it("round-trips any combination of parts and numbers", () => {
    const slot = fc.integer({ min: 0, max: slotOf(minimalNetwork, "gloas", 100) });
    const seed = fc.nat(1_000);
    const anyHeader = fc.tuple(slot, seed).map(([at, by]) => header(minimal, at, by));
    const number = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER));
    const proof = fc.record({
      header: anyHeader.map(({ beacon }) => beacon),
      kind: fc.constantFrom("current" as const, "next" as const),
      branch: fc.constant(sample.currentCommitteeProof.branch),
    });
    const snapshots: fc.Arbitrary<Snapshot> = fc.record({
      checkpoint: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      checkpointSlot: number,
      savedAtMs: number,
      forced: fc.boolean(),
      store: fc.record({
        finalizedHeader: anyHeader,
        optimisticHeader: anyHeader,
        currentSyncCommittee: seed.map((by) => committee(minimal, by)),
        nextSyncCommittee: fc.option(seed.map((by) => committee(minimal, by))),
        previousMaxActiveParticipants: number,
        currentMaxActiveParticipants: number,
      }),
      currentCommitteeProof: proof,
      nextCommitteeProof: fc.option(proof),
      finality: fc.option(
        fc.record({
          attestedHeader: anyHeader,
          finalizedHeader: anyHeader,
          finalityBranch: fc.constant(sample.finality!.finalityBranch),
          syncAggregate: fc.constant(sample.finality!.syncAggregate),
          signatureSlot: number,
        }),
      ),
    });
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        expect(codec.decode(codec.encode(snapshot))).to.deep.equal(snapshot);
      }),
      { numRuns: 60 },
    );
  }).timeout(120_000);

  it("has a stable layout", () => {
    // A change of this hash is a change of the format: it needs a new version, and a thought for snapshots of the old.
    expect(hex(encodedV1.subarray(0, 6))).to.equal("534c534e0100");
    expect(hex(sha256(encodedV1))).to.equal("03909b0c6e4a50d38a798a0a6f64234ea4b272c4561ef95b794593797df2b5b4");
    expect(hex(encoded.subarray(0, 6))).to.equal("534c534e0200");
    expect(hex(sha256(encoded))).to.equal("337d1988a72009bdb4534c05ad375ac0742e3d3717d0b08a4d9dca235194e1b6");
    expect(hex(sha256(codec.encode(withKeys)))).to.equal(
      "61bd52a8746747826c5bc7c676d429aa12265cbf22bf7757827c7d85ac3209e3",
    );
  });

  it("reads what version 1 wrote", () => {
    expect(codec.decode(encodedV1)).to.deep.equal(sample);
  });

  describe("the committees' keys", () => {
    it("come back as they were, of one committee or of both", () => {
      for (const each of [keys, { ...keys, next: new Uint8Array() }, { ...keys, current: new Uint8Array() }]) {
        const snapshot = { ...sample, keys: each };
        expect(codec.decode(codec.encode(snapshot))).to.deep.equal(snapshot);
      }
    });

    it("are not there when there were none", () => {
      expect(codec.decode(encoded)).to.not.have.property("keys");
    });

    it("fit, when all of 512 members' are kept, within the limit of a snapshot", () => {
      const schema = schemaOf(mainnetWithGloas);
      const all = { current: bytes(513 * 98, 1), next: bytes(513 * 98, 2) };
      const snapshot = { ...fullSnapshot(schema, slotOf(mainnetWithGloas, "fulu")), keys: all };
      expect(snapshotCodec(schema).encode(snapshot).length).to.be.below(MAX_SNAPSHOT_BYTES);
      expect(all.current.length).to.be.below(MAX_COMMITTEE_KEYS_BYTES);
    });

    it("are refused beyond their limit", () => {
      for (const name of ["current", "next"] as const) {
        const most = { ...sample, keys: { ...keys, [name]: new Uint8Array(MAX_COMMITTEE_KEYS_BYTES) } };
        expect(codec.decode(codec.encode(most))).to.deep.equal(most);
        const more = { ...sample, keys: { ...keys, [name]: new Uint8Array(MAX_COMMITTEE_KEYS_BYTES + 1) } };
        thrownBy("SNAPSHOT_INVALID", () => codec.encode(more));
      }
    });

    it("share no memory with the bytes they came in", () => {
      const buffer = Buffer.from(codec.encode(withKeys));
      const decoded = codec.decode(buffer);
      buffer.fill(0);
      expect(decoded.keys).to.deep.equal(keys);
    });
  });

  it("has sizes far below its limit", () => {
    const schema = schemaOf(mainnetWithGloas);
    const full = snapshotCodec(schema).encode(fullSnapshot(schema, slotOf(mainnetWithGloas, "fulu")));
    const bare = snapshotCodec(schema).encode(bareSnapshot(schema, slotOf(mainnetWithGloas, "fulu")));
    // What varies beyond this is the payload headers' extra_data (32 bytes at most) and the network's names (64 each).
    expect({ full: full.length, bare: bare.length }).to.deep.equal({ full: 54_238, bare: 27_002 });
    expect(full.length + 4 * 32 + 2 * 64).to.be.below(MAX_SNAPSHOT_BYTES / 4);
  });

  it("has room for the largest committee that a configuration may ask for, and all its keys", () => {
    const values = { ...base, GLOAS_FORK_EPOCH: "20" };
    const networks = [4096, 2048, 1024, 512].flatMap((size) => {
      try {
        return networkFromConfig({ ...values, SYNC_COMMITTEE_SIZE: size }, genesis);
      } catch {
        return [];
      }
    });
    expect(networks[0]?.preset.syncCommitteeSize).to.be.at.least(1024);
    const schema = schemaOf(networks[0]!);
    const all = { current: bytes(MAX_COMMITTEE_KEYS_BYTES, 1), next: bytes(MAX_COMMITTEE_KEYS_BYTES, 2) };
    const snapshot = { ...fullSnapshot(schema, slotOf(networks[0]!, "fulu")), keys: all };
    expect(snapshotCodec(schema).decode(snapshotCodec(schema).encode(snapshot))).to.deep.equal(snapshot);
  });

  it("shares no memory with the bytes it was given, Buffers included", () => {
    const buffer = Buffer.from(encoded);
    const decoded = codec.decode(buffer);
    buffer.fill(0);
    expect(decoded).to.deep.equal(sample);
  });

  it("decodes a part of a larger buffer", () => {
    const larger = new Uint8Array(encoded.length + 20);
    larger.set(encoded, 13);
    expect(codec.decode(larger.subarray(13, 13 + encoded.length))).to.deep.equal(sample);
  });

  describe("refuses", () => {
    const cases: [string, Uint8Array, RegExp, Partial<{ expected: string; actual: string }>][] = [
      ["nothing", new Uint8Array(0), /too short/, { expected: "at least 38 bytes", actual: "0 bytes" }],
      ["37 bytes", encoded.subarray(0, 37), /too short/, { actual: "37 bytes" }],
      [
        "too many bytes",
        new Uint8Array(262_145),
        /too large/,
        { expected: "at most 262144 bytes", actual: "262145 bytes" },
      ],
      ["something else", bytes(5_000, 1), /not a snapshot/, { expected: "0x534c534e at the start" }],
      [
        "a newer version",
        withByte(encoded, 4, 3),
        /newer version/,
        { expected: "format version 1 to 2", actual: "format version 3" },
      ],
      ["a much newer version", withByte(encoded, 5, 1), /newer version/, { actual: "format version 258" }],
      ["version 0", withByte(encoded, 4, 0), /^version$/, { actual: "format version 0" }],
      ["a wrong checksum", withByte(encoded, 6, encoded[6]! ^ 1), /checksum/, {}],
      ["a changed body", withByte(encoded, 1_000, encoded[1_000]! ^ 1), /checksum/, {}],
      ["an empty body", reseal(encoded.subarray(0, BODY)), /encoding/, {}],
    ];
    for (const [what, data, reason, details] of cases) {
      it(what, () => {
        const error = thrownBy("SNAPSHOT_INVALID", () => codec.decode(data));
        expect(error.details.reason).to.match(reason);
        expect(error.details).to.include(details);
      });
    }

    const root = `0x${"11".repeat(32)}`;
    const foreign: Record<string, Network> = {
      "another chain": { ...minimalNetwork, genesisValidatorsRoot: root },
      "another configuration of the chain": { ...minimalNetwork, name: "other" },
      "another preset": { ...minimalNetwork, preset: { ...minimalNetwork.preset, name: "mainnet" } },
      "a larger committee": { ...minimalNetwork, preset: mainnet.preset },
    };
    for (const [what, network] of Object.entries(foreign)) {
      it(`a snapshot of ${what}, and says so`, () => {
        const schema = schemaOf(network);
        const data = snapshotCodec(schema).encode(fullSnapshot(schema, slotOf(network, "electra")));
        const error = thrownBy("SNAPSHOT_INVALID", () => codec.decode(data));
        expect(error.details.reason).to.equal("of another network");
        expect(error.details.expected).to.match(/^"minimal-devnet" of preset "minimal", committees of 32, genesis/);
        expect(error.details.actual).to.contain(network.name).and.contain(network.genesisValidatorsRoot);
        expect(snapshotCodec(schema).decode(data).savedAtMs).to.equal(sample.savedAtMs);
      });
    }

    it("integers beyond 2^53 - 1, with their place", () => {
      const at = indexOf(encoded, uint64(BigInt(sample.savedAtMs)));
      for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
        const data = new Uint8Array(encoded);
        data.set(uint64(value), at);
        const error = thrownBy("SNAPSHOT_INVALID", () => codec.decode(reseal(data)));
        expect(error.details.reason).to.equal("encoding");
        expect(error.details.expected).to.equal("an integer up to 2^53 - 1 at saved_at_ms");
      }
      const nested = indexOf(encoded, uint64(BigInt(sample.finality!.attestedHeader.beacon.slot)));
      const data = new Uint8Array(encoded);
      data.set(uint64(2n ** 63n), nested);
      const error = thrownBy("SNAPSHOT_INVALID", () => codec.decode(reseal(data)));
      expect(error.details.expected).to.match(/at attested_header\.beacon\.slot$/);
    });

    it("trailing bytes, with a right checksum; in version 2 they are keys, which whoever takes them checks", () => {
      for (const extra of [1, 2, 32]) {
        const data = new Uint8Array(encodedV1.length + extra);
        data.set(encodedV1);
        expect(thrownBy("SNAPSHOT_INVALID", () => codec.decode(reseal(data))).details.reason).to.equal("encoding");
        const longer = new Uint8Array(encoded.length + extra);
        longer.set(encoded);
        const trailing = { current: new Uint8Array(), next: new Uint8Array(extra) };
        expect(codec.decode(reseal(longer))).to.deep.equal({ ...sample, keys: trailing });
      }
    });

    it("a version that is not that of its layout, with a right checksum", () => {
      thrownBy("SNAPSHOT_INVALID", () => codec.decode(withByte(encoded, 4, 1)));
      thrownBy("SNAPSHOT_INVALID", () => codec.decode(withByte(encodedV1, 4, 2)));
    });

    it("every truncation", () => {
      for (const length of placesOf(encoded)) {
        thrownBy("SNAPSHOT_INVALID", () => codec.decode(encoded.subarray(0, length)));
      }
    }).timeout(120_000);

    it("every truncation with a right checksum, but those that are a snapshot without its last part", () => {
      const truncated = (whole: Uint8Array, also: readonly number[] = []) => {
        const decoded: Snapshot[] = [];
        for (const length of new Set([...placesOf(whole, BODY), ...also])) {
          const snapshot = decodeOrRefuse(reseal(whole.subarray(0, length)));
          if (snapshot !== null) decoded.push(snapshot);
        }
        return decoded;
      };
      const withoutPart = { ...sample, nextCommitteeProof: null };
      const length = inVersion1(codec.encode(withoutPart)).length;
      expect(truncated(encodedV1, [length])).to.deep.equal([withoutPart]);
      // the last keys are bytes like any others
      const cut = Array.from(keys.next, (_, length) => ({ current: keys.current, next: keys.next.slice(0, length) }));
      expect(truncated(codec.encode(withKeys)).map((snapshot) => snapshot.keys)).to.deep.equal(cut);
    }).timeout(120_000);

    it("every flip of a bit in every byte", () => {
      for (const i of placesOf(encoded)) {
        const data = withByte(encoded, i, encoded[i]! ^ (1 << (i % 8)));
        thrownBy("SNAPSHOT_INVALID", () => codec.decode(data));
      }
    }).timeout(120_000);

    it("or decodes to itself every change of a byte with a right checksum, and throws nothing else", () => {
      let accepted = 0;
      const places = placesOf(encoded, BODY);
      for (const i of places) {
        const data = reseal(withByte(encoded, i, encoded[i]! ^ (i % 2 === 0 ? 0xff : 1 << (i % 8))));
        if (decodeOrRefuse(data) !== null) accepted++;
      }
      expect(accepted, "most bytes are roots and keys, any value of which is well-formed").to.be.greaterThan(
        places.length / 2,
      );
    }).timeout(300_000);

    it("any bytes at all, with SNAPSHOT_INVALID and nothing else", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (data, kind) => {
          const candidate = new Uint8Array(BODY + data.length);
          candidate.set(encoded.subarray(0, BODY));
          candidate.set(data, BODY);
          const tried = kind === 0 ? data : reseal(candidate);
          expect(decodeOrRefuse(tried)).to.equal(null);
        }),
        { numRuns: 2_000 },
      );
    }).timeout(120_000);

    it("or decodes any mixture of a snapshot and other bytes, and throws nothing else", () => {
      const edit = fc.record({
        at: fc.integer({ min: BODY, max: encoded.length }),
        remove: fc.nat(40),
        insert: fc.uint8Array({ maxLength: 40 }),
      });
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
          let data = encoded;
          for (const { at, remove, insert } of edits) {
            data = Uint8Array.from([...data.subarray(0, at), ...insert, ...data.subarray(at + remove)]);
          }
          decodeOrRefuse(reseal(data));
        }),
        { numRuns: 500 },
      );
    }).timeout(120_000);

    it("or decodes wild offsets", () => {
      for (let i = BODY; i + 4 <= encoded.length; i += i < 500 ? 1 : 256) {
        for (const value of i % 2 === 0 ? [0, 0x7fffffff] : [1, 0xffffffff]) {
          const data = new Uint8Array(encoded);
          new DataView(data.buffer).setUint32(i, value, true);
          decodeOrRefuse(reseal(data));
        }
      }
    }).timeout(120_000);
  });

  describe("does not encode what would not come back", () => {
    const { store, finality } = sample;
    const cases: Record<string, unknown> = {
      "a checkpoint of 31 bytes": { ...sample, checkpoint: bytes(31, 1) },
      "a checkpoint of 33 bytes": { ...sample, checkpoint: bytes(33, 1) },
      "a fraction of a millisecond": { ...sample, savedAtMs: 1.5 },
      "a time before 1970": { ...sample, savedAtMs: -1 },
      "no number": { ...sample, checkpointSlot: Number.NaN },
      "an infinite slot": { ...sample, checkpointSlot: Infinity },
      "an unsafe slot": { ...sample, checkpointSlot: 2 ** 53 },
      "a committee of another preset": {
        ...sample,
        store: { ...store, currentSyncCommittee: committee(schemaOf(gnosis), 1) },
      },
      "a short key": {
        ...sample,
        store: { ...store, nextSyncCommittee: { ...store.nextSyncCommittee!, aggregatePubkey: bytes(47, 1) } },
      },
      "a short branch": { ...sample, currentCommitteeProof: { ...sample.currentCommitteeProof, branch: [] } },
      "a short finality branch": {
        ...sample,
        finality: { ...finality, finalityBranch: finality!.finalityBranch.slice(1) },
      },
      "a payload header that does not lead to the block hash beside it": {
        ...sample,
        store: { ...store, finalizedHeader: { ...store.finalizedHeader, executionBlockHash: bytes(32, 99) } },
      },
      "a payload header that was changed": {
        ...sample,
        store: {
          ...store,
          finalizedHeader: {
            ...store.finalizedHeader,
            execution: { ...store.finalizedHeader.execution!, stateRoot: bytes(32, 99) },
          },
        },
      },
    };
    for (const [what, snapshot] of Object.entries(cases)) {
      it(what, () => {
        thrownBy("SNAPSHOT_INVALID", () => codec.encode(snapshot as Snapshot));
      });
    }

    it("says where", () => {
      const error = thrownBy("SNAPSHOT_INVALID", () => codec.encode({ ...sample, savedAtMs: 1.5 }));
      expect(error.message).to.equal(
        "snapshot: encoding: expected an integer from 0 to 2^53 - 1 at saved_at_ms, got 1.5",
      );
    });

    it("for a network with a name of more than 64 bytes", () => {
      const schema = schemaOf({ ...minimalNetwork, name: "x".repeat(65) });
      thrownBy("SNAPSHOT_INVALID", () => snapshotCodec(schema).encode(sample));
    });
  });

  it("drops what a value has beyond its type", () => {
    const snapshot = { ...sample, store: { ...sample.store, bestValidUpdate: null } };
    expect(codec.decode(codec.encode(snapshot))).to.deep.equal(sample);
  });

  it("derives what leads from a payload header to its hash, so that a foreign one does not pass as proven", () => {
    const { prevRandao } = sample.store.optimisticHeader.execution!;
    const data = new Uint8Array(encoded);
    data.set(bytes(32, 99), indexOf(encoded, prevRandao));
    const tampered = codec.decode(reseal(data)).store.optimisticHeader;
    expect(tampered.execution!.prevRandao).to.deep.equal(bytes(32, 99));
    expect(tampered.executionBranch).to.not.deep.equal(sample.store.optimisticHeader.executionBranch);
  });
});

describe("snapshotKey", () => {
  it("is the name and the start of the genesis validators root", () => {
    expect(snapshotKey(mainnet)).to.equal("mainnet-4b363db9");
    expect(snapshotKey(gnosis)).to.equal(`gnosis-${gnosis.genesisValidatorsRoot.slice(2, 10)}`);
  });

  it("is safe for file names, whatever the name", () => {
    const genesisValidatorsRoot = `0xABCDEF01${"0".repeat(56)}`;
    const key = (name: string) => snapshotKey({ ...mainnet, name, genesisValidatorsRoot });
    expect(key("../my net\0")).to.equal(".._my_net_-abcdef01");
    expect(key("x".repeat(1_000))).to.equal(`${"x".repeat(64)}-abcdef01`);
  });
});

/** The snapshot, which must encode to the same bytes again, or `null` if it is refused as it should be. */
function decodeOrRefuse(data: Uint8Array): Snapshot | null {
  let snapshot: Snapshot;
  try {
    snapshot = codec.decode(data);
  } catch (thrown) {
    if (isSidelightError(thrown, "SNAPSHOT_INVALID")) return null;
    throw thrown;
  }
  const again = codec.encode(snapshot);
  if (!equalBytes(data[4] === 1 ? inVersion1(again) : again, data))
    expect.fail("decoded bytes that encode does not make");
  return snapshot;
}

/** The same snapshot, without any keys, in the layout of version 1. */
function inVersion1(data: Uint8Array): Uint8Array {
  const { network, content } = bodyOfVersion[2].deserialize(data.subarray(BODY));
  const body = bodyOfVersion[1].serialize({ network, content });
  const sealed = new Uint8Array(BODY + body.length);
  sealed.set(data.subarray(0, BODY));
  sealed[4] = 1;
  sealed.set(body, BODY);
  return reseal(sealed);
}

function withByte(data: Uint8Array, at: number, value: number): Uint8Array {
  const copy = new Uint8Array(data);
  copy[at] = value;
  return copy;
}

/** The same bytes with the checksum that belongs to them. */
function reseal(data: Uint8Array): Uint8Array {
  const copy = new Uint8Array(data);
  copy.set(sha256(copy.slice(BODY)), 6);
  return copy;
}

function uint64(value: bigint): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, value, true);
  return data;
}

/** Where `part` is in `data`; it must be there exactly once. */
function indexOf(data: Uint8Array, part: Uint8Array): number {
  const at = Buffer.from(data).indexOf(part);
  expect(at).to.be.greaterThan(0);
  expect(Buffer.from(data).indexOf(part, at + 1)).to.equal(-1);
  return at;
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}
