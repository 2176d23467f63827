// A program that leans on the types: what it says here is what an editor shows. Compiled, never run.
import {
  type CheckpointStore,
  createLightClient,
  isSidelightError,
  type LightClientOptions,
  type Source,
  type VerifiedHeader,
} from "sidelight";
import { blstBls } from "sidelight/bls/blst";
import { mainnet, networkFromConfig } from "sidelight/networks";
import { indexedDbStore } from "sidelight/store/indexeddb";
import { restSource } from "sidelight/transport/rest";

const store: CheckpointStore = indexedDbStore();
const source: Source = restSource("https://node.example");
const options: LightClientOptions = {
  network: mainnet,
  checkpoint: "0x00",
  sources: [source],
  store,
  bls: blstBls(),
  forceUpdate: false,
};

const client = createLightClient(options);

const unsubscribe = client.on("head", ({ slot, root, trust }) => {
  const size: number | undefined = trust.participation?.size;
  show(slot.toFixed(), root.slice(2), size);
});
client.on("status", (status) => {
  if (status.state === "catching-up") show(status.progress.toPeriod);
  // @ts-expect-error: only while catching up
  status.progress;
});
client.on("error", ({ error }) => {
  if (isSidelightError(error, "HTTP_STATUS")) {
    const status: number = error.details.status;
    show(status);
  }
});
// @ts-expect-error: no event of that name
client.on("heads", () => {});
// @ts-expect-error: the checkpoint is the one thing that has no default
createLightClient({ network: mainnet, sources: [source] });
// @ts-expect-error: a configuration is values and a genesis
networkFromConfig({});

export async function run(signal: AbortSignal): Promise<VerifiedHeader> {
  const first = await client.start({ signal });
  for await (const head of client.events("head", { signal })) {
    const blockHash: string | undefined = head.execution?.blockHash;
    show(head.slot - first.slot, blockHash);
  }
  unsubscribe();
  await client.stop();
  return first;
}

function show(...values: unknown[]): void {
  document.title = values.join(" ");
}
