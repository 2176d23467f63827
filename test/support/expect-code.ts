/** Refusals are matched by code, and their details must survive JSON. */
import { expect } from "chai";
import { type ErrorCode, type ErrorDetails, isSidelightError } from "../../src/errors.js";

/** What `run` throws: it must be a SidelightError of `code` with JSON-safe details. Gives the details. */
export function expectCode<C extends ErrorCode>(code: C, run: () => unknown): ErrorDetails[C] {
  const thrown = thrownBy(run);
  if (thrown === NOTHING) expect.fail(`expected ${code}, nothing was thrown`);
  if (!isSidelightError(thrown)) expect.fail(`expected ${code}, got ${String((thrown as Error)?.stack ?? thrown)}`);
  if (thrown.code !== code) expect.fail(`expected ${code}, got ${thrown.code}: ${thrown.message}`);
  if (!isJsonSafe(thrown.details)) expect.fail(`details of ${code} are not JSON-safe`);
  if (thrown.message === "") expect.fail(`${code} has no message`);
  return thrown.details as ErrorDetails[C];
}

export const NOTHING = Symbol("nothing");

/** What `run` throws; {@link NOTHING} if it does not. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (thrown) {
    return thrown;
  }
  return NOTHING;
}

function isJsonSafe(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || ArrayBuffer.isView(value)) return false;
  return Object.values(value).every(isJsonSafe);
}

/** The code of what `run` throws, `null` when it throws nothing. Anything but a SidelightError is thrown on. */
export function codeOf(run: () => unknown): ErrorCode | null {
  const thrown = thrownBy(run);
  if (thrown === NOTHING) return null;
  if (!isSidelightError(thrown)) throw thrown;
  return thrown.code;
}
