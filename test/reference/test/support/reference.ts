/** The reference in a suite of tests: started once, and a plain word where it cannot be. */
import { type Reference, startReference, whyUnavailable } from "../../src/client.js";

/** One process for all suites. Nobody needs to stop it: it ends with its parent, and does not keep it. */
let shared: Promise<Reference> | undefined;

/**
 * A suite that needs the reference. Where its package is not installed, the suite says so and is skipped; in CI
 * (`CI=true`) it fails, since nobody reads what was skipped there.
 */
export function describeWithReference(title: string, body: (reference: () => Reference) => void): void {
  describe(title, () => {
    const reason = whyUnavailable();
    if (reason !== null) {
      it(`cannot run: ${reason}`, function () {
        if (process.env["CI"] === "true") throw new Error(reason);
        this.skip();
      });
      return;
    }
    let reference: Reference | undefined;
    before(async function () {
      this.timeout(60_000);
      shared ??= startReference({ preset: "minimal" });
      reference = await shared;
    });
    body(() => reference!);
  });
}
