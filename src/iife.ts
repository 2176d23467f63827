/** What a page gets from one script tag: everything here is a property of `window.sidelight`. */
export { herumiBls } from "./bls/herumi.js";
export * from "./index.js";
export * from "./networks/index.js";
export { indexedDbStore } from "./store/indexeddb.js";
export { restSource } from "./transport/rest.js";
