/** The dashboard asks for metrics that there are. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { CLIENT_METRICS } from "../../../src/metrics/definitions.js";

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

describe("examples/grafana/dashboard.json", () => {
  const path = new URL("../../../examples/grafana/dashboard.json", import.meta.url);
  const { panels } = JSON.parse(readFileSync(path, "utf8")) as Dashboard;

  it("shows only metrics that a client has", () => {
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/sidelight_\w+/g) ?? []));
    expect(asked.length).to.be.greaterThan(10);
    for (const name of asked) {
      expect(Object.keys(CLIENT_METRICS)).to.include(name.replace(/_(bucket|sum|count)$/, ""));
    }
  });
});
