import { expect } from "chai";
import { documentVisibility, stateOfAll, type VisibilityChange } from "../../src/visibility.js";
import { manualVisibility } from "../support/visibility.js";

describe("stateOfAll", () => {
  const [visible, hidden, unknown] = (["visible", "hidden", "unknown"] as const).map((state) =>
    manualVisibility(state),
  );

  it("is visible if any is, hidden if the others are, unknown if nobody knows", () => {
    expect(stateOfAll([])).to.equal("unknown");
    expect(stateOfAll([unknown!, unknown!])).to.equal("unknown");
    expect(stateOfAll([unknown!, hidden!])).to.equal("hidden");
    expect(stateOfAll([hidden!, visible!, unknown!])).to.equal("visible");
  });
});

describe("documentVisibility", () => {
  it("knows nothing, and listens to nothing, where there is no page", () => {
    const page = documentVisibility();
    expect(page.state()).to.equal("unknown");
    page.watch(() => {})();
  });

  describe("of a page", () => {
    const global = globalThis as { document?: unknown; addEventListener?: unknown; removeEventListener?: unknown };
    let document: EventTarget & { visibilityState: string };
    let scope: EventTarget;
    let listeners: number;

    function counting<T extends EventTarget>(target: T): T {
      const { addEventListener, removeEventListener } = target;
      target.addEventListener = (...args: Parameters<typeof addEventListener>) => {
        listeners++;
        addEventListener.apply(target, args);
      };
      target.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
        listeners--;
        removeEventListener.apply(target, args);
      };
      return target;
    }

    beforeEach(() => {
      listeners = 0;
      document = Object.assign(counting(new EventTarget()), { visibilityState: "visible" });
      scope = counting(new EventTarget());
      Object.assign(global, {
        document,
        addEventListener: scope.addEventListener,
        removeEventListener: scope.removeEventListener,
      });
    });
    afterEach(() => {
      delete global.document;
      delete global.addEventListener;
      delete global.removeEventListener;
    });

    it("tells what the page goes through", () => {
      const page = documentVisibility();
      const seen: VisibilityChange[] = [];
      const unwatch = page.watch((change) => seen.push(change));
      const fire = (target: EventTarget, type: string, fields = {}) =>
        target.dispatchEvent(Object.assign(new Event(type), fields));
      document.visibilityState = "hidden";
      fire(document, "visibilitychange");
      expect(page.state()).to.equal("hidden");
      document.visibilityState = "visible";
      fire(document, "visibilitychange");
      expect(page.state()).to.equal("visible");
      fire(document, "freeze");
      fire(document, "resume");
      fire(scope, "pagehide", { persisted: true });
      fire(scope, "pageshow", { persisted: false });
      fire(scope, "pageshow", { persisted: true });
      fire(scope, "online");
      expect(seen).to.deep.equal(["hidden", "shown", "frozen", "woken", "frozen", "woken", "woken"]);
      unwatch();
      expect(listeners).to.equal(0);
      fire(scope, "online");
      expect(seen).to.have.length(7);
    });
  });
});
