/** What an answer says beside its proof must be what is proven, or the answer could not be used as it is. */
import { SidelightError } from "../errors.js";
import { type Place, pathOf, placeIn } from "./input.js";

/** @throws CLAIM_MISMATCH */
export function assertClaim(
  place: Place,
  field: string,
  claimedValue: string | bigint,
  provenValue: string | bigint,
): void {
  if (claimedValue === provenValue) return;
  const path = pathOf(placeIn(place, field));
  const [claimed, proven] = [textOf(claimedValue), textOf(provenValue)];
  const message = `${place.object}: ${path} is claimed to be ${claimed}, and proven to be ${proven}`;
  throw new SidelightError("CLAIM_MISMATCH", message, { object: place.object, field: path, claimed, proven });
}

function textOf(value: string | bigint): string {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}
