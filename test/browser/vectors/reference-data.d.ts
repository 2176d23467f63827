/** Written by `scripts/pack-reference-data.js` beside the bundles. */
declare module "reference-data" {
  /** By path below the data folder: text, or base64 of what is not text. Empty where there is no data. */
  export const files: Readonly<Record<string, { readonly text: string } | { readonly base64: string }>>;
}
