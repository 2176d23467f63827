/** Many who come at once from one host, as everybody does who comes through a proxy. */
import "../../support/websocket.js";
import { expect } from "chai";
import { SidelightError } from "../../../src/errors.js";
import { mainnet } from "../../../src/networks/mainnet.js";
import { createPeers, type Peers } from "../../../src/transport/libp2p/index.js";
import { until } from "../../contract/async.js";
import { watchUnhandled } from "../../unit/client/waiting.js";

const PLACES = 12;

/** Who is refused hears it at once; a busy machine takes its time for all the others. */
const PATIENCE = { connectTimeoutMs: 60_000, firstByteTimeoutMs: 60_000, chunkTimeoutMs: 60_000 };

describe(`a sidelight that listens, with ${PLACES} places`, () => {
  watchUnhandled();
  let hub: Peers;
  let address: string;
  const visitors: Peers[] = [];

  beforeEach(async () => {
    const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
    hub = createPeers({ network: mainnet, peers: [], listen, maxInboundConnections: PLACES });
    [address] = (await hub.start()) as [string];
  });
  afterEach(async () => {
    await Promise.all(visitors.splice(0).map((peers) => peers.stop()));
    await hub.stop();
  });

  function come(count: number): Promise<boolean[]> {
    const arriving = Array.from({ length: count }, () =>
      createPeers({ network: mainnet, peers: [address], allowInsecure: true, ...PATIENCE }),
    );
    visitors.push(...arriving);
    return Promise.all(arriving.map(isLetIn));
  }

  /** It has nothing to give: whoever is told so was let in. */
  async function isLetIn({ sources }: Peers): Promise<boolean> {
    const error = await sources[0]!.finalityUpdate().catch((thrown: unknown) => thrown);
    if (!(error instanceof SidelightError)) throw error;
    expect(error.code).to.be.oneOf(["NOT_AVAILABLE", "NETWORK_FAILED"]);
    return error.code === "NOT_AVAILABLE";
  }

  it("lets in as many as it has places for, who come at once from one host", async () => {
    expect(await come(PLACES)).to.deep.equal(Array.from({ length: PLACES }, () => true));
  });

  it("lets in no more than that, however many come at once, and others when somebody has left", async () => {
    const letIn = await come(PLACES + 6);
    expect(letIn.filter(Boolean)).to.have.length(PLACES);
    expect(await come(1)).to.deep.equal([false]);
    await visitors[letIn.indexOf(true)]!.stop();
    await until(async () => (await come(1))[0]!, "the place that is free");
    expect(await come(1)).to.deep.equal([false]);
  });
});
