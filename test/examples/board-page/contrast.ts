/**
 * What of a part of the page is too faint by WCAG 2.2, as it is computed. Text, 4.5 to 1, or 3 to 1 where it is large; borders of what
 * can be filled in or chosen, and the plots' lines, 3 to 1.
 */
export function findFaint(part: "board" | "setup"): { checked: number; found: string[] } {
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
