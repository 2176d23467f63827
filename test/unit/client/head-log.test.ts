import { expect } from "chai";
import { createHeadLog, type HeadLog } from "../../../src/client/head-log.js";
import { toHex } from "../../../src/ssz/bytes.js";

function rootOf(name: string): Uint8Array {
  const root = new Uint8Array(32);
  root.set(new TextEncoder().encode(name));
  return root;
}

/** Heads by name; `parent` is the name of another. */
function follow(log: HeadLog, slot: number, name: string, parent: string) {
  const empty = new Uint8Array(32);
  const header = { slot, proposerIndex: 0, parentRoot: rootOf(parent), stateRoot: empty, bodyRoot: empty };
  return log.follow(header, rootOf(name));
}

function named(slot: number, name: string) {
  return { slot, root: toHex(rootOf(name)) };
}

describe("createHeadLog", () => {
  it("says nothing about the first head", () => {
    expect(follow(createHeadLog(), 10, "a", "before")).to.equal(null);
  });

  it("says nothing about a child, with and without missed slots between", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    expect(follow(log, 11, "b", "a")).to.equal(null);
    expect(follow(log, 15, "c", "b")).to.equal(null);
  });

  it("says nothing about the same head once more", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    expect(follow(log, 10, "a", "before")).to.equal(null);
  });

  it("says nothing when heads were skipped: their parents are unknown", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    expect(follow(log, 12, "c", "b")).to.equal(null);
    expect(follow(log, 500, "z", "y")).to.equal(null);
  });

  it("tells a head on an older branch, with the common ancestor", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    follow(log, 11, "b", "a");
    follow(log, 12, "c", "b");
    const reorg = { from: named(12, "c"), to: named(14, "x"), commonAncestor: named(10, "a") };
    expect(follow(log, 14, "x", "a")).to.deep.equal(reorg);
  });

  it("tells another block in the next slot, whose parent was never seen", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    const reorg = { from: named(10, "a"), to: named(11, "x"), commonAncestor: null };
    expect(follow(log, 11, "x", "unseen")).to.deep.equal(reorg);
  });

  it("tells another block in the same slot", () => {
    const log = createHeadLog();
    follow(log, 9, "a", "before");
    follow(log, 10, "b", "a");
    const reorg = { from: named(10, "b"), to: named(10, "x"), commonAncestor: named(9, "a") };
    expect(follow(log, 10, "x", "a")).to.deep.equal(reorg);
  });

  it("follows the new branch quietly afterwards", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    follow(log, 11, "b", "a");
    follow(log, 12, "x", "a");
    expect(follow(log, 13, "y", "x")).to.equal(null);
  });

  it("knows the common ancestor when a branch that was left comes back: its blocks are none of the other's", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    follow(log, 11, "b", "a");
    follow(log, 12, "x", "a");
    follow(log, 13, "y", "x");
    expect(follow(log, 14, "c", "b")).to.deep.include({ from: named(13, "y"), commonAncestor: named(10, "a") });
    // and back again, from one that is two blocks up
    expect(follow(log, 15, "z", "y")).to.deep.include({ from: named(14, "c"), commonAncestor: named(10, "a") });
  });

  it("takes an older head for an ancestor where the line to it was not seen", () => {
    const log = createHeadLog();
    follow(log, 10, "a", "before");
    follow(log, 12, "c", "unseen");
    expect(follow(log, 13, "x", "a")).to.deep.include({ from: named(12, "c"), commonAncestor: named(10, "a") });
    // of this one it is known that it is none
    expect(follow(log, 14, "d", "c")).to.deep.include({ from: named(13, "x"), commonAncestor: null });
  });

  it("knows no common ancestor with a branch whose blocks before its head were not seen", () => {
    const log = createHeadLog();
    follow(log, 19, "a", "before");
    follow(log, 20, "b", "a");
    expect(follow(log, 21, "x", "unseen")).to.deep.include({ commonAncestor: null });
    expect(follow(log, 22, "c", "b")).to.deep.include({ from: named(21, "x"), commonAncestor: null });
  });

  it("remembers 64 heads and no more", () => {
    const log = createHeadLog();
    follow(log, 0, "0", "before");
    for (let slot = 1; slot <= 64; slot++) follow(log, slot, `${slot}`, `${slot - 1}`);
    expect(follow(log, 65, "x", "1")).to.deep.include({ commonAncestor: named(1, "1") });
    // 0 and 1 are forgotten now, so it cannot be known whether the parent of a later head lies before the last one
    expect(follow(log, 70, "y", "1")).to.equal(null);
  });
});
