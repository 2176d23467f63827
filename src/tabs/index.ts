/** One client for all tabs of an origin. */
export type { Role, SharedEvents } from "./relay.js";
export { type SharedLightClient, type ShareOptions, shareLightClient } from "./share.js";
