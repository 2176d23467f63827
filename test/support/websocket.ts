/** Node 20 has no `WebSocket`; libp2p takes whatever is there. */
import { WebSocket } from "ws";

globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
