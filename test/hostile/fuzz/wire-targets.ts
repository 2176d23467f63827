/** What is fuzzed of the wire itself: the frames and the snappy of libp2p, and server-sent events. */
import { isSidelightError } from "../../../src/errors.js";
import { readResponse, writeChunk, writeError } from "../../../src/transport/libp2p/codec/chunks.js";
import { createReader } from "../../../src/transport/libp2p/codec/reader.js";
import { decompress } from "../../../src/transport/libp2p/codec/snappy.js";
import { restSource } from "../../../src/transport/rest.js";
import { fillBytes } from "../../support/fill.js";
import { type Mutation, mutateBytes } from "../../support/mutate.js";
import { rawCompress } from "../../support/snappy-reference.js";
import { concat, piecesOf } from "../../unit/transport/libp2p/pieces.js";
import type { Run } from "./targets.js";

const MAX_PAYLOAD_BYTES = 700;
const MAX_CHUNKS = 4;

/** What a decoder may throw: anything else is a fault of the decoder. */
class Refused extends Error {}

export function changed(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  // what was cut to nothing has nothing to change
  return mutations.reduce((now, mutation) => (now.length === 0 ? now : mutateBytes(now, mutation)), bytes);
}

export function wireTargets(): [string, Run][] {
  return [
    ["libp2p response", libp2pResponse()],
    ["libp2p gossip", libp2pGossip()],
    ["server-sent events", serverSentEvents()],
  ];
}

function libp2pResponse(): Run {
  const payloads = [fillBytes(600, "first"), new Uint8Array(500).fill(7)];
  const digest = Uint8Array.of(1, 2, 3, 4);
  const honest = concat([...payloads.map((payload) => writeChunk(payload, digest)), writeError(3, "not here")]);
  const known = new Set(["", ...payloads.map(String)]);
  const shape = { hasContext: true, maxPayloadBytes: MAX_PAYLOAD_BYTES, maxChunks: MAX_CHUNKS };
  return async (mutations) => {
    const reader = createReader(piecesOf(changed(honest, mutations), 61), refuse);
    try {
      const chunks = await readResponse(reader, shape, refuse);
      if (chunks.length > MAX_CHUNKS) throw new Error("libp2p response: more chunks than were asked for");
      for (const { code, payload } of chunks) {
        // each frame has a checksum
        if (code === 0 && !known.has(String(payload))) throw new Error("libp2p response: accepted, and changed");
      }
      return chunks.length === payloads.length + 1 ? "unchanged" : `${chunks.length} chunks`;
    } catch (thrown) {
      return wordsOf(thrown);
    }
  };
}

/** Without a checksum: what comes out is as long as was announced, and no longer than allowed. */
function libp2pGossip(): Run {
  const honest = rawCompress(concat([fillBytes(300, "gossip"), new Uint8Array(300)]));
  return (mutations) => {
    try {
      const out = decompress(changed(honest, mutations), MAX_PAYLOAD_BYTES, refuse);
      if (out.length > MAX_PAYLOAD_BYTES) throw new Error("libp2p gossip: more than is allowed");
      return "unchanged";
    } catch (thrown) {
      return wordsOf(thrown);
    }
  };
}

function serverSentEvents(): Run {
  const lines = ["optimistic", "finality", "optimistic"].map(
    (type, i) => `id: ${i}\nevent: light_client_${type}_update\ndata: {"version":"electra","data":{"n":${i}}}\n\n`,
  );
  const honest = new TextEncoder().encode(`: hello\r\nretry: 10\n\n${lines.join("")}`);
  return async (mutations) => {
    const body = changed(honest, mutations).slice();
    const headers = { "content-type": "text/event-stream" };
    const source = restSource("http://fuzzed.example", {
      fetch: async () => new Response(new Blob([body]).stream(), { headers }),
    });
    const heard: string[] = [];
    try {
      await source.subscribe!({ onEvent: ({ type }) => heard.push(type) });
      throw new Error("server-sent events: the stream ended, and nobody was told");
    } catch (thrown) {
      if (!isSidelightError(thrown)) throw thrown;
      if (heard.some((type) => type !== "optimistic" && type !== "finality")) {
        throw new Error(`server-sent events: told of ${heard.join()}`);
      }
      return `${thrown.code} after ${heard.length}`;
    }
  };
}

function refuse(expected: string, actual: string): Refused {
  return new Refused(`${expected}, ${actual}`);
}

/** Of a kind: without its numbers. */
function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Refused)) throw thrown;
  return thrown.message.replaceAll(/\d+|0x[0-9a-f]+/g, "n");
}
