/** Puts the extension together for both browsers; builds the library first if its sources are newer. @returns folders */
export function buildExtension(): Promise<{ chromium: string; firefox: string }>;
