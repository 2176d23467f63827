/** The sync committee as a ring: one stroke for each member. By hand, in SVG. */
import type { Participation } from "sidelight";
import { svg } from "./svg.js";

const MEMBERS_A_RING = 128;
const OUTER_RADIUS = 95;

export function drawRing(target: Element, { absent, count, size }: Participation): void {
  const rings = Math.ceil(size / MEMBERS_A_RING);
  const inRing = Math.ceil(size / rings);
  // many members: thin rings close to each other
  const width = rings === 1 ? 10 : 5;
  const gap = rings === 1 ? 0.3 : 0.22;
  const missing = new Set(absent.map(({ index }) => index));
  const strokes = { signed: "", absent: "" };
  for (let member = 0; member < size; member++) {
    const radius = OUTER_RADIUS - Math.floor(member / inRing) * (width + 3);
    const place = member % inRing;
    strokes[missing.has(member) ? "absent" : "signed"] += arc(
      radius,
      (place + gap / 2) / inRing,
      (place + 1 - gap / 2) / inRing,
    );
  }
  const draw = (name: keyof typeof strokes) => svg("path", { class: name, d: strokes[name], "stroke-width": width });
  target.replaceChildren(draw("absent"), draw("signed"));
  target.setAttribute("aria-label", `${count} of ${size} members of the sync committee signed`);
}

/** @param from,to in turns, clockwise from the top */
function arc(radius: number, from: number, to: number): string {
  const at = (turn: number) => {
    const angle = 2 * Math.PI * turn - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${at(from)}A${radius} ${radius} 0 0 1 ${at(to)}`;
}
