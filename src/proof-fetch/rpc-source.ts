/** A JSON-RPC endpoint of an execution node (https://github.com/ethereum/execution-apis) as a source. Nothing is trusted. */
import { describeValue, type SidelightError } from "../errors.js";
import type { RequestOptions } from "../transport/port.js";
import { foreignText, notAvailable } from "../transport/rest-errors.js";
import { createHttpSource, type ProofSourceOptions } from "./http-source.js";

export interface RpcSource {
  /** Short and free of credentials: it appears in events and errors. */
  readonly name: string;
  /** `result` of the answer. @throws NOT_AVAILABLE for `null`, which nodes answer for what they do not have */
  call(method: string, params: readonly unknown[], options?: RequestOptions): Promise<unknown>;
}

/** A block's receipts are megabytes. */
const MAX_ANSWER_BYTES = 1 << 26;

/**
 * A JSON-RPC endpoint, reached over HTTP. Synchronous and without I/O.
 * @throws OPTION_INVALID
 */
export function rpcSource(url: string, options: ProofSourceOptions = {}): RpcSource {
  const http = createHttpSource(url, options);
  return {
    name: http.name,
    async call(method, params, call) {
      const body = { jsonrpc: "2.0", id: 1, method, params };
      const answer = await http.sendForJson({ words: method, route: "", maxBytes: MAX_ANSWER_BYTES, body }, call);
      if (typeof answer !== "object" || answer === null || !("result" in answer || "error" in answer)) {
        throw http.invalid(method, "a JSON-RPC answer", describeValue(answer));
      }
      const { result, error } = answer as { result?: unknown; error?: { code?: unknown; message?: unknown } };
      if (error !== undefined && error !== null) throw refused(http.name, method, error, http.redact);
      if (result === null || result === undefined) {
        throw notAvailable({ source: http.name, request: method, redact: http.redact }, "null");
      }
      return result;
    },
  };
}

/** An error of the node is none of the data: it may know nothing of the block, or not serve the method. */
function refused(
  source: string,
  request: string,
  { code, message }: { code?: unknown; message?: unknown },
  redact: (text: string) => string,
): SidelightError<"NOT_AVAILABLE"> {
  const why = `error ${Number(code)}: ${foreignText(String(message), redact)}`;
  return notAvailable({ source, request, redact }, why);
}
