import { getEventListeners } from "node:events";
import { expect } from "chai";
import { checkpointQuorum } from "../../../src/checkpoint/quorum.js";
import type { CheckpointQuorumOptions } from "../../../src/checkpoint/quorum-options.js";
import type { CheckpointStatement } from "../../../src/errors.js";
import {
  closeServers,
  countingClock,
  deadUrl,
  failure,
  rejection,
  sendJson,
  until,
} from "../transport/lying-server.js";
import {
  type CheckpointServer,
  CURRENT_EPOCH,
  checkpointServer,
  clockNow,
  finalityAnswer,
  genesisAnswer,
  NETWORK,
  rootOf,
  type Tells,
} from "./checkpoint-server.js";

type Options = Omit<CheckpointQuorumOptions, "providers">;

/** Providers named a, b, c…, each run by somebody else. */
function named(servers: readonly { readonly url: string }[]) {
  return servers.map(({ url }, i) => {
    const name = String.fromCharCode(97 + i);
    return { url, name, operator: name };
  });
}

async function quorumOf(tells: readonly Tells[], options: Options = {}) {
  const servers = await Promise.all(tells.map(checkpointServer));
  const quorum = checkpointQuorum({ providers: named(servers), ...options });
  const ask = (signal?: AbortSignal) =>
    quorum.checkpoint({ network: NETWORK, clock: clockNow(), ...(signal === undefined ? {} : { signal }) });
  return { servers, ask };
}

function verdicts(statements: readonly CheckpointStatement[]): string[] {
  return statements.map(({ provider, verdict }) => `${provider} ${verdict}`);
}

function countsOf(servers: readonly CheckpointServer[]): number[] {
  return servers.map(({ requests }) => requests.length);
}

const HONEST: Tells = { epoch: 20 };

describe("checkpointQuorum", () => {
  afterEach(closeServers);

  describe("of honest providers", () => {
    it("takes what all agree on, and says who and when", async () => {
      const { ask, servers } = await quorumOf([HONEST, HONEST, HONEST]);
      const { root, report } = await ask();
      expect(root).to.equal(rootOf(20));
      expect(report).to.deep.include({ root, epoch: 20, required: 2, agreed: 3, operators: 3 });
      expect(report!.agreedAtMs).to.equal(clockNow().nowMs());
      expect(report!.statements[1]).to.deep.equal({
        provider: "b",
        operator: "b",
        verdict: "agrees",
        finalized: { epoch: 20, root },
        root,
        error: null,
      });
      expect(JSON.parse(JSON.stringify(report))).to.deep.equal(report);
      expect(countsOf(servers)).to.deep.equal([2, 2, 2]);
    });

    it("takes the newest epoch that enough have finalized, and asks who is further for that one", async () => {
      const { ask, servers } = await quorumOf([{ epoch: 21 }, { epoch: 20 }, { epoch: 22 }], { required: 3 });
      const { root, report } = await ask();
      expect(root).to.equal(rootOf(20));
      expect(report).to.include({ epoch: 20, agreed: 3 });
      expect(report!.statements[0]).to.deep.include({ finalized: { epoch: 21, root: rootOf(21) }, root });
      expect(servers.map((server) => server.questions())).to.deep.equal([
        ["genesis", "finality", "root"],
        ["genesis", "finality"],
        ["genesis", "finality", "root"],
      ]);
    });

    it("does not wait for one that is behind", async () => {
      const { ask } = await quorumOf([{ epoch: 21 }, { epoch: 21 }, { epoch: 3 }]);
      const { report } = await ask();
      expect(report).to.include({ epoch: 21, agreed: 2 });
      expect(verdicts(report!.statements)).to.deep.equal(["a agrees", "b agrees", "c other"]);
    });

    it("agrees on an epoch whose first slot is empty, if enough tell it themselves", async () => {
      const tells = [{ epoch: 20 }, { epoch: 20 }, { epoch: 21, empty: [20] }];
      const { report } = await (await quorumOf(tells)).ask();
      expect(report).to.include({ epoch: 20, agreed: 2 });
      expect(report!.statements[2]).to.deep.include({ verdict: "other", root: null });
      expect(report!.statements[2]!.error!.code).to.equal("NOT_AVAILABLE");
      // with all three needed, there is nothing to compare with: the next epoch is minutes away
      const { details } = await failure("CHECKPOINT_NO_QUORUM", (await quorumOf(tells, { required: 3 })).ask());
      expect(details).to.include({ epoch: 20, agreed: 2, required: 3 });
    });

    it("understands checkpointz, which writes a block root without 0x", async () => {
      const bare = (response: Parameters<typeof sendJson>[0]) =>
        sendJson(response, { data: { root: rootOf(20).slice(2).toUpperCase() } });
      const { ask } = await quorumOf([HONEST, { epoch: 21, answers: { root: bare } }]);
      expect((await ask()).report).to.include({ epoch: 20, agreed: 2 });
    });

    it("does without some that are down", async () => {
      const servers = await Promise.all([checkpointServer(HONEST), checkpointServer(HONEST)]);
      const dead = { url: "http://127.0.0.1:2" };
      const quorum = checkpointQuorum({ providers: named([dead, ...servers]) });
      const { report } = await quorum.checkpoint({ network: NETWORK, clock: clockNow() });
      expect(verdicts(report!.statements)).to.deep.equal(["a silent", "b agrees", "c agrees"]);
      expect(report!.statements[0]!.error!.code).to.equal("NETWORK_FAILED");
    });
  });

  describe("with liars", () => {
    it("refuses everything when one of three tells another root, and says who said what", async () => {
      const { ask } = await quorumOf([HONEST, { epoch: 20, chain: "evil" }, HONEST]);
      const { details, message } = await failure("CHECKPOINT_DISAGREEMENT", ask());
      expect(details).to.include({ epoch: 20, required: 2 });
      expect(verdicts(details.statements)).to.deep.equal(["a agrees", "b contradicts", "c agrees"]);
      expect(details.statements[1]!.finalized).to.deep.equal({ epoch: 20, root: rootOf(20, "evil") });
      for (const part of ["a:", "b:", "c:", rootOf(20), rootOf(20, "evil")]) expect(message).to.include(part);
    });

    it("refuses when two of three do, whoever is right", async () => {
      const { ask } = await quorumOf([{ epoch: 20, chain: "evil" }, { epoch: 20, chain: "evil" }, HONEST]);
      const { details } = await failure("CHECKPOINT_DISAGREEMENT", ask());
      expect(verdicts(details.statements)).to.deep.equal(["a agrees", "b agrees", "c contradicts"]);
    });

    it("believes neither of two", async () => {
      const { ask } = await quorumOf([HONEST, { epoch: 20, chain: "evil" }]);
      const { details } = await failure("CHECKPOINT_DISAGREEMENT", ask());
      expect(verdicts(details.statements)).to.deep.equal(["a contradicts", "b contradicts"]);
    });

    it("finds out one that is further on another chain by its root of the common epoch", async () => {
      const { ask } = await quorumOf([HONEST, HONEST, { epoch: 22, chain: "evil" }]);
      const { details } = await failure("CHECKPOINT_DISAGREEMENT", ask());
      expect(details.epoch).to.equal(20);
      expect(details.statements[2]).to.deep.include({ verdict: "contradicts", root: rootOf(20, "evil") });
    });

    it("finds out two that contradict each other about an epoch that is not compared", async () => {
      const sly = (response: Parameters<typeof sendJson>[0]) => sendJson(response, { data: { root: rootOf(20) } });
      const liar = { epoch: 22, chain: "evil", answers: { root: sly } };
      const { ask } = await quorumOf([{ epoch: 22 }, liar, HONEST], { required: 3 });
      const { details } = await failure("CHECKPOINT_DISAGREEMENT", ask());
      expect(details.epoch).to.equal(22);
      expect(verdicts(details.statements)).to.deep.equal(["a contradicts", "b contradicts", "c other"]);
    });

    it("finds out two that differ where nothing can be agreed on", async () => {
      const { ask } = await quorumOf([HONEST, { epoch: 20, chain: "evil" }], { required: 2 });
      await failure("CHECKPOINT_DISAGREEMENT", ask());
      const dead = {
        epoch: 0,
        answers: { finality: (response: Parameters<typeof sendJson>[0]) => sendJson(response, {}, 500) },
      };
      const { ask: other } = await quorumOf([HONEST, { epoch: 20, chain: "evil" }, dead], { required: 3 });
      const { details } = await failure("CHECKPOINT_DISAGREEMENT", other());
      expect(details.epoch).to.equal(20);
    });

    it("goes by the epoch of the honest when a liar claims to be far ahead, or far behind", async () => {
      for (const epoch of [CURRENT_EPOCH, 0]) {
        const { ask } = await quorumOf([HONEST, { epoch, chain: "honest" }, { epoch: 21 }]);
        expect((await ask()).report).to.include({ epoch: epoch === 0 ? 20 : 21, agreed: 2 });
      }
    });

    it("takes what enough agree on when dissent is tolerated, but not from fewer than are required", async () => {
      const evil = { epoch: 20, chain: "evil" };
      const options = { required: 2, tolerateDissent: 1 };
      const { report } = await (await quorumOf([HONEST, evil, HONEST], options)).ask();
      expect(report).to.include({ root: rootOf(20), agreed: 2 });
      expect(verdicts(report!.statements)).to.deep.equal(["a agrees", "b contradicts", "c agrees"]);
      await failure("CHECKPOINT_DISAGREEMENT", (await quorumOf([HONEST, evil], options)).ask());
      await failure(
        "CHECKPOINT_DISAGREEMENT",
        (await quorumOf([HONEST, evil, { ...evil, chain: "worse" }], options)).ask(),
      );
      const three = { required: 3, tolerateDissent: 1 };
      const { details } = await failure("CHECKPOINT_NO_QUORUM", (await quorumOf([HONEST, evil, HONEST], three)).ask());
      expect(details).to.include({ agreed: 2, required: 3 });
    });

    it("compares an epoch that one more has finalized when one may dissent", async () => {
      // without the margin, it would be epoch 21, with one honest voice
      const tells = [{ epoch: 21 }, { epoch: 21, chain: "evil" }, HONEST];
      const { report } = await (await quorumOf(tells, { required: 2, tolerateDissent: 1 })).ask();
      expect(report).to.include({ epoch: 20, agreed: 2 });
    });
  });

  describe("counts one operator once", () => {
    it("whose providers are at one host", async () => {
      const servers = await Promise.all([checkpointServer(HONEST), checkpointServer(HONEST), checkpointServer(HONEST)]);
      const urls = servers.map(({ url }) => url);
      const make = (required?: number) =>
        checkpointQuorum({ providers: urls, ...(required === undefined ? {} : { required }) });
      expect(() => make()).to.throw("expected at least 2 operators, or required: 1, got 1");
      expect(() => make(2)).to.throw("option required: expected an integer from 1 to 1, got 2");
      const { report } = await make(1).checkpoint({ network: NETWORK, clock: clockNow() });
      expect(report).to.include({ agreed: 1, operators: 1 });
      expect(report!.statements.map(({ operator }) => operator)).to.deep.equal(Array(3).fill("127.0.0.1"));
    });

    it("whom the caller names, at whatever hosts", async () => {
      const servers = await Promise.all([checkpointServer(HONEST), checkpointServer(HONEST), checkpointServer(HONEST)]);
      const providers = named(servers).map((provider, i) => ({ ...provider, operator: i < 2 ? "one" : "other" }));
      const { report } = await checkpointQuorum({ providers }).checkpoint({ network: NETWORK, clock: clockNow() });
      expect(report).to.include({ agreed: 2, operators: 2, required: 2 });
      expect(() => checkpointQuorum({ providers, required: 3 })).to.throw("option required");
    });

    it("and that contradicts itself not at all", async () => {
      const servers = await Promise.all([HONEST, { epoch: 20, chain: "evil" }, HONEST].map(checkpointServer));
      const providers = named(servers).map((provider, i) => ({ ...provider, operator: i < 2 ? "two-faced" : "c" }));
      const { details } = await failure(
        "CHECKPOINT_DISAGREEMENT",
        checkpointQuorum({ providers, required: 1 }).checkpoint({ network: NETWORK, clock: clockNow() }),
      );
      expect(verdicts(details.statements)).to.include("a contradicts");
    });
  });

  describe("does not count an answer", () => {
    type Send = (response: Parameters<typeof sendJson>[0]) => void;
    const json =
      (value: unknown, status = 200): Send =>
      (response) =>
        sendJson(response, value, status);
    const cases: [name: string, answers: Tells["answers"] & object, code: string, message: RegExp][] = [
      [
        "of another chain",
        { genesis: json(genesisAnswer(rootOf(0, "sepolia"))) },
        "RESPONSE_INVALID",
        /expected genesis_validators_root 0x\w+ of test, got 0x/,
      ],
      ["without a genesis", { genesis: json({}, 404) }, "NOT_AVAILABLE", /genesis/],
      [
        "of an epoch that has not begun",
        { finality: json(finalityAnswer(CURRENT_EPOCH + 1, rootOf(41))) },
        "RESPONSE_INVALID",
        /a finalized epoch up to 40, which is now, got 41/,
      ],
      [
        "of an epoch beyond all numbers",
        { finality: json(finalityAnswer("18446744073709551615", rootOf(1))) },
        "RESPONSE_INVALID",
        /got 18446744073709551615/,
      ],
      ["of a negative epoch", { finality: json(finalityAnswer(-1, rootOf(1))) }, "RESPONSE_INVALID", /got -1/],
      ["of half an epoch", { finality: json(finalityAnswer("1.5", rootOf(1))) }, "RESPONSE_INVALID", /got 1.5/],
      [
        "that nothing is finalized",
        { finality: json(finalityAnswer(0, `0x${"00".repeat(32)}`)) },
        "RESPONSE_INVALID",
        /a root that is not of zeroes/,
      ],
      ["with a null root", { finality: json(finalityAnswer(20, null)) }, "RESPONSE_INVALID", /a root: .*got null/],
      ["with a short root", { finality: json(finalityAnswer(20, "0x1234")) }, "RESPONSE_INVALID", /got 0x1234/],
      [
        "with a root that is no hex",
        { finality: json(finalityAnswer(20, "z".repeat(64))) },
        "RESPONSE_INVALID",
        /a root/,
      ],
      [
        "without data",
        { finality: json({ finalized: { epoch: "20", root: rootOf(20) } }) },
        "RESPONSE_INVALID",
        /got nothing/,
      ],
      ["that is a list", { finality: json([1, 2]) }, "RESPONSE_INVALID", /got nothing/],
      ["that is null", { finality: json(null) }, "RESPONSE_INVALID", /got nothing/],
      [
        "that is no JSON",
        { finality: (response) => response.writeHead(200).end("<html>") },
        "RESPONSE_INVALID",
        /6 bytes/,
      ],
      ["with an error", { finality: json({ code: 503, message: "busy" }, 503) }, "HTTP_STATUS", /503 \(busy\)/],
      [
        "with an error page of any size",
        { finality: (response) => response.writeHead(502).end("x".repeat(1_000_000)) },
        "HTTP_STATUS",
        /502/,
      ],
      [
        "that is declared too large",
        { finality: (response) => response.writeHead(200, { "content-length": "1000000000" }).write("{") },
        "INPUT_TOO_LARGE",
        /at most 16384 bytes, got 1000000000/,
      ],
      [
        "that never ends",
        {
          finality(response) {
            response.writeHead(200);
            const more = () => void (response.destroyed || response.write("x".repeat(65_536), more));
            more();
          },
        },
        "INPUT_TOO_LARGE",
        /at most 16384 bytes/,
      ],
      [
        "that is cut off",
        {
          finality(response) {
            response.writeHead(200, { "content-length": "500" }).write('{"data":');
            setTimeout(() => response.destroy(), 10);
          },
        },
        "NETWORK_FAILED",
        /finality checkpoints/,
      ],
      ["by a reset", { finality: (response) => void response.destroy() }, "NETWORK_FAILED", /finality checkpoints/],
    ];
    for (const [name, answers, code, message] of cases) {
      it(name, async () => {
        const { ask } = await quorumOf([HONEST, { epoch: 20, answers }, HONEST]);
        const { report } = await ask();
        expect(report).to.include({ agreed: 2, epoch: 20 });
        const { verdict, finalized, root, error } = report!.statements[1]!;
        expect({ verdict, finalized, root }).to.deep.equal({ verdict: "silent", finalized: null, root: null });
        expect(error!.code).to.equal(code);
        expect(error!.message).to.match(message).and.match(/^b: /);
        // and alone with one honest one, there is no quorum
        const two = await quorumOf([HONEST, { epoch: 20, answers }]);
        const { details } = await failure("CHECKPOINT_NO_QUORUM", two.ask());
        expect(details).to.include({ epoch: null, agreed: 0, required: 2 });
        expect(verdicts(details.statements)).to.deep.equal(["a other", "b silent"]);
      });
    }

    it("to the second question that is malformed: the first one does not help with that epoch", async () => {
      const { ask } = await quorumOf([HONEST, { epoch: 21, answers: { root: json({ data: { root: 7 } }) } }, HONEST]);
      const { report } = await ask();
      expect(report!.statements[1]).to.deep.include({ verdict: "other", root: null });
      expect(report!.statements[1]!.error!.code).to.equal("RESPONSE_INVALID");
    });
  });

  describe("is bounded", () => {
    it("to three requests for each provider, whatever they do, and repeats none", async () => {
      const hostile: Tells[] = [
        { epoch: 22 },
        { epoch: 21, chain: "evil" },
        { epoch: 20, answers: { root: (response) => sendJson(response, {}, 500) } },
        { epoch: 25, answers: { root: (response) => sendJson(response, {}, 503) } },
        { epoch: 24, answers: { genesis: (response) => sendJson(response, {}, 429) } },
        { epoch: 23, answers: { finality: (response) => void response.destroy() } },
      ];
      const { ask, servers } = await quorumOf(hostile, { required: 3 });
      await rejection(ask());
      expect(countsOf(servers)).to.deep.equal([3, 2, 2, 3, 2, 2]);
    });

    it("in time: one that never answers costs at most timeoutMs a round", async () => {
      const clock = countingClock(50);
      const hang = { genesis: () => {} };
      const servers = await Promise.all([HONEST, { epoch: 20, answers: hang }, HONEST].map(checkpointServer));
      const at = { ...clock, nowMs: () => clockNow().nowMs() };
      const quorum = checkpointQuorum({ providers: named(servers), timeoutMs: 3_000 });
      const { report } = await quorum.checkpoint({ network: NETWORK, clock: at });
      expect(report!.statements[1]!.error).to.deep.include({ code: "REQUEST_TIMEOUT" });
      expect(report!.statements[1]!.error!.message).to.include("within 3000 ms");
      expect(new Set(clock.delays)).to.deep.equal(new Set([3_000]));
      expect(clock.sleeping()).to.equal(0);
      await until("the hung one is hung up on", () => servers[1]!.openAnswers() === 0);
    });

    it("and takes what is slow, but in time", async () => {
      const slow = (response: Parameters<typeof sendJson>[0]) =>
        void setTimeout(() => sendJson(response, finalityAnswer(20, rootOf(20))), 100);
      const { ask } = await quorumOf([HONEST, { epoch: 20, answers: { finality: slow } }], { timeoutMs: 5_000 });
      expect((await ask()).report).to.include({ agreed: 2 });
    });

    it("asks all at once", async () => {
      const waiting: (() => void)[] = [];
      const wait = (response: Parameters<typeof sendJson>[0]) => {
        waiting.push(() => sendJson(response, finalityAnswer(20, rootOf(20))));
        if (waiting.length === 3) for (const go of waiting) go();
      };
      const tells = { epoch: 20, answers: { finality: wait } };
      // each answers when all have been asked
      const { ask } = await quorumOf([tells, tells, tells]);
      expect((await ask()).report).to.include({ agreed: 3 });
    });

    it("by a signal, in either round, with its very reason, and leaves nothing behind", async () => {
      const reason = new Error("enough");
      for (const question of ["finality", "root"] as const) {
        const abort = new AbortController();
        const stop = () => abort.abort(reason);
        const { ask, servers } = await quorumOf([{ epoch: 21, answers: { [question]: stop } }, HONEST]);
        expect(await rejection(ask(abort.signal))).to.equal(reason);
        await until("all hung up", () => servers.every((server) => server.openAnswers() === 0));
      }
      // Node warns of eleven listeners: the public providers of mainnet are eight, and are asked two things at once
      const abort = new AbortController();
      const listeners = () => getEventListeners(abort.signal, "abort").length;
      const counts: number[] = [];
      const count = (response: Parameters<typeof sendJson>[0]) => {
        counts.push(listeners());
        sendJson(response, finalityAnswer(20, rootOf(20)));
      };
      const many = await quorumOf(Array.from({ length: 8 }, () => ({ epoch: 20, answers: { finality: count } })));
      await many.ask(abort.signal);
      expect(counts).to.deep.equal(Array.from({ length: 8 }, () => 1));
      expect(listeners()).to.equal(0);
      const aborted = await quorumOf([HONEST, HONEST]);
      expect(await rejection(aborted.ask(AbortSignal.abort(reason)))).to.equal(reason);
      expect(countsOf(aborted.servers)).to.deep.equal([0, 0]);
    });
  });

  it("does nothing until it is asked, and can be asked again", async () => {
    const { ask, servers } = await quorumOf([HONEST, HONEST]);
    expect(countsOf(servers)).to.deep.equal([0, 0]);
    await ask();
    await ask();
    expect(countsOf(servers)).to.deep.equal([4, 4]);
  });

  it("leaves those alone for as long as they ask who want to be, and says so", async () => {
    const busy = (response: Parameters<typeof sendJson>[0]) =>
      sendJson(response.setHeader("retry-after", "30"), { message: "slow down" }, 429);
    const tells: Tells[] = [
      HONEST,
      { epoch: 20, answers: { genesis: busy } },
      { epoch: 21, answers: { root: busy } },
      HONEST,
    ];
    const servers = await Promise.all(tells.map(checkpointServer));
    const clock = clockNow();
    const quorum = checkpointQuorum({ providers: named(servers), required: 3 });
    const errors = async () => {
      const thrown = await failure("CHECKPOINT_NO_QUORUM", quorum.checkpoint({ network: NETWORK, clock }));
      return thrown.details.statements.map(({ error }) => error?.message ?? "");
    };
    const told = await errors();
    for (const i of [1, 2]) expect(told[i]).to.match(/HTTP 429 \(slow down\), retry after 30000 ms/);
    expect(countsOf(servers)).to.deep.equal([2, 2, 3, 2]);
    await clock.advance(29_000);
    expect(await errors()).to.deep.equal(told);
    expect(countsOf(servers)).to.deep.equal([4, 2, 3, 4]);
    await clock.advance(1_000);
    expect(await errors()).to.deep.equal(told);
    expect(countsOf(servers)).to.deep.equal([6, 4, 6, 6]);
  });

  it("says what it is", () => {
    expect(
      checkpointQuorum({ providers: ["https://a.example", "https://b.example", "https://c.example"] }).name,
    ).to.equal("quorum of 2 in 3");
  });

  describe("never shows a credential", () => {
    it("of a URL, a header or an answer that repeats it", async () => {
      const KEY = "s3cr3t-k3y-0123456789";
      const dead = await deadUrl();
      const echo = (response: Parameters<typeof sendJson>[0]) =>
        sendJson(response, { message: `no route ${KEY}` }, 500);
      const servers = await Promise.all([
        checkpointServer({ epoch: 20, answers: { genesis: echo, finality: echo } }),
        checkpointServer({ epoch: 20, answers: { finality: (r) => sendJson(r, finalityAnswer(KEY, rootOf(20))) } }),
      ]);
      const hosts = servers.map(({ host }) => host);
      const quorum = checkpointQuorum({
        providers: [
          { url: `http://user:${KEY}@${hosts[0]}/${KEY}/?key=${KEY}`, operator: "a" },
          { url: `http://${hosts[1]}/`, operator: "b", headers: { "x-key": KEY } },
          { url: `${dead.replace("http://", `http://user:${KEY}@`)}/${KEY}`, operator: "c", name: "dead" },
        ],
      });
      const thrown = await rejection(quorum.checkpoint({ network: NETWORK, clock: clockNow() }));
      const said = `${JSON.stringify(thrown)} ${(thrown as Error).message} ${(thrown as Error).stack} ${quorum.name}`;
      expect(said).not.to.include(KEY);
      expect(said).to.include(hosts[0]).and.include("[hidden]");
    });
  });
});
