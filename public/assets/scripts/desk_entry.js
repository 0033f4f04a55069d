/**
 * For staff: from the menu of a post to its page at the desk, where it can be dealt with. Pages say of
 * nobody who they are; who is not logged in is led to the log-in.
 */

import { addMenuEntry } from "./menu_entries.js";
import { msg } from "./words.js";

export function start() {
  addMenuEntry({
    rank: 60,
    title: msg("At the desk"),
    isFor: () => true,
    press: (post) => location.assign(`/mod/${encodeURIComponent(post.board)}/${post.no}`),
  });
}
