import { follow } from "./follow.js";
import { tell } from "./tell.js";

tell(follow);
