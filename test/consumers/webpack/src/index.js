import "../../page/main.js";
