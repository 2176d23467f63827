import { expect } from "chai";
import fc from "fast-check";
import { createMetricsRegistry } from "../../../src/metrics/registry.js";

function setUp() {
  return createMetricsRegistry({
    things_total: { type: "counter", help: 'Things, "counted"\nand \\ so on' },
    level: { type: "gauge", help: "A level" },
    wait_seconds: { type: "histogram", help: "A wait", buckets: [0.1, 1, 10] },
  });
}

describe("createMetricsRegistry", () => {
  it("writes Prometheus' text format, as its documentation has it", () => {
    const registry = setUp();
    registry.count("things_total", { source: 'a "b" \\ \n' });
    registry.count("things_total", { source: "c" }, 2.5);
    registry.set("level", -3);
    for (const value of [0.05, 0.1, 0.5, 20]) registry.observe("wait_seconds", value, { kind: "x" });
    expect(registry.text()).to.equal(
      [
        '# HELP things_total Things, "counted"\\nand \\\\ so on',
        "# TYPE things_total counter",
        'things_total{source="a \\"b\\" \\\\ \\n"} 1',
        'things_total{source="c"} 2.5',
        "# HELP level A level",
        "# TYPE level gauge",
        "level -3",
        "# HELP wait_seconds A wait",
        "# TYPE wait_seconds histogram",
        'wait_seconds_bucket{kind="x",le="0.1"} 2',
        'wait_seconds_bucket{kind="x",le="1"} 3',
        'wait_seconds_bucket{kind="x",le="10"} 3',
        'wait_seconds_bucket{kind="x",le="+Inf"} 4',
        'wait_seconds_sum{kind="x"} 20.65',
        'wait_seconds_count{kind="x"} 4',
        "",
      ].join("\n"),
    );
  });

  it("ignores what is not defined and what is no number, and never throws", () => {
    const registry = setUp();
    registry.count("other_total");
    registry.count("toString");
    registry.count("things_total", {}, -1);
    registry.set("level", Number.NaN);
    registry.observe("wait_seconds", Number.POSITIVE_INFINITY);
    expect(registry.text()).to.equal("\n");
  });

  it("keeps at most 500 series of a metric: memory is bounded whatever labels come", () => {
    const registry = setUp();
    for (let i = 0; i < 2_000; i++) registry.count("things_total", { source: `s${i}` });
    expect(registry.text().match(/^things_total\{/gm)).to.have.length(500);
    registry.count("things_total", { source: "s0" });
    expect(registry.text()).to.contain('things_total{source="s0"} 2');
  });

  it("asks for what is only known when the text is made, until it is removed", () => {
    const registry = setUp();
    let level = 1;
    const remove = registry.beforeText(() => registry.set("level", level));
    expect(registry.text()).to.contain("level 1\n");
    level = 2;
    expect(registry.text()).to.contain("level 2\n");
    remove();
    level = 3;
    expect(registry.text()).to.contain("level 2\n");
  });

  it("has buckets that are cumulative and end with the count, for any values", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), (values) => {
        const registry = setUp();
        for (const value of values) registry.observe("wait_seconds", value);
        const counts = [...registry.text().matchAll(/le="[^"]+"\} (\d+)/g)].map(([, count]) => Number(count));
        expect(counts).to.deep.equal([...counts].sort((a, b) => a - b));
        if (values.length > 0) expect(counts.at(-1)).to.equal(values.length);
      }),
    );
  });
});
