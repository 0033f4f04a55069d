/** A line above what the reader has not seen yet, and in the tab how many posts that are. */

import { lastRead, noteRead } from "./last_read.js";
import { page } from "./page.js";
import { each, eachThatGoes, within } from "./posts.js";
import { asset, load } from "./styles.js";
import { markUnread } from "./tab_marks.js";

/** @type {Map<Element, number>} posts that were not seen yet, with their numbers */
const unseen = new Map();

export function start() {
  const { board, thread } = page;
  if (!board || !thread) {
    return;
  }
  load(asset("live.css"));
  const posts = within(document);
  // Whoever is here for the first time begins at the top: nothing is new to them.
  const upTo = lastRead(board, thread) ?? posts.at(-1)?.no ?? 0;
  noteRead(board, thread, upTo);
  const line = document.createElement("hr");
  line.className = "unread-line";
  let isAwaited = false;
  const look = () => {
    isAwaited = false;
    if (document.hidden) {
      return;
    }
    let last = 0;
    for (const [element, no] of unseen) {
      // Also what was jumped over: whoever is below a post has read it, or does not want to.
      if (element.getBoundingClientRect().top >= innerHeight) {
        break;
      }
      unseen.delete(element);
      last = Math.max(last, no);
    }
    noteRead(board, thread, last);
    markUnread(unseen.size);
  };
  const lookSoon = () => {
    if (!isAwaited && unseen.size > 0) {
      isAwaited = true;
      requestAnimationFrame(look);
    }
  };
  const count = (/** @type {import("./posts.js").Post} */ { element, no }) => {
    if (no > upTo) {
      // All below the line was seen: what comes next begins anew.
      if (unseen.size === 0) {
        element.before(line);
      }
      unseen.set(element, no);
    }
  };
  posts.forEach(count);
  markUnread(unseen.size);
  lookSoon();
  each((post, isNew) => {
    if (isNew) {
      count(post);
      markUnread(unseen.size);
      lookSoon();
    }
  });
  eachThatGoes(({ element }) => unseen.delete(element));
  window.addEventListener("scroll", lookSoon, { passive: true });
  document.addEventListener("visibilitychange", lookSoon);
}
