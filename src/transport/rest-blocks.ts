/** Blocks from beacon nodes' REST API, for `sidelight/health`: bounded bytes, nothing decoded, nothing trusted. */
import { isSidelightError } from "../errors.js";
import type { BlockSource } from "./block-pool.js";
import { httpGet, tellDate, withDeadline } from "./http.js";
import { bodyKind } from "./rest-decode.js";
import {
  type Asked,
  foreignText,
  networkFailed,
  requestTimeout,
  responseInvalid,
  statusError,
  tooLarge,
} from "./rest-errors.js";
import { ERROR_BODY_LIMIT } from "./rest-limits.js";
import { type RestSourceOptions, resolveRestOptions } from "./rest-options.js";

export { type BlockPool, type BlockPoolOptions, type BlockSource, blockPool } from "./block-pool.js";

export type RestBlocksOptions = Pick<RestSourceOptions, "name" | "headers" | "fetch" | "timeoutMs" | "clock">;

/** `MAX_PAYLOAD_SIZE`: nodes do not take larger ones from each other. */
const MAX_BLOCK_BYTES = 10 * 1024 * 1024;

/**
 * A beacon node's blocks (`/eth/v2/beacon/blocks/{id}`, SSZ only), one request each, no retries: there are other sources.
 * For {@link blockPool}. Synchronous and without I/O.
 *
 * Rejects with `HTTP_STATUS`, `NETWORK_FAILED`, `REQUEST_TIMEOUT`, `RESPONSE_INVALID` (no SSZ), `INPUT_TOO_LARGE`, or the
 * reason of `signal`. HTTP 404, or 500 that says "not available", is `null`.
 *
 * @throws OPTION_INVALID
 */
export function restBlocks(url: string, options: RestBlocksOptions = {}): BlockSource {
  const config = resolveRestOptions(url, options);
  const { name, clock, timeoutMs, redact } = config;

  return {
    name,
    async block(id, request = {}) {
      const { signal, onBytes } = request;
      signal?.throwIfAborted();
      const asked: Asked = { source: name, request: `block ${id}`, redact };
      const get = {
        fetch: config.fetch,
        url: config.urlOf(`/eth/v2/beacon/blocks/${id}`),
        headers: { ...config.headers, accept: "application/octet-stream" },
        onBytes,
      };
      const limitFor = (response: Response) =>
        response.status === 200
          ? { bytes: MAX_BLOCK_BYTES, exceeded: (actual: number) => tooLarge(asked, MAX_BLOCK_BYTES, actual) }
          : { bytes: ERROR_BODY_LIMIT };
      // hangs up when this function ends, however it ends
      const connection = new AbortController();
      try {
        const late = () => requestTimeout(asked, timeoutMs);
        const work = httpGet({ ...get, signal: connection.signal }, limitFor);
        const answer = await withDeadline({ clock, timeoutMs, signal, late }, work);
        tellDate(answer.headers, request);
        if (answer.status !== 200) throw statusError(asked, answer, clock.nowMs());
        const kind = answer.headers.get("content-type");
        if (bodyKind(kind) === "ssz") return answer.body;
        throw responseInvalid(asked, "SSZ (application/octet-stream)", foreignText(kind ?? "no type", redact));
      } catch (thrown) {
        signal?.throwIfAborted();
        if (isSidelightError(thrown, "NOT_AVAILABLE")) return null;
        throw isSidelightError(thrown) ? thrown : networkFailed(asked, thrown);
      } finally {
        connection.abort();
      }
    },
  };
}
