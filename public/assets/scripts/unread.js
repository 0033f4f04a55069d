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
    for (const [element, no] of unseen) {
      // Also what was jumped over: whoever is below a post has read it, or does not want to.
      if (element.getBoundingClientRect().top < innerHeight) {
        unseen.delete(element);
        noteRead(board, thread, no);
      }
    }
    markUnread(unseen.size);
  };
  const lookSoon = () => {
    if (!isAwaited && unseen.size > 0) {
      isAwaited = true;
      requestAnimationFrame(look);
    }
  };
  each(({ element, no }) => {
    if (no > upTo) {
      unseen.set(element, no);
      markUnread(unseen.size);
      const isFirst = !line.isConnected || wasSeen(line);
      if (isFirst && element.parentElement) {
        element.before(line);
      }
      lookSoon();
    }
  });
  eachThatGoes(({ element }) => unseen.delete(element));
  window.addEventListener("scroll", lookSoon, { passive: true });
  document.addEventListener("visibilitychange", lookSoon);
}

/**
 * Whether all posts below the line were seen: the next that comes begins anew.
 *
 * @param {Element} line
 */
function wasSeen(line) {
  const first = [...unseen.keys()].filter((post) => line.compareDocumentPosition(post) & Node.DOCUMENT_POSITION_FOLLOWING);
  return first.length <= 1;
}
