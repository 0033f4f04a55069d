/**
 * Posts hidden or highlighted by the reader's own rules: made from the menu of a post with one
 * press, or written in the panel.
 */

import * as kept from "./kept.js";
import { addMenuEntry } from "./menu_entries.js";
import { factsOf } from "./post_facts.js";
import { RULES_KEPT } from "./rules_kept.js";
import { msg } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */
/** @typedef {import("./filter_rules.js").Field} Field */

/** Rules that a press in the menu of a post makes. @type {[import("./words.js").Message, Field, "id" | "name" | "trip"][]} */
const ONE_PRESS = [
  [msg("Hide all by this ID"), "id", "id"],
  [msg("Hide all by this name"), "name", "name"],
  [msg("Hide all by this tripcode"), "trip", "trip"],
];

export function start() {
  for (const [title, field, fact] of ONE_PRESS) {
    addMenuEntry({
      rank: 50,
      title,
      isFor: ({ element, board }) => factsOf(element, board)[fact] !== "",
      press: async ({ element, board }) => {
        // An ID means somebody on its board alone.
        (await atWork()).hideAllBy(field, factsOf(element, board)[fact], field === "id" ? [board] : []);
      },
    });
  }
  addMenuEntry({
    rank: 51,
    title: msg("Hide its pictures everywhere"),
    isFor: ({ element }) => element.querySelector(".file a.postfilename") !== null,
    press: async (post) => (await atWork()).hideFilesOf(post),
  });
  addMenuEntry({ rank: 52, title: msg("Filters…"), isFor: () => true, press: async () => (await import("./filter_panel.js")).openDialog() });
  kept.onChange(RULES_KEPT, atWork);
  const rules = /** @type {unknown} */ (kept.read(RULES_KEPT, []));
  if (Array.isArray(rules) && rules.length > 0) {
    return atWork();
  }
}

/** Whoever has no rules, like most, loads nothing of what they are made of. */
function atWork() {
  return import("./filters_at_work.js");
}
