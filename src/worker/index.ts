/** The same client on the other side of a port: in a worker, in another part of an extension. */
export { type ConnectedLightClient, type ConnectOptions, connectLightClient } from "./connect.js";
export type { ExtensionPort, NodePort, PortLike, WebPort } from "./port.js";
export { type Served, type ServeOptions, serveLightClient } from "./serve.js";
