/** All pictures and films of the page, one at a time on the whole screen. */

import { addKey } from "./keys.js";
import { addTool } from "./page_tools.js";
import { msg } from "./words.js";

export function start() {
  addKey({ key: "v", title: msg("Gallery of all pictures"), press: open });
  addTool(msg("Gallery"), open);
}

async function open() {
  (await import("./gallery_view.js")).show();
}
