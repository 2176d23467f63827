/** Files of other projects, each in its own wrapping, as what a source hands over. */

import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import type { RawObject } from "../../../src/transport/port.js";
import { readBytes, readJson, readYaml } from "../data-folder.js";

export type Format =
  /** An answer of the Beacon API, or a list of such, or only their `data`. */
  | "json"
  /** One object of `fork`, without any claim beside it. */
  | "ssz"
  /** The Beacon API's SSZ list of updates: `uint64` length, digest, object, and again. */
  | "ssz-chunks"
  /** A content value of the Portal network: digest and object; of updates, an SSZ list of such. */
  | "portal"
  | "portal-updates";

/** A file with one or several objects of one kind. */
export interface ObjectFile {
  readonly file: string;
  readonly format: Format;
  /** What is claimed, where the file says nothing or something else is to be tried. */
  readonly fork?: string;
  /** Changes each object, in JSON, before it is handed over. */
  readonly edit?: (data: unknown) => unknown;
  /** Which of its objects, if not all. */
  readonly slice?: readonly [start: number, end: number];
}

export function readObjects(source: ObjectFile): RawObject[] {
  const objects = readAll(source);
  return source.slice === undefined ? objects : objects.slice(...source.slice);
}

function readAll({ file, format, fork, edit = (data) => data }: ObjectFile): RawObject[] {
  if (format === "json") return readJsonObjects(file, fork, edit);
  if (format === "ssz") return [{ encoding: "ssz", bytes: readBytes(file), fork: fork! }];
  if (format === "ssz-chunks") return splitChunks(readBytes(file));
  const value = contentValue(readYaml(file));
  return format === "portal" ? [withDigest(value)] : splitList(value).map(withDigest);
}

function readJsonObjects(file: string, fork: string | undefined, edit: (data: unknown) => unknown): RawObject[] {
  const json = readJson(file) as object | object[];
  return (Array.isArray(json) ? json : [json]).map((entry) => {
    const { data, version } = entry as { data?: unknown; version?: string };
    const claim = fork ?? version;
    return { encoding: "json", value: edit(data ?? entry), ...(claim === undefined ? {} : { fork: claim }) };
  });
}

/** `content_value` of a Portal test file; some break the hex into lines. */
export function contentValue(yaml: unknown): Uint8Array {
  return fromHex((yaml as { content_value: string }).content_value);
}

function withDigest(bytes: Uint8Array): RawObject {
  return { encoding: "ssz", digest: toHex(bytes.subarray(0, 4)), bytes: bytes.slice(4) };
}

function splitChunks(bytes: Uint8Array): RawObject[] {
  const chunks: RawObject[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    chunks.push(withDigest(bytes.subarray(at + 8, at + 8 + length)));
    at += 8 + length;
  }
  return chunks;
}

/** SSZ `List[ByteList]`: offsets first. */
function splitList(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true) / 4;
  const offsets = Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
  return offsets.map((start, i) => bytes.subarray(start, offsets[i + 1] ?? bytes.length));
}
