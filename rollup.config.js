/**
 * The script-tag build: one file, `window.sidelight`, WASM inlined (its packages carry it as text).
 * `tsc` has made the modules in `dist/`; this only bundles them.
 */
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";

export default {
  input: "dist/iife.js",
  output: {
    file: "dist/sidelight.min.js",
    format: "iife",
    name: "sidelight",
    sourcemap: true,
    // no top-level await anywhere: a page's script tag and an extension's service worker could not load it
    plugins: [terser({ compress: { passes: 2 } })],
  },
  plugins: [resolve({ browser: true }), commonjs()],
  onwarn(warning, warn) {
    // chai-like circularities inside dependencies are theirs; ours would be a defect
    if (warning.code === "CIRCULAR_DEPENDENCY" && warning.ids?.every((id) => id.includes("node_modules"))) return;
    if (warning.code === "CIRCULAR_DEPENDENCY" || warning.code === "UNRESOLVED_IMPORT")
      throw new Error(warning.message);
    warn(warning);
  },
};
