import { expect } from "chai";
import type { RawObject } from "../../../src/transport/port.js";
import { DECODERS } from "../../support/decoders.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import type { Forge } from "../../support/forge.js";
import { forgeAt } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import { DISTINCT_FORKS, LIGHT_CLIENT_FORKS } from "../../support/networks.js";
import { type AnyForged, oneOfEach } from "../../support/objects.js";

const MAX_SAFE = 2n ** 53n - 1n;

for (const fork of DISTINCT_FORKS) {
  describe(`SSZ decoding of ${fork} objects`, () => {
    let forge: Forge;
    let objects: readonly AnyForged[];

    before(async () => {
      forge = await forgeAt(fork);
      objects = oneOfEach(forge, 100);
    });

    const decode = (forged: AnyForged, bytes: Uint8Array, claim: string = fork) => {
      const raw: RawObject = { encoding: "ssz", bytes, fork: claim };
      return DECODERS[forged.object](forge.chain, raw);
    };

    it("refuses every truncation", () => {
      for (const forged of objects) {
        const bytes = forged.ssz();
        for (let length = 0; length < bytes.length; length++) {
          const code = codeOf(() => decode(forged, bytes.subarray(0, length)));
          if (code === "DECODE_FAILED") continue;
          // cut inside the extra data, the one field of variable length, it is an encoding of other data
          const value = decode(forged, bytes.subarray(0, length));
          expect(contentOf(value), `${forged.object} cut to ${length}`).to.not.equal(contentOf(forged.value()));
        }
      }
    });

    it("refuses whatever follows an object", () => {
      for (const forged of objects) {
        for (const extra of [1, 4, 31, 32, 33, 1000]) {
          const bytes = new Uint8Array([...forged.ssz(), ...new Uint8Array(extra)]);
          const code = codeOf(() => decode(forged, bytes));
          if (code === null) {
            // it went into the extra data of the last header
            expect(contentOf(decode(forged, bytes))).to.not.equal(contentOf(forged.value()));
          } else expect(code).to.be.oneOf(["DECODE_FAILED", "INPUT_TOO_LARGE"]);
        }
      }
    });

    it("refuses an oversized object before it decodes anything", () => {
      for (const forged of objects) {
        const { maxSize } = forge.chain.types.forks[fork][forged.object];
        // all ones: whatever looked into it would fail otherwise
        const details = expectCode("INPUT_TOO_LARGE", () => decode(forged, new Uint8Array(maxSize + 1).fill(0xff)));
        expect(details).to.deep.equal({ object: forged.object, limit: maxSize, actual: maxSize + 1 });
        expectCode("INPUT_TOO_LARGE", () => decode(forged, new Uint8Array(50_000_000)));
      }
    });

    it("never throws anything of its own making at random bytes", () => {
      for (const forged of objects) {
        const { length } = forged.ssz();
        for (let round = 0; round < 40; round++) {
          const bytes = new Uint8Array(length).map((_, i) => (i * 7919 + round * 104_729) % 256);
          codeOf(() => decode(forged, bytes));
          codeOf(() => decode(forged, new Uint8Array(length).fill(round)));
        }
      }
    });

    it("refuses bytes of one fork claimed as another, or reads other data", () => {
      for (const forged of objects) {
        for (const claim of LIGHT_CLIENT_FORKS) {
          const [own, other] = [fork, claim].map((name) => forge.chain.types.forks[name][forged.object]);
          const code = codeOf(() => decode(forged, forged.ssz(), claim));
          // Deneb's and Electra's optimistic updates have one shape: servers mix the names up
          if (own!.minSize === other!.minSize) expect(code).to.equal(null);
          else if (code !== null) expect(code).to.be.oneOf(["DECODE_FAILED", "INPUT_TOO_LARGE", "FORK_MISMATCH"]);
          else expect(contentOf(decode(forged, forged.ssz(), claim))).to.not.equal(contentOf(forged.value()));
        }
      }
    });

    it("refuses every integer beyond 2^53 - 1, and takes that one", () => {
      for (const forged of objects) {
        const bytes = forged.ssz();
        for (const { path, offset } of integersOf(forged, bytes)) {
          for (const value of [MAX_SAFE + 1n, MAX_SAFE + 2n, 2n ** 60n, 2n ** 64n - 1n]) {
            const { path: where, expected } = expectCode("DECODE_FAILED", () =>
              decode(forged, withUint64(bytes, offset, value)),
            );
            expect([where, expected]).to.deep.equal([path, "an integer up to 2^53 - 1"]);
          }
          // a slot in the far future: of the newest fork of the network, so the same shape
          expect(codeOf(() => decode(forged, withUint64(bytes, offset, MAX_SAFE)))).to.equal(null);
        }
      }
    });

    it("refuses every offset but the right one", () => {
      for (const forged of objects) {
        const bytes = forged.ssz();
        const offsets = offsetsOf(bytes, forged.wire);
        for (const at of offsets) {
          const view = new DataView(bytes.buffer, bytes.byteOffset);
          const right = view.getUint32(at, true);
          for (const wrong of [
            0,
            right - 1,
            right + 1,
            right + 4,
            bytes.length,
            bytes.length + 1,
            0x7fffffff,
            0xffffffff,
          ]) {
            const changed = bytes.slice();
            new DataView(changed.buffer).setUint32(at, wrong >>> 0, true);
            const code = codeOf(() => decode(forged, changed));
            if (wrong === right || code === "DECODE_FAILED") continue;
            // the second of two offsets only moves the border between them
            expect(contentOf(decode(forged, changed))).to.not.equal(contentOf(forged.value()));
          }
        }
      }
    });

    it("keeps nothing of the caller's buffer", () => {
      for (const forged of objects) {
        for (const bytes of [forged.ssz(), Buffer.from(forged.ssz())]) {
          const value = decode(forged, bytes);
          const before = contentOf(value);
          bytes.fill(0xee);
          expect(contentOf(value), forged.object).to.equal(before);
        }
      }
    });

    it("reads a view into a larger buffer", () => {
      for (const forged of objects) {
        const bytes = forged.ssz();
        const padded = new Uint8Array(bytes.length + 100).fill(0xaa);
        padded.set(bytes, 50);
        const value = decode(forged, padded.subarray(50, 50 + bytes.length));
        expect(contentOf(value)).to.equal(contentOf(forged.value()));
      }
    });
  });
}

/** Where the slots and indices of the objects lie: found by their values, which are made unique first. */
function integersOf(forged: AnyForged, bytes: Uint8Array): { path: string; offset: number }[] {
  const found: { path: string; offset: number }[] = [];
  const seek = (path: string, change: (wire: Record<string, never>) => void) => {
    const other = forged.edit((wire) => change(wire as never)).ssz();
    const offset = bytes.findIndex((byte, i) => byte !== other[i]);
    found.push({ path, offset });
  };
  const wire = forged.wire as unknown as Record<string, { beacon: { slot: number; proposerIndex: number } }>;
  for (const key of ["header", "attestedHeader", "finalizedHeader"] as const) {
    if (wire[key] === undefined) continue;
    const name = key.replace("Header", "_header");
    seek(`${name}.beacon.slot`, (w) => {
      (w as typeof wire)[key]!.beacon.slot ^= 1;
    });
    seek(`${name}.beacon.proposer_index`, (w) => {
      (w as typeof wire)[key]!.beacon.proposerIndex ^= 1;
    });
  }
  if ("signatureSlot" in forged.wire) {
    seek("signature_slot", (w) => {
      (w as unknown as { signatureSlot: number }).signatureSlot ^= 1;
    });
  }
  return found;
}

function withUint64(bytes: Uint8Array, offset: number, value: bigint): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setBigUint64(offset, value, true);
  return copy;
}

/** Positions of the offsets: four bytes that point at the end of a fixed part. None where all fields are fixed. */
function offsetsOf(bytes: Uint8Array, wire: object): number[] {
  const header =
    (wire as { header?: object; attestedHeader?: object }).header ??
    (wire as { attestedHeader: object }).attestedHeader;
  if (!("execution" in header)) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const first = view.getUint32(0, true);
  // the header's own: 112 bytes of beacon header, the offset of the execution header, the branch
  return [0, first + 112];
}
