/** Other pages of the same origin (or of none), real ones: frames, each with its own script. */
import type { Failure, FrameCommands } from "../pages/frame.js";

const PAGE = "/base/test/browser/pages/frame.html";
const LOAD_LIMIT_MS = 30_000;

/** What a command rejects with: an error of the other page. */
export class FrameError extends Error {
  readonly code: string | null;
  constructor({ code, message }: Failure) {
    super(message);
    this.code = code;
  }
}

export interface Frame {
  call<K extends keyof FrameCommands>(
    name: K,
    ...args: Parameters<FrameCommands[K]>
  ): Promise<Awaited<ReturnType<FrameCommands[K]>>>;
  /** As a user does it. What it was called for before never comes. */
  reload(): Promise<void>;
  close(): void;
}

/** @param sandbox as of the attribute: without `allow-same-origin`, the page has an origin of its own, and no storage */
export async function openFrame(sandbox?: string): Promise<Frame> {
  const element = document.createElement("iframe");
  if (sandbox !== undefined) element.setAttribute("sandbox", sandbox);
  element.src = PAGE;
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let nextId = 0;
  let onReady: (() => void) | undefined;

  function listen({ data, source }: MessageEvent): void {
    if (source !== element.contentWindow) return;
    if (data === "ready") {
      onReady?.();
      return;
    }
    const { id, result, failure } = data as { id: number; result: never; failure?: Failure };
    const call = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) call?.resolve(result);
    else call?.reject(new FrameError(failure));
  }

  function loaded(start: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the frame's script did not load")), LOAD_LIMIT_MS);
      onReady = () => {
        clearTimeout(timer);
        resolve();
      };
      start();
    });
  }

  window.addEventListener("message", listen);
  await loaded(() => document.body.append(element));
  return {
    call(name, ...args) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        element.contentWindow!.postMessage({ id, name, args }, "*");
      });
    },
    reload: () => loaded(() => element.contentWindow!.location.reload()),
    close() {
      window.removeEventListener("message", listen);
      element.remove();
    },
  };
}
