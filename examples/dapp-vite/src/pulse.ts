/**
 * Participation, slot by slot, from a half to all: finality needs two thirds. The newest slot is on the right; a slot
 * without a bar had no block, or it was not heard of. By hand, in SVG.
 */
import { type Beat, PULSE_SLOTS } from "./state.js";
import { svg } from "./svg.js";

const HEIGHT = 150;
const TOP = 8;
const BASE = 126;
const LEFT = 48;
const LOWEST_RATE = 0.5;
/** On a phone that many fit. */
const MIN_BAR_PITCH = 6;
const MAX_BAR_WIDTH = 11;

export function drawPulse(target: SVGSVGElement, beats: readonly Beat[]): void {
  const width = target.clientWidth || 320;
  const slots = Math.min(PULSE_SLOTS, Math.floor((width - LEFT) / MIN_BAR_PITCH));
  const newest = beats.at(-1)?.slot ?? 0;
  const shown = beats.filter(({ slot }) => slot > newest - slots);
  const pitch = (width - LEFT) / slots;
  const barWidth = Math.min(MAX_BAR_WIDTH, pitch * 0.62);
  const first = shown[0]?.slot ?? newest;
  const xOf = (slot: number) => width - (newest - slot + 1) * pitch + (pitch - barWidth) / 2;

  const heard = new Set(shown.map(({ slot }) => slot));
  const empty = Array.from({ length: newest - first }, (_, i) => first + i).filter((slot) => !heard.has(slot));
  target.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  target.replaceChildren(
    line("grid", yOf(1), "100 %", width),
    line("threshold", yOf(2 / 3), "⅔", width),
    line("grid", BASE, "50 %", width),
    ...empty.map((slot) =>
      svg("rect", { class: "empty", x: xOf(slot), y: BASE - 3, width: barWidth, height: 3, rx: 1 }),
    ),
    ...shown.map(({ slot, rate }) =>
      svg("rect", { class: "bars", x: xOf(slot), y: yOf(rate), width: barWidth, height: BASE - yOf(rate), rx: 2 }),
    ),
    svg("text", { x: width, y: HEIGHT - 4, "text-anchor": "end" }, newest === 0 ? "" : `slot ${newest}`),
  );
  target.setAttribute("aria-label", describe(shown, empty.length));
}

function yOf(rate: number): number {
  const share = Math.max(0.02, (rate - LOWEST_RATE) / (1 - LOWEST_RATE));
  return BASE - share * (BASE - TOP);
}

function line(className: string, y: number, label: string, width: number): SVGElement {
  const group = svg("g", {});
  group.append(
    svg("line", { class: className, x1: LEFT, x2: width, y1: y, y2: y }),
    svg("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, label),
  );
  return group;
}

function describe(beats: readonly Beat[], emptySlots: number): string {
  if (beats.length === 0) return "No signatures yet";
  const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
  const rates = beats.map(({ rate }) => rate);
  const lowest = percent(Math.min(...rates));
  return `Participation in the last ${beats.length} blocks: newest ${percent(rates.at(-1)!)}, lowest ${lowest}, ${emptySlots} slots without a block`;
}
