import "../page/wasm-files.js";
