import "../page/main.js";
