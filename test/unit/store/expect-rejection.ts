import { expect } from "chai";
import { type ErrorCode, isSidelightError, type SidelightError } from "../../../src/errors.js";

/** The error of a promise that must reject with `code`. */
export async function rejection<C extends ErrorCode>(code: C, promise: Promise<unknown>): Promise<SidelightError<C>> {
  try {
    await promise;
  } catch (thrown) {
    if (isSidelightError(thrown, code)) return thrown;
    throw thrown;
  }
  return expect.fail(`expected a rejection with ${code}`);
}

/** The error of a function that must throw `code`. */
export function thrownBy<C extends ErrorCode>(code: C, call: () => unknown): SidelightError<C> {
  try {
    call();
  } catch (thrown) {
    if (isSidelightError(thrown, code)) return thrown;
    throw thrown;
  }
  return expect.fail(`expected ${code} to be thrown`);
}
