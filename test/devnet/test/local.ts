import type { ControlMethod, ControlMethods, DevnetOptions } from "../src/api-types.ts";
import { bindDevnet, type Devnet } from "../src/bind.ts";
import { createChain } from "../src/chain/chain.ts";
import { resolveOptions } from "../src/chain/config.ts";
import { createHandlers } from "../src/control-server.ts";
import { createController } from "../src/controller.ts";
import { createFace } from "../src/server/face.ts";

/** A devnet in this process: the same methods without the second that a child takes to start. Minimal preset only. */
export async function localDevnet(options: DevnetOptions): Promise<Devnet> {
  const chain = createChain(resolveOptions(options, 0));
  const handlers = createHandlers(chain, createController(chain));
  const face = await createFace(chain);
  const opened: number[] = [];
  async function call<M extends ControlMethod>(
    method: M,
    params: ControlMethods[M]["params"],
  ): Promise<ControlMethods[M]["result"]> {
    const result = await handlers[method](params);
    if (method === "newServer") opened.push((result as ControlMethods["newServer"]["result"]).id);
    return result;
  }
  async function stop(): Promise<void> {
    // In a child the process would end; here each server has to.
    await Promise.all(opened.map((id) => handlers.closeServer({ id })));
    await face.close();
  }
  return bindDevnet(call, { url: face.url, pid: process.pid, stop });
}

export async function withDevnet<T>(options: DevnetOptions, use: (devnet: Devnet) => Promise<T>): Promise<T> {
  const devnet = await localDevnet(options);
  try {
    return await use(devnet);
  } finally {
    await devnet.stop();
  }
}
