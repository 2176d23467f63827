/** Types of browsers.js, for the tests that start browsers themselves. */
export type BrowserName = "chromium" | "firefox";

export declare const CHROMIUM_FLAGS: readonly string[];

export declare function findBrowsers(names?: readonly BrowserName[]): Promise<Partial<Record<BrowserName, string>>>;

export declare function browserVariables(
  found: Partial<Record<BrowserName, string>>,
): Partial<Record<"CHROME_BIN" | "FIREFOX_BIN", string>>;
