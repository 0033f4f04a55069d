/** The post that a link leads to, right below the link, when it is pressed; once more puts it away. */

import { copyFrom } from "./copies.js";
import { linkAt } from "./post_addresses.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./post_addresses.js").Place} Place */

/** @type {WeakMap<HTMLAnchorElement, HTMLElement>} */
const opened = new WeakMap();

export function start() {
  load(asset("reading.css"));
  document.addEventListener("click", (event) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const found = isPlain && !event.defaultPrevented ? linkAt(event.target) : null;
    if (found && !isWithin(found.link, found.place)) {
      event.preventDefault();
      toggle(found.link, found.place);
    }
  });
}

/**
 * @param {HTMLAnchorElement} link
 * @param {Place} place
 */
async function toggle(link, place) {
  const before = opened.get(link);
  if (before?.isConnected) {
    before.remove();
    opened.delete(link);
    link.setAttribute("aria-expanded", "false");
    return;
  }
  const shown = document.createElement("div");
  shown.className = "inline-quote";
  shown.textContent = say(msg("Loading…"));
  opened.set(link, shown);
  link.setAttribute("aria-expanded", "true");
  const replies = link.closest(".mentioned");
  if (replies) {
    replies.append(shown);
  } else {
    link.after(shown);
  }
  try {
    shown.replaceChildren((await copyFrom(place)) ?? say(msg("This post is gone.")));
  } catch {
    shown.textContent = say(msg("The board gives no answer just now."));
  }
}

/**
 * Whether the link is in the post that it leads to, or in a copy of it: it then leads there.
 *
 * @param {Element} link
 * @param {Place} place
 */
function isWithin(link, { board, no }) {
  return (
    link.closest(`article.post[data-copy-of="${board}/${no}"]`) !== null ||
    (link.closest(`section.thread[data-board="${board}"]`) !== null && link.closest(`article.post[id="${no}"]`) !== null)
  );
}
