import type { RangePattern } from "../test/devnet/src/api-types.ts";

export const ROUND_EPOCHS: number;
export const INCIDENTS: readonly { readonly epoch: number; readonly epochs: number; readonly name: string }[];
export function incidents(options: {
  firstEpoch: number;
  rounds: number;
  slotsPerEpoch: number;
  calmEpochs?: number;
}): { patterns: RangePattern[]; reorgs: { slot: number; depth: number }[] };
