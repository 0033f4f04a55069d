/** A thread with its files as one ZIP, to be read offline. */

import { addTool } from "./page_tools.js";
import { page } from "./page.js";
import { msg } from "./words.js";

export function start() {
  if (page.thread !== null) {
    addTool(msg("Save as ZIP"), save);
  }
}

async function save() {
  if (page.isTail) {
    // Of the whole thread the board packs it.
    location.assign(`/${page.board}/res/${page.thread}.zip`);
  } else {
    (await import("./thread_archive.js")).save();
  }
}
