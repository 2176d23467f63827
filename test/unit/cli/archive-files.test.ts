import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { archiveFolder, keepInFiles } from "../../../src/cli/archive-files.js";
import { mainnet, sepolia } from "../../../src/networks/index.js";
import type { Archive } from "../../../src/transport/libp2p/archive.js";
import type { RawObject, VerifiedObject } from "../../../src/transport/port.js";

const ROOT = `0x${"ab".repeat(32)}`;
const DIGEST = "0x01020304";

describe("keepInFiles", () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "sidelight-archive-")), "inner");
  });
  afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

  /** What is kept, in order; refuses what `isBroken` says. */
  function recorder(isBroken: (object: VerifiedObject) => boolean = () => false) {
    const kept: VerifiedObject[] = [];
    const archive: Archive = {
      network: mainnet,
      services: [],
      keep(object) {
        if (isBroken(object)) throw new Error("does not decode");
        kept.push(object);
        const { raw } = object;
        return raw.encoding === "ssz" ? { bytes: raw.bytes, digest: DIGEST } : null;
      },
    };
    return { kept, archive };
  }

  const raw = (...bytes: number[]): RawObject => ({ encoding: "ssz", bytes: Uint8Array.from(bytes), digest: DIGEST });
  const BOOTSTRAP: VerifiedObject = { kind: "bootstrap", root: ROOT, raw: raw(1, 2) };
  const update = (period: number): VerifiedObject => ({ kind: "update", period, raw: raw(period) });

  function fill(): void {
    const archive = keepInFiles(recorder().archive, folder);
    for (const object of [BOOTSTRAP, update(7), update(8)]) archive.keep(object);
  }

  function reloaded(): VerifiedObject[] {
    const { kept, archive } = recorder();
    keepInFiles(archive, folder);
    return kept;
  }

  it("gives what it was given in an earlier run, and heads no more", () => {
    fill();
    keepInFiles(recorder().archive, folder).keep({ kind: "optimistic", raw: raw(9) });
    expect(reloaded()).to.have.deep.members([BOOTSTRAP, update(7), update(8)]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
  });

  it("writes nothing of what cannot be given", () => {
    const archive = keepInFiles({ network: mainnet, services: [], keep: () => null }, folder);
    archive.keep(BOOTSTRAP);
    expect(reloaded()).to.deep.equal([]);
  });

  it("passes over every file that is not whole, too large, or none of its own", () => {
    fill();
    const file = join(folder, `bootstrap-${ROOT}.ssz`);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      writeFileSync(
        file,
        whole.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      );
      expect(reloaded().map(({ kind }) => kind)).to.deep.equal(["update", "update"]);
    }
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      expect(reloaded()).to.have.length(2);
    }
    truncateSync(file, 70_000);
    mkdirSync(join(folder, "update-9.ssz"));
    writeFileSync(join(folder, "update--1.ssz"), whole);
    writeFileSync(join(folder, "bootstrap-0xAB.ssz"), whole);
    writeFileSync(join(folder, "update-1.ssz.tmp"), whole);
    expect(reloaded()).to.have.length(2);
  });

  it("begins although something does not decode any more, and goes on although nothing can be written", () => {
    fill();
    const { kept, archive } = recorder(({ kind }) => kind === "bootstrap");
    keepInFiles(archive, folder);
    expect(kept).to.have.length(2);
    const blocked = join(folder, "update-7.ssz", "below a file");
    expect(keepInFiles(recorder().archive, blocked).keep(update(1))).not.to.equal(null);
  });

  it("keeps the newest 256 bootstraps while it runs, and every update", () => {
    const archive = keepInFiles(recorder().archive, folder);
    archive.keep(update(7));
    const roots = Array.from({ length: 260 }, (_, i) => `0x${i.toString(16).padStart(64, "0")}`);
    for (const [i, root] of roots.entries()) {
      archive.keep({ kind: "bootstrap", root, raw: raw(i & 0xff) });
      utimesSync(join(folder, `bootstrap-${root}.ssz`), i + 1, i + 1);
    }
    archive.keep({ kind: "bootstrap", root: ROOT, raw: raw(1) });
    const left = roots
      .slice(-255)
      .concat(ROOT)
      .map((root) => `bootstrap-${root}.ssz`);
    expect(readdirSync(folder)).to.have.members([...left, "update-7.ssz"]);
  });

  it("has a folder of its own for each chain", () => {
    expect(archiveFolder("a", mainnet)).not.to.equal(archiveFolder("a", sepolia));
  });
});
