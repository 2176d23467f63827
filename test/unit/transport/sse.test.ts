import type { ServerResponse } from "node:http";
import { expect } from "chai";
import { messageOf } from "../../../src/errors.js";
import type { SourceEvent } from "../../../src/transport/port.js";
import { restSource } from "../../../src/transport/rest.js";
import {
  closeServers,
  countingClock,
  deadUrl,
  failure,
  type Handler,
  lyingServer,
  sendJson,
  until,
} from "./lying-server.js";

let clock = countingClock();

/** Answers with an event stream and hands it over; closed by the test's end. */
const stream =
  (write: (response: ServerResponse) => void): Handler =>
  (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.flushHeaders();
    write(response);
  };

async function setUp(handler: Handler, options: Parameters<typeof restSource>[1] = {}) {
  const server = await lyingServer(handler);
  const source = restSource(server.url, { clock, name: "liar", ...options });
  const events: SourceEvent[] = [];
  const controller = new AbortController();
  let opened = 0;
  const follow = () =>
    source.subscribe({
      signal: controller.signal,
      onEvent: (event) => events.push(event),
      onOpen: () => opened++,
    });
  return { server, source, events, controller, follow, opened: () => opened };
}

const optimistic = (data: unknown) => `event: light_client_optimistic_update\ndata: ${JSON.stringify(data)}\n\n`;
const finality = (data: unknown) => `event: light_client_finality_update\ndata: ${JSON.stringify(data)}\n\n`;
const update = { attested_header: { beacon: { slot: "1" } } };

describe("restSource.subscribe", () => {
  beforeEach(() => {
    clock = countingClock();
  });
  afterEach(async () => {
    await closeServers();
    await until("every timer is gone", () => clock.sleeping() === 0);
  });

  it("delivers both kinds as raw JSON with the fork, once open, and resolves when aborted", async () => {
    const { server, events, controller, follow, opened } = await setUp(
      stream((response) => {
        response.write(optimistic({ version: "Deneb", data: update }));
        response.write(finality({ data: update }));
        response.write(optimistic(update));
      }),
    );
    const following = follow();
    await until("three events", () => events.length === 3);
    expect(events).to.deep.equal([
      { type: "optimistic", object: { encoding: "json", value: update, fork: "deneb" } },
      { type: "finality", object: { encoding: "json", value: update } },
      { type: "optimistic", object: { encoding: "json", value: update } },
    ]);
    expect(opened()).to.equal(1);
    controller.abort();
    await following;
    await until("hung up", () => server.openAnswers() === 0);
    expect(server.requests[0]?.url).to.equal(
      "/eth/v1/events?topics=light_client_finality_update,light_client_optimistic_update",
    );
    expect(server.requests[0]?.headers.accept).to.equal("text/event-stream");
  });

  it("sends the headers and keeps the path and query of the URL", async () => {
    const server = await lyingServer((_, response) => response.writeHead(404).end());
    const source = restSource(`http://u:p@${server.host}/base?key=k`, { headers: { "x-key": "abc" } });
    await failure("SUBSCRIPTION_FAILED", source.subscribe({ onEvent: () => {} }));
    expect(server.requests[0]?.url).to.match(/^\/base\/eth\/v1\/events\?key=k&topics=/);
    expect(server.requests[0]?.headers).to.include({ "x-key": "abc", authorization: "Basic dTpw" });
  });

  it("puts events together from any pieces, with any line ends, and passes repeats on", async () => {
    const text = optimistic({ version: "deneb", data: { ...update, name: "Zürich" } });
    const bytes = Buffer.from(text + text.replaceAll("\n", "\r\n") + text, "utf8");
    const { events, controller, follow } = await setUp(
      stream((response) => {
        let offset = 0;
        const next = () => {
          if (offset < bytes.length) response.write(bytes.subarray(offset, ++offset), () => setImmediate(next));
        };
        next();
      }),
    );
    const following = follow();
    await until("three events", () => events.length === 3);
    expect(events[0]?.object).to.have.nested.property("value.name", "Zürich");
    expect(events[1]).to.deep.equal(events[0]);
    controller.abort();
    await following;
  });

  it("ignores comments, other topics, unknown fields and events without a name", async () => {
    const { events, controller, follow } = await setUp(
      stream((response) => {
        response.write(": keep-alive\n\nevent: head\ndata: {garbage\n\nwhatever: 5\nretry: soon\ndata: {garbage\n\n");
        response.write(finality(update));
      }),
    );
    const following = follow();
    await until("one event", () => events.length === 1);
    controller.abort();
    await following;
  });

  const garbage: Record<string, string> = {
    "data that is not JSON": "event: light_client_finality_update\ndata: {garbage\n\n",
    "JSON that is no update": finality({ slot: "5" }),
    "a list": optimistic([update]),
    "an oversized event on one line": optimistic({ data: { x: "y".repeat(64 * 1024) } }),
    "an oversized event in many lines": `event: light_client_finality_update\n${"data: yyyyyyy\n".repeat(10_000)}`,
    "an oversized event in many lines, ended": `event: light_client_finality_update\n${"data: yyyyyyy\n".repeat(10_000)}\n`,
    "a line without end": "x".repeat(70 * 1024),
  };
  for (const [what, text] of Object.entries(garbage)) {
    it(`fails for ${what}, and hangs up`, async () => {
      const { server, events, follow } = await setUp(stream((response) => response.write(text)));
      const error = await failure("SUBSCRIPTION_FAILED", follow());
      expect(error.details.source).to.equal("liar");
      expect(error.message).to.match(/^liar: event stream: expected .*, got .{1,100}$/);
      expect(events).to.deep.equal([]);
      await until("hung up", () => server.openAnswers() === 0);
    });
  }

  it("takes an event of just under the limit", async () => {
    const { events, controller, follow } = await setUp(
      stream((response) => response.write(optimistic({ data: { x: "y".repeat(64 * 1024 - 100) } }))),
    );
    const following = follow();
    await until("one event", () => events.length === 1);
    controller.abort();
    await following;
  });

  it("delivers what came before garbage", async () => {
    const { events, follow } = await setUp(
      stream((response) => response.write(`${finality(update)}event: light_client_finality_update\ndata: x\n\n`)),
    );
    await failure("SUBSCRIPTION_FAILED", follow());
    expect(events).to.have.length(1);
  });

  it("fails when the stream ends, breaks and is cut", async () => {
    const ends: Handler[] = [
      stream((response) => response.end(finality(update))),
      stream((response) => response.write("event: ", () => response.destroy())),
      (request) => request.socket.resetAndDestroy(),
    ];
    for (const handler of ends) {
      const { follow } = await setUp(handler);
      await failure("SUBSCRIPTION_FAILED", follow());
    }
  });

  it("fails when nobody listens, and asks only once", async () => {
    const source = restSource(await deadUrl(), { clock, name: "liar" });
    const error = await failure("SUBSCRIPTION_FAILED", source.subscribe({ onEvent: () => {} }));
    expect(error.message).to.contain("liar: event stream: expected an answer, got: ").and.contain("ECONNREFUSED");
    expect(error.cause).to.have.property("code", "NETWORK_FAILED");
  });

  it("fails for another status, with what the server says, and asks only once", async () => {
    const { server, follow, opened } = await setUp((_, response) =>
      sendJson(response, { message: "no such topic" }, 503),
    );
    const error = await failure("SUBSCRIPTION_FAILED", follow());
    expect(error.message).to.equal("liar: event stream: expected HTTP 200, got HTTP 503 (no such topic)");
    expect(error.cause).to.have.property("code", "HTTP_STATUS");
    expect(server.requests).to.have.length(1);
    expect(opened()).to.equal(0);
  });

  it("fails for another content type, and hangs up", async () => {
    const { server, follow, opened } = await setUp((_, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.write("<html>");
    });
    const error = await failure("SUBSCRIPTION_FAILED", follow());
    expect(error.details.message).to.equal("expected text/event-stream, got text/html");
    expect(opened()).to.equal(0);
    await until("hung up", () => server.openAnswers() === 0);
  });

  it("fails when the headers do not come in time", async () => {
    const { server, follow } = await setUp(() => {}, { timeoutMs: 60 });
    const error = await failure("SUBSCRIPTION_FAILED", follow());
    expect(error.cause).to.have.property("code", "REQUEST_TIMEOUT");
    await until("hung up", () => server.openAnswers() === 0);
  });

  it("fails when not a byte comes for streamIdleMs", async () => {
    const { server, events, follow } = await setUp(
      stream((response) => response.write(finality(update))),
      { streamIdleMs: 500 },
    );
    const error = await failure("SUBSCRIPTION_FAILED", follow());
    expect(error.details.message).to.equal("expected a byte every 500 ms, got none");
    expect(events).to.have.length(1);
    await until("hung up", () => server.openAnswers() === 0);
  });

  it("waits anew for streamIdleMs after any byte, comments too, and for nothing else", async () => {
    const { controller, follow } = await setUp(
      stream((response) => {
        const timer = setInterval(() => response.write(":\n\n"), 2);
        response.on("close", () => clearInterval(timer));
      }),
      { timeoutMs: 50_000, streamIdleMs: 40_000 },
    );
    const following = follow();
    await until("a few waits", () => clock.delays.length > 5);
    expect(clock.sleeping()).to.be.at.most(1);
    expect(new Set(clock.delays.slice(1))).to.deep.equal(new Set([40_000]));
    controller.abort();
    await following;
  });

  it("resolves without asking anyone if aborted before", async () => {
    const { server, controller, follow } = await setUp(() => {});
    controller.abort();
    await follow();
    expect(server.connections()).to.equal(0);
  });

  for (const [phase, handler] of Object.entries<Handler>({
    "before the headers": () => {},
    "in the body of an error": (_, response) => {
      response.writeHead(500);
      response.write("{");
    },
    "in silence": stream(() => {}),
    "in the middle of an event": stream((response) => response.write("event: light")),
  })) {
    it(`resolves and hangs up when aborted ${phase}`, async () => {
      const { server, controller, follow } = await setUp(handler);
      const following = follow();
      await until("asked", () => server.requests.length === 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.abort();
      await following;
      await until("hung up", () => server.openAnswers() === 0);
    });
  }

  it("delivers nothing more once a listener aborts", async () => {
    const { source, events, controller } = await setUp(
      stream((response) => response.write(finality(update).repeat(3))),
    );
    await source.subscribe({
      signal: controller.signal,
      onEvent: (event) => {
        events.push(event);
        controller.abort();
      },
    });
    expect(events).to.have.length(1);
  });

  it("passes on what a listener throws, and hangs up", async () => {
    const { server, source } = await setUp(stream((response) => response.write(finality(update))));
    const onEvent = () => {
      throw new RangeError("listener");
    };
    const thrown = await source.subscribe({ onEvent }).catch((error: unknown) => error);
    expect(messageOf(thrown)).to.equal("listener");
    await until("hung up", () => server.openAnswers() === 0);
  });
});
