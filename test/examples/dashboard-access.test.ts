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
      expect(new Set(lines).size, "no line twice").to.equal(lines.length);
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
          const faint = await visitor.evaluate(findFaint, part);
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

/**
 * In the page, and alone there: what is too faint by WCAG 2.2. Text, 4.5 to 1, or 3 to 1 where it is large; borders of what
 * can be filled in or chosen, and the plots' lines, 3 to 1.
 */
function findFaint(part: "board" | "setup"): { checked: number; found: string[] } {
  for (const id of ["board", "setup"]) document.getElementById(id)!.hidden = id !== part;
  type Color = readonly [number, number, number, number];
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })!;
  const parse = (css: string): Color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r!, g!, b!, a! / 255];
  };
  const luminance = ([r, g, b]: Color) => {
    const [x, y, z] = [r, g, b].map((of) =>
      of / 255 <= 0.04045 ? of / 255 / 12.92 : ((of / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * x! + 0.7152 * y! + 0.0722 * z!;
  };
  const contrast = (one: Color, other: Color) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light! + 0.05) / (dark! + 0.05);
  };
  /** What is behind an element's content: nothing here is half transparent. */
  const ground = (of: Element | null): Color => {
    if (of === null) return parse("white");
    const color = parse(getComputedStyle(of).backgroundColor);
    return color[3] === 0 ? ground(of.parentElement) : color;
  };
  const found: string[] = [];
  let checked = 0;
  const check = (what: string, one: Color, other: Color, least: number) => {
    checked++;
    const ratio = contrast(one, other);
    if (ratio < least) found.push(`${what}: ${ratio.toFixed(2)}, at least ${least}`);
  };
  for (const of of document.querySelectorAll("body *")) {
    const style = getComputedStyle(of);
    const isSeen = of.getClientRects().length > 0 && of.closest("script, svg") === null;
    if (!isSeen) continue;
    const text = Array.from(of.childNodes).some((node) => node instanceof Text && node.data.trim() !== "");
    const name = `${of.tagName} ${of.id || of.className} ${of.textContent!.trim().slice(0, 20)}`;
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (text && of.tagName !== "OPTION") check(name, parse(style.color), ground(of), isLarge ? 3 : 4.5);
    if (!of.matches("input, select")) continue;
    check(`text of ${name}`, parse(style.color), ground(of), 4.5);
    check(`border of ${name}`, parse(style.borderTopColor), ground(of), 3);
    check(`border of ${name} outside`, parse(style.borderTopColor), ground(of.parentElement), 3);
    const placeholder = getComputedStyle(of, "::placeholder").color;
    if (of.hasAttribute("placeholder")) check(`placeholder of ${name}`, parse(placeholder), ground(of), 4.5);
  }
  const root = getComputedStyle(document.documentElement);
  for (const line of ["--line-0", "--line-1", "--line-2", "--line-3", "--bad", "--soft", "--accent"]) {
    check(line, parse(root.getPropertyValue(line)), parse(root.getPropertyValue("--card")), 3);
  }
  return { checked, found };
}
