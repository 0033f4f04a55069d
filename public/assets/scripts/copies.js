/**
 * Posts shown once more, beside a link or in a panel: copies of those of this page, and posts of
 * other threads and boards, fetched with their thread's page, which is kept for a while.
 */

import { ask } from "./asking.js";
import { find } from "./posts.js";
import { pageFrom, safeCopy } from "./safe_html.js";

/** @typedef {import("./post_addresses.js").Place} Place */

const PAGES_MAX = 8;
const KEPT_MS = 120_000;
/** What a copy doesn't have: what is pressed there is meant for the post itself. */
const LEFT_OUT = "input, button, dialog, form, .inline-quote, .expanded, .stub";

/** @type {Map<string, {asked: number, document: Promise<Document | null>}>} by address */
const pages = new Map();
/** @type {((copy: HTMLElement) => void)[]} */
const visitors = [];

/** @param {(copy: HTMLElement) => void} visitor called for each copy before it is shown */
export function eachCopy(visitor) {
  visitors.push(visitor);
}

/**
 * @param {Place} place
 * @returns {Promise<HTMLElement | null>} null: there is no such post (any more)
 * @throws {import("./asking.js").NoAnswer}
 */
export async function copyFrom(place) {
  const here = find(place.no, place.board);
  if (here) {
    return copyOf(here.element, place);
  }
  const there = await pageAt(`/${place.board}/res/${place.thread}.html`);
  const element = there?.querySelector(`article.post[id="${place.no}"]`);
  return element ? copyOf(element, place) : null;
}

/**
 * @param {Element} element a post of this page, or of one that was fetched
 * @param {Place} place
 * @returns {HTMLElement} with no `id`, so that none is there twice
 */
export function copyOf(element, place) {
  const copy = document.createElement("article");
  copy.className = element.classList.contains("op") ? "post op copy" : "post reply copy";
  copy.dataset.copyOf = `${place.board}/${place.no}`;
  copy.append(safeCopy(element));
  for (const left of copy.querySelectorAll(LEFT_OUT)) {
    left.remove();
  }
  for (const named of copy.querySelectorAll("[id]")) {
    named.removeAttribute("id");
  }
  for (const hidden of copy.querySelectorAll("[hidden]")) {
    hidden.removeAttribute("hidden");
  }
  for (const link of copy.querySelectorAll(".has-expanded")) {
    // The large picture was left out: the thumbnail is shown again.
    link.classList.remove("has-expanded");
  }
  visitors.forEach((visitor) => visitor(copy));
  return copy;
}

/**
 * @param {string} address
 * @returns {Promise<Document | null>} null: it isn't there
 */
function pageAt(address) {
  const known = pages.get(address);
  if (known && performance.now() - known.asked < KEPT_MS) {
    return known.document;
  }
  pages.delete(address);
  if (pages.size >= PAGES_MAX) {
    // The one that was asked for first.
    pages.delete([...pages.keys()][0]);
  }
  const fetched = ask(address).then(async (answer) => (answer.status === 404 ? null : pageFrom(await answer.text())));
  // What failed is asked for again the next time.
  fetched.catch(() => pages.delete(address));
  pages.set(address, { asked: performance.now(), document: fetched });
  return fetched;
}
