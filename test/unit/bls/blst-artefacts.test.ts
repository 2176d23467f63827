/** The WASM that is checked in: that it is the one the build script made, and what it must not be. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { expect } from "chai";
import { write } from "../../../src/bls/blst/engine.js";
import { blstBls, blstBlsFrom } from "../../../src/bls/blst/index.js";
import { SELF_TEST } from "../../../src/bls/blst/self-test.js";
import { fromHex } from "../../../src/ssz/bytes.js";
import { TEST_BUILDS, testEngine } from "../../support/blst/test-engine.js";
import { rejection } from "../store/expect-rejection.js";

const folder = new URL("../../../src/bls/blst/wasm/", import.meta.url);
const hashes = JSON.parse(readFileSync(new URL("sha256.json", folder), "utf8")) as Record<string, string>;
const shipped = readdirSync(folder).filter((name) => name.endsWith(".wasm"));

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("the WASM of blstBls", () => {
  for (const file of shipped) {
    const name = file.replace(".wasm", "");
    const bytes = readFileSync(new URL(file, folder));

    it(`${file} has the hash that is recorded`, () => expect(sha256(bytes)).to.equal(hashes[name]));

    it(`${name}.ts has the same bytes`, () => {
      const text = readFileSync(new URL(`${name}.ts`, folder), "utf8");
      const [, hex] = /= "(0x[0-9a-f]+)";\n$/.exec(text) ?? [];
      expect(hex).to.equal(`0x${bytes.toString("hex")}`);
      expect(fromHex(hex!)).to.deep.equal(Uint8Array.from(bytes));
    });

    it(`${file} is at most 20 KiB with brotli`, () => {
      expect(brotliCompressSync(bytes).length).to.be.at.most(20 * 1024);
    });

    it(`${file} imports nothing, exports no test functions, and has no custom sections`, async () => {
      const module = await WebAssembly.compile(bytes);
      expect(WebAssembly.Module.imports(module)).to.deep.equal([]);
      expect(WebAssembly.Module.exports(module).filter(({ name }) => /test|bench/.test(name))).to.deep.equal([]);
      for (const section of ["name", "producers", "target_features"]) {
        expect(WebAssembly.Module.customSections(module, section)).to.deep.equal([]);
      }
    });
  }

  it("is at most 28 KiB with brotli, both builds in hex: they share what is compiled once", () => {
    const modules = shipped.map((file) => readFileSync(new URL(file.replace(".wasm", ".ts"), folder)));
    expect(modules).to.have.length(2);
    expect(brotliCompressSync(Buffer.concat(modules)).length).to.be.at.most(28 * 1024);
  });

  for (const name of TEST_BUILDS) {
    it(`${name}.wasm has the hash that is recorded`, () => {
      const bytes = readFileSync(new URL(`../../support/blst/${name}.wasm`, import.meta.url));
      expect(sha256(bytes)).to.equal(hashes[name]);
    });
  }
});

describe("the memory of the WASM", () => {
  for (const name of TEST_BUILDS) {
    it(`${name} does not grow, and holds nothing between calls`, async () => {
      const engine = await testEngine(name);
      const pages = engine.memory.buffer.byteLength / 65_536;
      expect(pages).to.be.at.most(6);
      for (let i = 0; i < 40; i++) {
        write(engine, SELF_TEST.signature);
        engine.decodeSignature();
        write(engine, SELF_TEST.pubkey);
        engine.decodeKey();
        engine.clearSum();
        engine.addKey(0);
        engine.finishSum();
        write(engine, SELF_TEST.message);
        engine.hashMessage(SELF_TEST.message.length);
        write(engine, Uint8Array.of(i + 1, 0, 0, 0, 0, 0, 0, i));
        engine.addToBatch();
      }
      expect(engine.verifyBatch()).to.equal(1);
      expect(engine.memory.buffer.byteLength / 65_536).to.equal(pages);
    });
  }
});

describe("scripts/build-blst.js", () => {
  const compiler = spawnSync("clang", ["--version"], { encoding: "utf8" });
  const isDebians = compiler.status === 0 && compiler.stdout.includes("14.0.6");

  it("makes the same bytes again (where there is Debian 12's clang)", function () {
    if (!isDebians || spawnSync("wasm-ld", ["--version"]).status !== 0) this.skip();
    this.timeout(120_000);
    const script = fileURLToPath(new URL("../../../scripts/build-blst.js", import.meta.url));
    const built = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    expect(built.status, built.stderr).to.equal(0);
  });
});

describe("blstBlsFrom", () => {
  const file = (name: string) => () => readFileSync(new URL(name, folder));
  const simd = file("simd.wasm");
  const baseline = file("baseline.wasm");

  /** One constant of the field, in the data at the end. */
  function damaged(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const copy = Uint8Array.from(bytes);
    copy[copy.length - 200]! ^= 1;
    return copy;
  }

  it("runs from files, and asks only for what it tries", async () => {
    const notAsked = () => {
      throw new Error("asked for");
    };
    const bls = blstBlsFrom({ simd, baseline: notAsked });
    expect(bls.variant).to.equal(null);
    await bls.ready();
    expect(bls.variant).to.equal("simd");
  });

  it("runs on the baseline where there is no SIMD, where SIMD is broken, and where its file is missing", async () => {
    const missing = () => Promise.reject(new Error("404"));
    for (const files of [
      { baseline },
      { simd: () => damaged(simd()), baseline },
      { simd: missing, baseline },
      { simd: () => new Uint8Array(8), baseline },
    ]) {
      const bls = blstBlsFrom(files);
      await bls.ready();
      expect(bls.variant).to.equal("baseline");
    }
  });

  it("says why it cannot start, and may be asked again", async () => {
    let broken = true;
    const bls = blstBlsFrom({ baseline: () => (broken ? new Uint8Array(8) : baseline()) });
    await rejection("BLS_UNAVAILABLE", bls.ready());
    broken = false;
    await bls.ready();
  });

  it("refuses a build that gives wrong answers", async () => {
    const bls = blstBlsFrom({ simd: () => damaged(simd()), baseline: () => damaged(baseline()) });
    const { message } = await rejection("BLS_UNAVAILABLE", bls.ready());
    expect(message).to.include("wrong answers");
  });

  it("refuses to start from nothing", async () => {
    await rejection("BLS_UNAVAILABLE", blstBlsFrom({}).ready());
  });
});

describe("blstBls", () => {
  it("names the build that runs", async () => {
    const bls = blstBls();
    await bls.ready();
    expect(bls.variant).to.be.oneOf(shipped.map((file) => file.replace(".wasm", "")));
  });
});
