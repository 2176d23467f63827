/** How many times as many random cases as usual: `SIDELIGHT_FUZZ`, default 1. */
export const FUZZ = Number(process.env["SIDELIGHT_FUZZ"] ?? 1);
