/**
 * Decoding, subgroups and hashing against native blst and herumi: what one refuses all refuse, what they accept is the
 * same point. More with `SIDELIGHT_FUZZ=10`.
 */
import herumi from "bls-eth-wasm";
import * as native from "blst-native";
import { expect } from "chai";
import { INFINITE, OUTSIDE_SUBGROUP, VALID, write } from "../../src/bls/blst/engine.js";
import { TEST_BUILDS, type TestEngine, testEngine } from "../support/blst/test-engine.js";
import { fillBytes } from "../support/fill.js";
import { FUZZ } from "../support/fuzz.js";
import { INFINITY_SIGNATURE, readyKeys, secretKey } from "../support/keys.js";
import {
  addKeys,
  addSignatures,
  compressedPoint,
  FIELD_MODULUS,
  INFINITY_KEY,
  negatedPoint,
  smallOrderKey,
  smallOrderSignature,
} from "../support/points.js";

const BAD_ENCODING = 1;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** What native blst says of compressed bytes. */
function nativeAnswer(kind: "PublicKey" | "Signature", bytes: Uint8Array): { code: number; point: string } {
  const infinite = kind === "PublicKey" ? INFINITY_KEY : INFINITY_SIGNATURE;
  if (hex(bytes) === hex(infinite)) return { code: INFINITE, point: "" };
  let point: native.PublicKey | native.Signature;
  try {
    // the addon also takes uncompressed points, of another length
    point = (kind === "PublicKey" ? native.PublicKey : native.Signature).fromBytes(bytes, false);
  } catch (error) {
    // (0, +-2) is on the curve of G1: blst refuses it as a key, here its subgroup is found out
    if ((error as { code?: string }).code === "BLST_POINT_NOT_IN_GROUP") return { code: OUTSIDE_SUBGROUP, point: "" };
    return { code: BAD_ENCODING, point: "" };
  }
  try {
    if (point instanceof native.PublicKey) point.keyValidate();
    else point.sigValidate(true);
  } catch {
    return { code: OUTSIDE_SUBGROUP, point: hex(point.toBytes(false)) };
  }
  return { code: VALID, point: hex(point.toBytes(false)) };
}

/** Does herumi accept it, subgroup and all? */
function herumiAccepts(kind: "PublicKey" | "Signature", bytes: Uint8Array): boolean {
  try {
    const point = new herumi[kind]();
    point.deserialize(bytes);
    return !point.isZero();
  } catch {
    return false;
  }
}

/** Encodings at the edges of what is one, made from a valid encoding. */
function edges(valid: Uint8Array): Uint8Array[] {
  const size = valid.length as 48 | 96;
  const withFlags = [0, 1, 2, 3, 4, 5, 6, 7].map((flags) => {
    const bytes = valid.slice();
    bytes[0] = (bytes[0]! & 0x1f) | (flags << 5);
    return bytes;
  });
  const values = [0n, 1n, 2n, 3n, 4n, 5n, FIELD_MODULUS - 1n, FIELD_MODULUS, FIELD_MODULUS + 1n, FIELD_MODULUS + 4n];
  values.push((1n << 381n) - 1n, 1n << 380n, FIELD_MODULUS / 2n, FIELD_MODULUS / 2n + 1n);
  const coordinates =
    size === 48
      ? values.map((x) => compressedPoint(48, x))
      : values.flatMap((c0) => values.map((c1) => compressedPoint(96, c0, c1)));
  // the second half of a signature has no flags
  const inner = [0x80, 0x40, 0x20].map((bit) => {
    const bytes = valid.slice();
    if (size === 96) bytes[48]! |= bit;
    return bytes;
  });
  return [...withFlags, ...coordinates, ...coordinates.map(negatedPoint), ...inner];
}

for (const build of TEST_BUILDS) {
  describe(`the points of ${build}`, function () {
    this.timeout(600_000);
    let engine: TestEngine;
    const seen = { valid: 0, outside: 0, refused: 0 };

    before(async () => {
      await readyKeys();
      engine = await testEngine(build);
    });

    function decodeKey(bytes: Uint8Array): { code: number; point: string } {
      write(engine, bytes);
      const code = engine.decodeKey();
      if (code !== VALID) return { code, point: "" };
      const inside = engine.keyInSubgroup();
      engine.exportKey();
      const point = Buffer.from(engine.memory.buffer, engine.io(), 96).toString("hex");
      return { code: inside ? VALID : OUTSIDE_SUBGROUP, point };
    }

    function agreeOnKey(bytes: Uint8Array, what: string): void {
      const { code, point } = decodeKey(bytes);
      const expected = nativeAnswer("PublicKey", bytes);
      expect(code, `${what}: ${hex(bytes)}`).to.equal(expected.code);
      if (expected.point !== "") expect(point, what).to.equal(expected.point);
      expect(herumiAccepts("PublicKey", bytes), `${what}, herumi: ${hex(bytes)}`).to.equal(code === VALID);
      seen[code === VALID ? "valid" : code === OUTSIDE_SUBGROUP ? "outside" : "refused"]++;
    }

    function agreeOnSignature(bytes: Uint8Array, what: string): void {
      write(engine, bytes);
      const code = engine.decodeSignature();
      expect(code, `${what}: ${hex(bytes)}`).to.equal(nativeAnswer("Signature", bytes).code);
      expect(herumiAccepts("Signature", bytes), `${what}, herumi: ${hex(bytes)}`).to.equal(code === VALID);
      seen[code === VALID ? "valid" : code === OUTSIDE_SUBGROUP ? "outside" : "refused"]++;
    }

    it("agrees on keys: valid, at the edges, random, and moved out of the subgroup", () => {
      for (let i = 0; i < 300 * FUZZ; i++) agreeOnKey(secretKey("key", i).getPublicKey().serialize(), `key ${i}`);
      const valid = secretKey("edge").getPublicKey().serialize();
      for (const bytes of [...edges(valid), INFINITY_KEY]) agreeOnKey(bytes, "edge");
      for (let i = 0; i < 1000 * FUZZ; i++) {
        const bytes = fillBytes(48, "random key", i);
        // most with the flag and below p, or they would all be refused for that
        bytes[0] = i % 8 === 0 ? bytes[0]! : 0x80 | (bytes[0]! & (i % 2 ? 0x2f : 0x3f));
        agreeOnKey(bytes, `random ${i}`);
      }
      const moved = smallOrderKey();
      agreeOnKey(moved, "of small order");
      for (let i = 0; i < 20 * FUZZ; i++)
        agreeOnKey(addKeys(secretKey("m", i).getPublicKey().serialize(), moved), "moved");
      expect(seen.valid).to.be.greaterThan(300);
      expect(seen.outside).to.be.greaterThan(300);
      expect(seen.refused).to.be.greaterThan(300);
    });

    it("agrees on signatures: valid, at the edges, random, and moved out of the subgroup", () => {
      seen.valid = seen.outside = seen.refused = 0;
      for (let i = 0; i < 200 * FUZZ; i++) {
        agreeOnSignature(secretKey("key", i).sign(fillBytes(32, i)).serialize(), `signature ${i}`);
      }
      const valid = secretKey("edge").sign(fillBytes(32, "edge")).serialize();
      for (const bytes of [...edges(valid), INFINITY_SIGNATURE]) agreeOnSignature(bytes, "edge");
      for (let i = 0; i < 800 * FUZZ; i++) {
        const bytes = fillBytes(96, "random signature", i);
        bytes[0] = i % 8 === 0 ? bytes[0]! : 0x80 | (bytes[0]! & (i % 2 ? 0x2f : 0x3f));
        if (i % 4 !== 0) bytes[48]! &= 0x0f;
        agreeOnSignature(bytes, `random ${i}`);
      }
      const moved = smallOrderSignature();
      agreeOnSignature(moved, "of small order");
      for (let i = 0; i < 20 * FUZZ; i++) {
        agreeOnSignature(addSignatures(secretKey("m", i).sign(fillBytes(32, i)).serialize(), moved), "moved");
      }
      expect(seen.valid).to.be.greaterThan(200);
      expect(seen.outside).to.be.greaterThan(300);
      expect(seen.refused).to.be.greaterThan(300);
    });

    it("hashes to the same points of G2", () => {
      // the signature by the secret key 1 is the message's point
      const one = native.SecretKey.fromBytes(Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 1 : 0)));
      for (let i = 0; i < 150 * FUZZ; i++) {
        const message = fillBytes(i < 130 ? i : 32, "message", i);
        write(engine, message);
        engine.hashMessage(message.length);
        engine.testMessagePoint();
        const point = Buffer.from(engine.memory.buffer, engine.io(), 192).toString("hex");
        expect(point, `message ${i}`).to.equal(hex(one.sign(message).toBytes(false)));
      }
    });

    it("adds and subtracts keys as native does, the same key again and opposite ones included", () => {
      const keys = Array.from({ length: 12 }, (_, i) => secretKey("sum", i).getPublicKey().serialize());
      for (let round = 0; round < 150 * FUZZ; round++) {
        const random = fillBytes(32, "sum", round);
        const terms = Array.from({ length: 1 + (random[0]! % 12) }, (_, i) => ({
          key: keys[random[i + 1]! % (round % 2 ? 2 : 12)]!,
          negate: random[i + 14]! % 3 === 0,
        }));
        engine.clearSum();
        for (const { key, negate } of terms) {
          write(engine, key);
          expect(engine.decodeKey()).to.equal(VALID);
          engine.addKey(negate ? 1 : 0);
        }
        const points = terms.map(({ key, negate }) =>
          native.PublicKey.fromBytes(negate ? negatedPoint(key) : key, false),
        );
        const sum = native.aggregatePublicKeys(points, false);
        const code = engine.finishSum();
        const expected = hex(sum.toBytes(true)) === hex(INFINITY_KEY) ? INFINITE : VALID;
        expect(code, `round ${round}`).to.equal(expected);
        if (code !== VALID) continue;
        engine.testAggregate();
        const point = Buffer.from(engine.memory.buffer, engine.io(), 96).toString("hex");
        expect(point, `round ${round}`).to.equal(hex(sum.toBytes(false)));
      }
    });

    it("takes exported keys back, and no point that is off the curve", () => {
      for (let i = 0; i < 100; i++) {
        write(engine, secretKey("export", i).getPublicKey().serialize());
        engine.decodeKey();
        engine.exportKey();
        const exported = new Uint8Array(engine.memory.buffer).slice(engine.io(), engine.io() + 96);
        expect(engine.importKey()).to.equal(VALID);
        const damaged = exported.slice();
        damaged[1 + (i % 95)]! ^= 1 << (i % 8);
        write(engine, damaged);
        expect(engine.importKey()).to.equal(BAD_ENCODING);
      }
    });
  });
}
