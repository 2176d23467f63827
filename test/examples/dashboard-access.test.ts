/** The dashboard for those who do not see it, or not well, or do not use a mouse: in each browser, with a made-up network. */
import { expect } from "chai";
import { type BoardPage, serveBoardPage } from "./board-page.ts";
import { eventually } from "./eventually.ts";
import { type Visitor, visitInChromium, visitInFirefox } from "./visitor.ts";

/** Two incidents, and what was walked through before them. */
const HOURS = 6;
const SECONDS = HOURS * 3600;

describe("access to examples/dashboard", function () {
  this.timeout(300_000);
  let site: BoardPage;
  const visitors: Visitor[] = [];

  before(async () => {
    site = await serveBoardPage();
    for (const visitor of await Promise.all([visitInChromium(), visitInFirefox()])) {
      if (visitor !== null) visitors.push(visitor);
    }
    await each(async (visitor) => {
      await visitor.goto(site.url);
      await visitor.evaluate((seconds) => window.day.pass(seconds), SECONDS);
    });
  });
  after(async () => {
    for (const visitor of visitors) await visitor.close();
    site?.close();
  });

  async function each(run: (visitor: Visitor) => Promise<void>): Promise<void> {
    for (const visitor of visitors) {
      try {
        await run(visitor);
      } catch (error) {
        (error as Error).message = `${visitor.browser}: ${(error as Error).message}`;
        throw error;
      }
    }
  }

  it("says each anomaly once, politely, and nothing that changes all the time", () =>
    each(async (visitor) => {
      const { lines, anomalies } = await visitor.evaluate(
        () => ({
          lines: Array.from(document.querySelectorAll("#news > p"), ({ textContent }) => textContent!),
          anomalies: window.day.anomalies().map(({ epoch, kind, metric }) => ({ epoch, kind, metric })),
        }),
        null,
      );
      const kinds = { begin: "begins", end: "ends", adapted: "new normal" };
      const due = new Set(anomalies.map(({ epoch, kind }) => `Epoch ${epoch.toLocaleString("en")}, ${kinds[kind]}: `));
      const said = lines.map((line) => /^Epoch [\d,]+, [a-z ]+: /.exec(line)?.[0]).filter((of) => of !== undefined);
      expect(due.size, "something to be said").to.be.greaterThan(1);
      for (const beginning of due) {
        const told = lines.filter((line) => line.startsWith(beginning));
        const inIt = anomalies.filter(
          ({ epoch, kind }) => `Epoch ${epoch.toLocaleString("en")}, ${kinds[kind]}: ` === beginning,
        );
        const values = told.flatMap((line) => line.match(/\([+-]?[\d.]+ σ\)/g) ?? []);
        expect(values.length, beginning).to.equal(inIt.length);
      }
      expect(new Set(said).size, "none twice").to.equal(said.length);
      // those of the epoch before the page was opened may be among them
      expect(said.length).to.be.at.least(due.size);
      const live = await visitor.evaluate(
        () =>
          Array.from(
            document.querySelectorAll("[role=status], [role=log], [role=alert], [aria-live], output"),
            (of) => ({
              role: of.role,
              is: of.id || of.firstElementChild!.id,
              // assertive ones interrupt
              live: of.ariaLive,
            }),
          ),
        null,
      );
      expect(live).to.deep.equal([
        { role: "alert", is: "refusal", live: null },
        { role: "status", is: "verdict", live: null },
        { role: "log", is: "news", live: null },
      ]);
    }));

  it("says in words what each plot shows, as of now", () =>
    each(async (visitor) => {
      const { summaries, points, slots } = await visitor.evaluate(
        () => ({
          summaries: Array.from(document.querySelectorAll(".plot"), (plot) => {
            const of = document.getElementById(plot.getAttribute("aria-describedby")!)!;
            return [plot.parentElement!.id, of.textContent!] as const;
          }),
          points: window.day.model().points.slice(-48),
          slots: window.day.model().slots as { slot: number; participation: number | null }[],
        }),
        null,
      );
      const said = Object.fromEntries(summaries);
      expect(Object.keys(said)).to.have.length(9);
      const number = (value: number) => value.toLocaleString("en");
      const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
      const epochs = `Epochs ${number(points[0]!.epoch)} to ${number(points.at(-1)!.epoch)}.`;
      const values = points.flatMap(({ values: of }) => of.syncParticipation ?? []);
      const [least, most] = [Math.min(...values), Math.max(...values)];
      expect(said["chart-shares"]).to.include(
        `${epochs} Sync committee participation: ${percent(values.at(-1)!)}, between ${percent(least)} and ${percent(most)}.`,
      );
      expect(said["chart-participation"]).to.match(
        new RegExp(`^Slots ${number(slots[0]!.slot)} to ${number(slots.at(-1)!.slot)}\\. Sync committee: `),
      );
      for (const [id, text] of summaries) expect(text, id).to.match(/^(Epochs|Slots) [\d,]+ to [\d,]+\. \S/);
      const newest = await visitor.text("#numbers thead th:last-child");
      expect(newest, "the table of numbers").to.equal(number(points.at(-1)!.epoch));
    }));

  it("lets the keyboard scroll whatever scrolls, by name", () =>
    each(async (visitor) => {
      await visitor.press("summary", "Enter");
      const scrollers = await visitor.evaluate(
        () =>
          Array.from(document.querySelectorAll<HTMLElement>("body *"))
            .filter((of) => ["auto", "scroll"].includes(getComputedStyle(of).overflowY) && of.clientHeight > 0)
            .map((of) => {
              const name =
                of.ariaLabel ?? document.getElementById(of.getAttribute("aria-labelledby") ?? "")?.textContent;
              const isRegion = of.tagName === "SECTION" || of.role === "region";
              return { name: name ?? "", isRegion, tabIndex: of.tabIndex };
            }),
        null,
      );
      expect(scrollers.map(({ name }) => name)).to.include.members(["Anomalies", "Sources", "Numbers"]);
      for (const { name, isRegion, tabIndex } of scrollers) {
        expect({ name, isRegion, tabIndex }).to.deep.equal({ name, isRegion: true, tabIndex: 0 });
        expect(name).to.not.equal("");
      }
      const scroller = "section:has(> #anomalies)";
      await visitor.press(scroller, "End");
      await eventually("a region that has moved", () =>
        visitor.evaluate((of) => document.querySelector(of)!.scrollTop > 0, scroller),
      );
    }));

  it("can be read and told apart in light and dark", () =>
    each(async (visitor) => {
      for (const scheme of ["light", "dark"] as const) {
        if (!(await visitor.prefer(scheme))) continue;
        for (const part of ["board", "setup"] as const) {
          const faint = await visitor.evaluate((of) => window.day.findFaint(of), part);
          expect(faint.checked, `${scheme} ${part}`).to.be.greaterThan(part === "board" ? 100 : 15);
          expect(faint.found, `${scheme} ${part}`).to.deep.equal([]);
        }
      }
      await visitor.prefer("light");
    }));

  it("moves nothing by itself, so there is nothing to reduce for those who prefer that", () =>
    each(async (visitor) => {
      const moving = await visitor.evaluate(
        () =>
          Array.from(document.querySelectorAll("*")).filter((of) => {
            const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(of);
            return !/^[0s, ]+$/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
          }).length + document.getAnimations().length,
        null,
      );
      expect(moving).to.equal(0);
    }));
});
