/** Who looks: as a port, so that what follows the chain can be told and tested without a page. */

/**
 * - `shown`, `hidden`: what {@link Visibility.state} says has changed.
 * - `frozen`: nothing will run until `woken`, if ever; what must not outlast that is given up now.
 * - `woken`: something may have been missed: a page that was frozen or in the back-forward cache, a network that is back.
 */
export type VisibilityChange = "shown" | "hidden" | "frozen" | "woken";

export interface Visibility {
  /** `unknown` where there is nothing to look at: a worker, a server. */
  state(): "visible" | "hidden" | "unknown";
  /** Calls `listener` on each change, until the function that it gives is called. */
  watch(listener: (change: VisibilityChange) => void): () => void;
}

/**
 * The page's own: `document.visibilityState`, Page Lifecycle (`freeze`, `resume`), the back-forward cache, and `online`
 * (which workers tell as well). Safe to make anywhere; nothing is looked at before it is used.
 */
export function documentVisibility(): Visibility {
  return {
    state: () => (typeof document === "undefined" ? "unknown" : isHidden() ? "hidden" : "visible"),
    watch(listener) {
      const page = typeof document === "undefined" ? undefined : document;
      const global: Partial<EventTarget> = globalThis;
      const scope = typeof global.addEventListener === "function" ? (global as EventTarget) : undefined;
      const removals = [
        listen(page, "visibilitychange", () => listener(isHidden() ? "hidden" : "shown")),
        listen(page, "freeze", () => listener("frozen")),
        listen(page, "resume", () => listener("woken")),
        // kept in the back-forward cache, or gone for good: either way nothing of it will run
        listen(scope, "pagehide", () => listener("frozen")),
        listen(scope, "pageshow", (event) => (event as PageTransitionEvent).persisted && listener("woken")),
        listen(scope, "online", () => listener("woken")),
      ];
      return () => {
        for (const remove of removals) remove();
      };
    },
  };
}

/** Visible and prerendered pages are not: who prerenders wants it ready. */
function isHidden(): boolean {
  return document.visibilityState === "hidden";
}

function listen(target: EventTarget | undefined, type: string, listener: (event: Event) => void): () => void {
  target?.addEventListener(type, listener);
  return () => target?.removeEventListener(type, listener);
}

/** Several as one: visible if any is, hidden if the others are. */
export function stateOfAll(viewers: Iterable<Visibility>): ReturnType<Visibility["state"]> {
  let state: ReturnType<Visibility["state"]> = "unknown";
  for (const viewer of viewers) {
    const each = viewer.state();
    if (each === "visible") return "visible";
    if (each === "hidden") state = "hidden";
  }
  return state;
}
