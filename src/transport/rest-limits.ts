/**
 * How large an answer may be, in bytes.
 *
 * The largest objects are those of the mainnet preset with Electra branches (consensus-specs
 * `specs/altair/light-client/sync-protocol.md`, `specs/electra/light-client/sync-protocol.md`):
 *
 * - sync committee: 512 keys and their aggregate, 48 bytes each: 24 624
 * - header: beacon 112, offset 4, branch 128, execution header at most 616: 860
 * - bootstrap: 4 + 860 + 24 624 + branch 192 = 25 680
 * - update: offsets 8 + two headers 1 720 + 24 624 + branches 416 + sync aggregate 160 + slot 8 = 26 936
 * - finality update: offsets 8 + two headers 1 720 + branch 224 + 160 + 8 = 2 120; optimistic update: 1 032
 *
 * JSON writes a byte as two hex digits, plus names and quotes: about 55 KiB for an update and 5 KiB for a finality
 * update. The caps leave room for more than double that (a later fork's longer branches, or indented JSON), and keep
 * what a lying server can make us hold small.
 */
export interface SizeLimit {
  readonly ssz: number;
  readonly json: number;
}

/** A bootstrap, or one update of a range. */
export const COMMITTEE_OBJECT_LIMIT: SizeLimit = { ssz: 64 * 1024, json: 256 * 1024 };
/** A finality or optimistic update. */
export const SMALL_OBJECT_LIMIT: SizeLimit = { ssz: 16 * 1024, json: 64 * 1024 };
/** `uint64` length and four bytes of digest in front of each SSZ update. */
export const CHUNK_PREFIX_BYTES = 12;
/** As much of an error page as is read. */
export const ERROR_BODY_LIMIT = 8 * 1024;
/** The data of one event of the stream, in UTF-16 code units (its JSON is ASCII). */
export const EVENT_LIMIT = SMALL_OBJECT_LIMIT.json;
/** What the stream's parser may hold of an event that is not complete: the event and the names of its fields. */
export const EVENT_BUFFER_LIMIT = EVENT_LIMIT + 1024;

/** The cap of an answer with up to `count` updates. */
export function updatesLimit(count: number): SizeLimit {
  return {
    ssz: count * (COMMITTEE_OBJECT_LIMIT.ssz + CHUNK_PREFIX_BYTES),
    json: count * COMMITTEE_OBJECT_LIMIT.json,
  };
}
