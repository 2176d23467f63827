import { expect } from "chai";
import { createLock } from "../../../src/client/lock.js";

describe("createLock", () => {
  it("runs one task at a time, in the order they came", async () => {
    const exclusively = createLock();
    const seen: string[] = [];
    const task = (name: string) => async () => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all([exclusively(task("a")), exclusively(task("b"))]);
    expect(results).to.deep.equal(["a", "b"]);
    expect(seen).to.deep.equal(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("goes on after a task that failed, and hands its error to its caller only", async () => {
    const exclusively = createLock();
    const thrown = new Error("first");
    const first = exclusively(() => Promise.reject(thrown));
    const second = exclusively(async () => "second");
    expect(await first.catch((error: unknown) => error)).to.equal(thrown);
    expect(await second).to.equal("second");
  });

  it("lets who waits give up, and nobody else before their turn", async () => {
    const exclusively = createLock();
    const seen: string[] = [];
    let end!: () => void;
    const first = exclusively(() => new Promise<void>((resolve) => (end = resolve)));
    await Promise.resolve();
    const abort = new AbortController();
    const second = exclusively(async () => seen.push("second"), abort.signal);
    const third = exclusively(async () => seen.push("third"));
    abort.abort("enough");
    expect(await second.catch((error: unknown) => error)).to.equal("enough");
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).to.deep.equal([]);
    end();
    await Promise.all([first, third]);
    expect(seen).to.deep.equal(["third"]);
  });
});
