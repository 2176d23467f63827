/** Who looks at what is connected, over all ports of a client, and that ports which are gone leave nothing behind. */
import { expect } from "chai";
import { type Internals, withInternals } from "../../../src/client/internals.js";
import type { LightClient } from "../../../src/client/light-client.js";
import type { Visibility, VisibilityChange } from "../../../src/visibility.js";
import { takeSeats } from "../../../src/worker/audience.js";
import { serveLightClient } from "../../../src/worker/serve.js";
import { puppet } from "./wires.js";

type ViewerState = ReturnType<Visibility["state"]>;

/** A client that shows who looks at it. */
function watchedClient() {
  const viewers = new Set<Visibility>();
  const told: VisibilityChange[] = [];
  const internals = {
    chain: () => null,
    guardRequests: () => {},
    addViewer(viewer: Visibility) {
      viewers.add(viewer);
      const unwatch = viewer.watch((change) => told.push(change));
      return () => {
        unwatch();
        viewers.delete(viewer);
      };
    },
  } as unknown as Internals;
  const state = { status: { state: "idle" }, head: null, finalized: null, participation: null, evidence: [] };
  const client = { ...state, checkpoint: null, sources: [], on: () => () => {} } as unknown as LightClient;
  return { client: withInternals(client, internals), viewers, told };
}

describe("the audience of a client", () => {
  const connected = (...states: ViewerState[]) => new Map(states.map((viewer, i) => [String(i), { viewer }]));

  it("is one viewer for all ports: visible if anything is, hidden if the rest is, unknown if nobody says", () => {
    for (const [states, expected] of [
      [[[], []], "unknown"],
      [[["unknown"], []], "unknown"],
      [[["unknown"], ["hidden"]], "hidden"],
      [[["hidden", "visible"], ["hidden"]], "visible"],
      [[["hidden"], ["unknown", "visible"]], "visible"],
    ] as const) {
      const { client, viewers } = watchedClient();
      for (const each of states) takeSeats(client, connected(...each)).tell("shown");
      expect([...viewers].map((viewer) => viewer.state())).to.deep.equal([expected]);
    }
  });

  it("passes on what is told, of any port", () => {
    const { client, told } = watchedClient();
    const [first, second] = [takeSeats(client, connected("visible")), takeSeats(client, connected("visible"))];
    first.tell("hidden");
    second.tell("woken");
    expect(told).to.deep.equal(["hidden", "woken"]);
  });

  it("is hidden when everybody who could look is gone", () => {
    const { client, viewers } = watchedClient();
    const page = connected("visible");
    const seats = takeSeats(client, page);
    seats.tell("shown");
    seats.leave();
    expect([...viewers].map((viewer) => viewer.state())).to.deep.equal(["hidden"]);
    // a worker that has no page
    takeSeats(client, connected("unknown")).tell("shown");
    expect([...viewers].map((viewer) => viewer.state())).to.deep.equal(["hidden"]);
    takeSeats(client, connected("visible")).tell("shown");
    expect([...viewers].map((viewer) => viewer.state())).to.deep.equal(["visible"]);
  });

  it("is there as long as the client is served, and then begins anew", () => {
    const { client, viewers } = watchedClient();
    const [first, second] = [takeSeats(client, connected("visible")), takeSeats(client, connected("hidden"))];
    first.tell("shown");
    first.close();
    expect([...viewers].map((viewer) => viewer.state())).to.deep.equal(["hidden"]);
    second.close();
    second.close();
    expect(viewers.size).to.equal(0);
    const third = takeSeats(client, connected("unknown"));
    first.close();
    expect([...viewers].map((viewer) => viewer.state())).to.deep.equal(["unknown"]);
    third.close();
    expect(viewers.size).to.equal(0);
  });

  it("does not grow with ports that are gone", () => {
    const { client, viewers } = watchedClient();
    for (let page = 0; page < 100; page++) {
      const end = puppet();
      const served = serveLightClient(end.port, client);
      end.receive({ sidelight: 1, session: "a", type: "hello", names: [], viewer: "visible" });
      expect(end.sent.at(-1)).to.include({ type: "welcome" });
      expect(served.connections).to.equal(1);
      expect(end.listeners).to.be.greaterThan(0);
      end.tell("close");
      expect([served.connections, end.listeners, viewers.size]).to.deep.equal([0, 0, 1]);
      expect([...viewers][0]!.state()).to.equal("hidden");
    }
  });
});
