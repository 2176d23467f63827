/** What a page gets from one script tag: everything here is a property of `window.sidelight`. */
export { blstBls } from "./bls/blst/index.js";
export * from "./checkpoint/index.js";
export * from "./index.js";
export * from "./networks/index.js";
export { indexedDbStore } from "./store/indexeddb.js";
export { shareLightClient } from "./tabs/index.js";
export { restSource } from "./transport/rest.js";
export { connectLightClient, serveLightClient } from "./worker/index.js";
