/**
 * Pictures of the examples, for whoever wants to see them: `SIDELIGHT_SCREENSHOTS=1`, then `screenshots/` of the repository,
 * not kept by git. To draw whole pages without a graphics card takes longer than all that is tested on them.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Page } from "playwright-core";

const FOLDER = fileURLToPath(new URL("../../screenshots/", import.meta.url));
const WIDTHS = { phone: 360, desktop: 1280 };
export const SCHEMES = ["light", "dark"] as const;

/** Are there to be pictures? */
export const ARE_PHOTOS_WANTED = Boolean(process.env["SIDELIGHT_SCREENSHOTS"]);

export function pathOfPhoto(name: string): string {
  mkdirSync(FOLDER, { recursive: true });
  return join(FOLDER, `${name}.png`);
}

/** Light and dark, phone and desktop; at no width may there be anything to scroll sideways to. */
export async function photograph(page: Page, name: string): Promise<void> {
  for (const [device, width] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width, height: device === "phone" ? 740 : 800 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `${name}: pixels beyond the ${device}'s ${width}`).to.be.at.most(0);
    for (const colorScheme of ARE_PHOTOS_WANTED ? SCHEMES : []) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: pathOfPhoto(`${name}-${device}-${colorScheme}`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
}
