/** Reporting a post, and deleting it or its files, from its menu: the page stays where it is. */

import { addMenuEntry } from "./menu_entries.js";
import { msg } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */

export function start() {
  // An archived thread has no form: nothing can be done to its posts.
  const isFor = () => document.getElementById("post-actions") !== null;
  addMenuEntry({ rank: 30, title: msg("Report…"), isFor, press: (post) => ask(post, "report") });
  addMenuEntry({ rank: 31, title: msg("Delete…"), isFor, press: (post) => ask(post, "delete") });
}

/**
 * @param {Post} post
 * @param {"delete" | "report"} action
 */
async function ask(post, action) {
  (await import("./post_action_form.js")).ask(post, action);
}
