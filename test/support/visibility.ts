/** A page whose visibility a test decides. */
import type { Visibility, VisibilityChange } from "../../src/visibility.js";

export interface ManualVisibility extends Visibility {
  hide(): void;
  show(): void;
  /** Tells a change without another state. */
  tell(change: VisibilityChange): void;
  /** How many watch. */
  readonly watchers: number;
}

export function manualVisibility(initially: ReturnType<Visibility["state"]> = "visible"): ManualVisibility {
  const listeners = new Set<(change: VisibilityChange) => void>();
  let state = initially;
  function tell(change: VisibilityChange): void {
    for (const listener of [...listeners]) listener(change);
  }
  return {
    state: () => state,
    watch(listener) {
      const entry = (change: VisibilityChange) => listener(change);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    hide() {
      state = "hidden";
      tell("hidden");
    },
    show() {
      state = "visible";
      tell("shown");
    },
    tell,
    get watchers() {
      return listeners.size;
    },
  };
}
