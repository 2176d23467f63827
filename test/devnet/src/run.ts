// The hasher first: whatever touches SSZ after it uses it.
import "./chain/hasher.ts";
import type { ReadyLine } from "./api-types.ts";
import type { Arguments } from "./args.ts";
import { createChain } from "./chain/chain.ts";
import { resolveOptions } from "./chain/config.ts";
import { createControlServer } from "./control-server.ts";
import { type Controller, createController } from "./controller.ts";
import { createFace } from "./server/face.ts";

function slotNow(genesisTime: number, secondsPerSlot: number): number {
  return Math.floor((Date.now() / 1000 - genesisTime) / secondsPerSlot);
}

/** A block at the start of each slot; a slow machine catches up instead of leaving slots out. */
async function follow(controller: Controller, genesisTime: number, secondsPerSlot: number): Promise<void> {
  for (;;) {
    const slot = slotNow(genesisTime, secondsPerSlot);
    await controller.advanceTo(slot);
    const next = (genesisTime + (slot + 1) * secondsPerSlot) * 1000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())));
  }
}

export async function run({ options: given, port }: Arguments): Promise<ReadyLine> {
  const options = resolveOptions(given, Math.floor(Date.now() / 1000));
  const chain = createChain(options);
  const controller = createController(chain);
  const isLive = options.mode === "live";
  const { genesisTime, secondsPerSlot } = options;
  await controller.advanceTo(options.preSlots);
  // The run itself took time: the devnet is ready when its head is the present one.
  if (isLive) await controller.advanceTo(slotNow(genesisTime, secondsPerSlot));
  const face = await createFace(chain, port);
  const control = await createControlServer(chain, controller);
  if (isLive) {
    follow(controller, genesisTime, secondsPerSlot).catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  }
  return { ready: true, url: face.url, controlUrl: control.url, pid: process.pid };
}
