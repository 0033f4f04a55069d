/** Keys that lead through a board: from post to post, from page to page, to catalog and index. */

import { addKey } from "./keys.js";
import { page } from "./page.js";
import { within } from "./posts.js";
import { msg } from "./words.js";

export function start() {
  addKey({ key: "j", title: msg("The next post"), press: () => step(1) });
  addKey({ key: "k", title: msg("The post before"), press: () => step(-1) });
  addKey({ key: "g", title: msg("To the top"), press: () => window.scrollTo(0, 0) });
  addKey({ key: "G", title: msg("To the bottom"), press: () => window.scrollTo(0, document.body.scrollHeight) });
  if (document.querySelector('a[rel="next"], a[rel="prev"]')) {
    addKey({ key: "n", title: msg("The next page"), press: () => press('a[rel="next"]') });
    addKey({ key: "p", title: msg("The page before"), press: () => press('a[rel="prev"]') });
  }
  if (page.board) {
    const { board } = page;
    addKey({ key: "i", title: msg("The board's index"), press: () => location.assign(`/${board}/`) });
    addKey({ key: "c", title: msg("The board's catalog"), press: () => location.assign(`/${board}/catalog.html`) });
  }
}

/** @param {string} selector */
function press(selector) {
  const link = document.querySelector(selector);
  if (link instanceof HTMLElement) {
    link.click();
  }
}

/** @param {1 | -1} way */
function step(way) {
  const posts = within(document).filter(({ element }) => element.offsetHeight > 0);
  const here = posts.findIndex(({ element }) => element.contains(document.activeElement));
  const next = here >= 0 ? here + way : firstOnScreen(posts, way);
  const post = posts[next]?.element;
  if (post) {
    post.tabIndex = -1;
    post.focus({ preventScroll: true });
    post.scrollIntoView({ block: "start" });
  }
}

/**
 * @param {import("./posts.js").Post[]} posts
 * @param {1 | -1} way
 */
function firstOnScreen(posts, way) {
  const first = posts.findIndex(({ element }) => element.getBoundingClientRect().top >= -1);
  return way === 1 ? first : first - 1;
}
