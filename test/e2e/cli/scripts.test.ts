/** The scripts behind `npm run demo` and `npm test`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { killAll, type Outcome, REPOSITORY, removeFolders, start, temporaryFolder } from "./support.ts";

const DEMO = join(REPOSITORY, "scripts/demo.js");

describe("npm run demo", function () {
  // it may have to build first
  this.timeout(300_000);
  afterEach(killAll);
  after(removeFolders);

  function demo(...args: string[]) {
    const folder = temporaryFolder();
    return { run: start(args, { script: DEMO, env: { TMPDIR: folder, TEMP: folder } }), folder };
  }

  /** The page that it serves, and its chain. */
  const addressesIn = (stdout: string) => stdout.match(/http:\/\/127\.0\.0\.1:\d+/g)!;

  async function expectNothingLeft({ stdout }: Outcome, folder: string): Promise<void> {
    expect(readdirSync(folder).filter((name) => name.startsWith("sidelight"))).to.deep.equal([]);
    const addresses = addressesIn(stdout);
    expect(addresses).to.have.length(2);
    for (const address of addresses) expect(await fetch(address).catch(() => null), address).to.equal(null);
  }

  it("serves a page, shows head, finality and participation of a real chain, and ends as a whole on Ctrl-C", async () => {
    const { run, folder } = demo();
    const finalities = new Set<string>();
    const heads = new Set<string>();
    await run.line((line) => {
      const [, head, finality] = / head +([\d,]+) .*participation \d+\/32 .* finality ([\d,]+)/.exec(line) ?? [];
      if (head !== undefined) heads.add(head);
      if (finality !== undefined) finalities.add(finality);
      return heads.size >= 5 && finalities.size >= 2;
    });
    const [page, chain] = addressesIn(run.stdout());
    const html = await (await fetch(page!)).text();
    const preset = JSON.parse(/id="preset">([^<]*)</.exec(html)![1]!) as { beacons: string[]; checkpoint: string };
    expect(preset.beacons).to.deep.equal([chain]);
    const bootstrap = await fetch(`${chain}/eth/v1/beacon/light_client/bootstrap/${preset.checkpoint}`);
    expect(bootstrap.status, "the page's checkpoint is the chain's").to.equal(200);
    run.child.kill("SIGINT");
    // as npm does it: once more at the same time
    run.child.kill("SIGINT");
    const outcome = await run.ended;
    expect(outcome.code, outcome.stderr).to.equal(0);
    expect(outcome.stdout).to.include("A real beacon chain on this machine");
    expect(outcome.stdout).to.match(/catching up +100 % +period 20 of 20/);
    await expectNothingLeft(outcome, folder);
  });

  it("ends by itself", async () => {
    const { run, folder } = demo("--for", "2");
    const outcome = await run.ended;
    expect(outcome.code, outcome.stderr).to.equal(0);
    expect(outcome.stderr).to.equal("");
    await expectNothingLeft(outcome, folder);
  });

  it("leaves nothing when it is ended before it has begun", async () => {
    const { run, folder } = demo();
    await run.line((line) => line.includes("starting a chain"));
    run.child.kill("SIGTERM");
    expect((await run.ended).code).to.equal(143);
    // the chain's process was told to end, and may still be at it
    await setTimeout(500);
    expect(readdirSync(folder).filter((name) => name.startsWith("sidelight"))).to.deep.equal([]);
  });

  it("refuses a time that is none, and an option that it does not have, in a line", async () => {
    for (const [args, message] of [
      [["--for", "ever"], "✘ --for: expected a number of seconds above 0, got ever\n"],
      [["--fore", "9"], "✘ Unknown option '--fore'\n"],
    ] as const) {
      const { run } = demo(...args);
      const { code, stderr } = await run.ended;
      expect(code).to.equal(1);
      expect(stderr).to.equal(message);
    }
  });
});

describe("countTests", () => {
  interface Counts {
    readonly passed: number;
    readonly failed: number;
    readonly pending: number;
  }
  async function countTests(output: string): Promise<Counts> {
    const module = (await import(pathToFileURL(join(REPOSITORY, "scripts/count-tests.js")).href)) as {
      countTests(text: string): Counts;
    };
    return module.countTests(output);
  }

  it("adds up what mocha says, colours or not", async () => {
    const output =
      "  12 passing (3s)\n  2 pending\n\n\u001b[92m \u001b[0m\u001b[32m 30 passing\u001b[0m (1m)\n  1 failing\n";
    expect(await countTests(output)).to.deep.equal({ passed: 42, failed: 1, pending: 2 });
  });

  it("adds up what Node's test runner says", async () => {
    expect(await countTests("# tests 3\n# pass 2\n# fail 1\n# skipped 0\n")).to.include({ passed: 2, failed: 1 });
    expect(await countTests("ℹ tests 5\nℹ pass 5\nℹ fail 0\nℹ skipped 1\n")).to.include({ passed: 5, pending: 1 });
  });

  it("counts nothing else", async () => {
    const nothing = { passed: 0, failed: 0, pending: 0 };
    expect(await countTests("3 files passing through\n    at 12 passing\nok\n")).to.deep.equal(nothing);
  });
});
