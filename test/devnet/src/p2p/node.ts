import "./with-resolvers.ts";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import type { PrivateKey } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { compress, messageId, uncompress } from "./codec.ts";

export type Node = Awaited<ReturnType<typeof createNode>>;

/** Where others look for a node, and whom they expect there. */
export type Place = { readonly privateKey: PrivateKey; readonly listen: string };

/** What is published with this in front of it goes out as it is, and is no snappy. */
export const RAW = Buffer.from("not snappy: ");

/** One that nobody has had before. */
export async function newPlace(): Promise<Place> {
  // as beacon nodes have it
  return { privateKey: await generateKeyPair("secp256k1"), listen: "/ip4/127.0.0.1/tcp/0/ws" };
}

export async function createNode(place?: Place) {
  const { privateKey, listen } = place ?? (await newPlace());
  return createLibp2p({
    privateKey,
    addresses: { listen: [listen] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // a test makes many connections from one address at once
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
    services: {
      identify: identify(),
      pubsub: gossipsub({
        globalSignaturePolicy: "StrictNoSign",
        allowPublishToZeroTopicPeers: true,
        // the same truth is published again when a fault repeats it
        ignoreDuplicatePublishError: true,
        floodPublish: true,
        msgIdFn: ({ topic, data }) => messageId(topic, data),
        dataTransform: {
          inboundTransform: (_, data) => uncompress(data),
          outboundTransform: (_, data) => (RAW.equals(data.subarray(0, RAW.length)) ? data : compress(data)),
        },
      }),
    },
  });
}
