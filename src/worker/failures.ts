/** The errors of a connection, and of its options. */
import { type ErrorDetails, optionInvalid, SidelightError } from "../errors.js";
import { PROTOCOL_VERSION } from "./protocol.js";

export type LossReason = ErrorDetails["CONNECTION_LOST"]["reason"];

export function connectionLost(reason: LossReason, message: string): SidelightError<"CONNECTION_LOST"> {
  return new SidelightError("CONNECTION_LOST", `the connection to the client is lost: ${message}`, { reason, message });
}

export function protocolMismatch(actual: number): SidelightError<"PROTOCOL_MISMATCH"> {
  const message = `the other side speaks version ${actual} of the protocol, this one version ${PROTOCOL_VERSION}: two versions of sidelight`;
  return new SidelightError("PROTOCOL_MISMATCH", message, { expected: PROTOCOL_VERSION, actual });
}

export function messageRefused({ message, expected, actual }: ErrorDetails["MESSAGE_INVALID"]) {
  const text = `the other side refused a message: ${message}: expected ${expected}, got ${actual}`;
  return new SidelightError("MESSAGE_INVALID", text, { message, expected, actual });
}

export function eventsDropped(event: string, dropped: number): SidelightError<"EVENTS_DROPPED"> {
  const message = `${dropped} events (${event}) did not cross the port: this side is too slow`;
  return new SidelightError("EVENTS_DROPPED", message, { event, dropped });
}

/** @throws OPTION_INVALID */
export function assertOption(option: string, expected: string, value: unknown, holds: boolean): void {
  if (!holds) throw optionInvalid(option, expected, value);
}
