// Two small pictures, drawn by hand in SVG: the committee as a ring, participation as bars.

const SVG = "http://www.w3.org/2000/svg";
const MEMBERS_A_RING = 128;

function path(className, d) {
  const element = document.createElementNS(SVG, "path");
  element.setAttribute("class", className);
  element.setAttribute("d", d);
  return element;
}

/** `Bitvector` as hex: member 0 is the lowest bit of the first byte. */
function hasSigned(bits, member) {
  const byte = Number.parseInt(bits.slice(2 + 2 * (member >> 3), 4 + 2 * (member >> 3)), 16);
  return ((byte >> (member & 7)) & 1) === 1;
}

function arc(radius, from, to) {
  const at = (turn) => {
    const angle = 2 * Math.PI * turn - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  };
  return `M${at(from)}A${radius} ${radius} 0 0 1 ${at(to)}`;
}

globalThis.draw = {
  /** One stroke a member, in as many rings as they need; viewBox -100 -100 200 200. */
  ring(svg, { bits, count, size }) {
    const rings = Math.ceil(size / MEMBERS_A_RING);
    const inRing = Math.ceil(size / rings);
    const width = rings === 1 ? 10 : 5;
    const gap = rings === 1 ? 0.3 : 0.25;
    const strokes = { signed: "", absent: "" };
    for (let member = 0; member < size; member++) {
      const radius = 94 - Math.floor(member / inRing) * (width + 2);
      const place = member % inRing;
      const stroke = arc(radius, (place + gap / 2) / inRing, (place + 1 - gap / 2) / inRing);
      strokes[hasSigned(bits, member) ? "signed" : "absent"] += stroke;
    }
    svg.style.setProperty("--stroke", width);
    svg.setAttribute("aria-label", `${count} of ${size} members of the sync committee signed`);
    svg.replaceChildren(path("absent", strokes.absent), path("signed", strokes.signed));
  },

  /** The newest beats, from the right; viewBox 0 0 (6 * slots) 40. From a half to all: finality needs two thirds. */
  pulse(svg, beats, slots) {
    const bars = beats.slice(-slots).map(({ rate }, i, shown) => {
      const x = 6 * (slots - shown.length + i) + 3;
      const height = Math.max(2, 2 * (rate - 0.5) * 40);
      return `M${x} 40V${(40 - height).toFixed(1)}`;
    });
    const lowest = Math.min(...beats.map(({ rate }) => rate));
    const label = beats.length === 0 ? "nothing yet" : `lowest ${Math.floor(lowest * 100)} percent`;
    svg.setAttribute("aria-label", `participation in the last ${bars.length} signatures, ${label}`);
    svg.replaceChildren(path("threshold", `M0 ${(40 - 40 / 3).toFixed(1)}H${6 * slots}`), path("bars", bars.join("")));
  },
};
