/** Checks of this room's options: each refuses by the option's name. */
import { optionInvalid } from "../errors.js";
import { type EpochValues, METRIC_NAMES } from "./metrics.js";

/** @throws OPTION_INVALID */
export function positiveInteger(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw optionInvalid(option, "an integer of 1 or more", value);
}

/** @throws OPTION_INVALID */
export function wholeNumber(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw optionInvalid(option, "an integer of 0 or more", value);
}

/** @throws OPTION_INVALID */
export function positiveNumber(option: string, value: unknown): number {
  if (typeof value === "number" && value > 0 && value < Infinity) return value;
  throw optionInvalid(option, "a number above 0", value);
}

/** An epoch that can be counted on: what is no number would never be let go of. @throws OPTION_INVALID */
export function assertEpoch({ epoch, values }: EpochValues): void {
  wholeNumber("epoch", epoch);
  for (const metric of METRIC_NAMES) {
    const value = values[metric];
    if (value !== undefined && !Number.isFinite(value)) throw optionInvalid(`values.${metric}`, "a number", value);
  }
}
