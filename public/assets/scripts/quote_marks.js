/**
 * What a quote leads to is told beside it: a post of the reader's own, another thread, or nothing,
 * since the post is gone.
 */

import { eachCopy } from "./copies.js";
import { isOwn } from "./own_posts.js";
import { page } from "./page.js";
import { LINKS, placeOf } from "./post_addresses.js";
import { each, find } from "./posts.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

const DEAD_QUOTE = />>\d{1,15}\b/;

export function start() {
  load(asset("reading.css"));
  each(({ element, thread }) => mark(element, thread));
  eachCopy((copy) => mark(copy, null));
}

/**
 * @param {HTMLElement} element a post
 * @param {number | null} thread that it is in; null: a copy of one from anywhere
 */
function mark(element, thread) {
  for (const link of element.querySelectorAll(LINKS)) {
    const place = link instanceof HTMLAnchorElement ? placeOf(link.href) : null;
    if (place && link instanceof HTMLAnchorElement) {
      const marks = [];
      if (isOwn(place.board, place.no)) {
        marks.push(say(msg("(You)")));
      }
      if (thread !== null && place.thread !== thread) {
        marks.push(say(msg("(other thread)")));
      } else if (thread !== null && thread === page.thread && !page.isTail && isOfText(link) && !find(place.no)) {
        marks.push(say(msg("(gone)")));
      }
      if (marks.length > 0) {
        // Drawn by the style sheet: a text that is copied stays as it was typed.
        link.dataset.marks = marks.join(" ");
      }
    }
  }
  const body = element.querySelector(".body");
  if (body && body.textContent?.includes(">>")) {
    markDead(body);
  }
}

/**
 * What answers a post may come a moment after the post says so.
 *
 * @param {Element} link
 */
function isOfText(link) {
  return link.closest(".body") !== null;
}

/**
 * A quote that the board made no link of: nothing is there, or was when it was posted.
 *
 * @param {Element} body
 */
function markDead(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const texts = [];
  while (walker.nextNode()) {
    const text = /** @type {Text} */ (walker.currentNode);
    if (DEAD_QUOTE.test(text.data) && !text.parentElement?.closest("a, code, pre, .dead-quote")) {
      texts.push(text);
    }
  }
  for (let text of texts) {
    for (let found = DEAD_QUOTE.exec(text.data); found; found = DEAD_QUOTE.exec(text.data)) {
      const quote = text.splitText(found.index);
      text = quote.splitText(found[0].length);
      const dead = document.createElement("span");
      dead.className = "dead-quote";
      dead.title = say(msg("This post is gone, or never was."));
      quote.replaceWith(dead);
      dead.append(quote);
    }
  }
}
