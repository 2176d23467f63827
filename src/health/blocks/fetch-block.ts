/** Proven blocks from sources that are not trusted: whoever sends another block is told of, and the next one is asked. */
import { isSidelightError, messageOf, SidelightError } from "../../errors.js";
import type { BlockDecoder, BlockFacts } from "./decode-block.js";

/** Someone who may have blocks. */
export interface BlockSource {
  /** For errors: no credentials. */
  readonly name: string;
  /**
   * SSZ of the block with a root (`0x` hex) or at a slot; `null` if there is none, as the source says.
   * Ends early, with the caller's own reason, when the caller no longer wants it.
   */
  block(id: string | number): Promise<Uint8Array | null>;
}

export interface BlockFault {
  readonly source: string;
  readonly error: SidelightError;
}

export interface FetchBlockOptions {
  readonly sources: readonly BlockSource[];
  readonly decoder: BlockDecoder;
  /** Told of each source that failed, or that sent something else. */
  readonly onFault?: ((fault: BlockFault) => void) | undefined;
}

/**
 * The block with a root, from the first source that has it.
 * @throws NO_SOURCE_ANSWERED; whatever a source throws that is no `SidelightError`
 */
export async function fetchBlock(root: string, { sources, decoder, onFault }: FetchBlockOptions): Promise<BlockFacts> {
  const attempts: { source: string; code: SidelightError["code"]; message: string }[] = [];
  // a caller may put them into another order when it is told of a fault
  for (const source of [...sources]) {
    try {
      const bytes = await source.block(root);
      if (bytes !== null) return decoder.decode(bytes, root);
      attempts.push({ source: source.name, code: "NOT_AVAILABLE", message: "no such block" });
    } catch (error) {
      if (!isSidelightError(error)) throw error;
      onFault?.({ source: source.name, error });
      attempts.push({ source: source.name, code: error.code, message: messageOf(error) });
    }
  }
  const request = `block ${root}`;
  const tried = attempts.map(({ source, message }) => `${source}: ${message}`).join("; ");
  const message = `${request}: no source has it${tried === "" ? "" : ` (${tried})`}`;
  throw new SidelightError("NO_SOURCE_ANSWERED", message, { request, attempts });
}
