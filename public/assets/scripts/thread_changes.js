/**
 * Brings the posts of a page up to date by what changed in their thread: new ones in their places,
 * altered ones in the place of the old, removed ones marked as such, since a reader may be amid them.
 */

import { page } from "./page.js";
import { came, changed, find, postOf, putIn, remove, within } from "./posts.js";
import { elementsOf, pageFrom, safeCopy } from "./safe_html.js";
import { inSlices } from "./slices.js";
import { msg, say } from "./words.js";

/**
 * @typedef {object} Feed as `/b/res/123.latest.json` has it
 * @property {number} change
 * @property {number} since
 * @property {{no: number, change: number, resto: number, html: string}[]} posts
 * @property {number[]} gone
 * @property {number} closed
 * @property {number} archived
 */

/** What answers a post. */
const REPLIES = ":scope > .mentioned > a";

/** What a post says, and the files and links in it. Scripts add other things to a post. */
const SAID = ":scope > .intro > :is(.subject, .tag, .signature, .edited), :scope > .dice, :scope > .body, :scope > .public_ban";
const NAMED = ":scope > .files :is(a.postfilename, .file-removed, .file-pending), :scope > .body a.post-link";

/** What was put in by this module, as it came. @type {Map<number, string>} */
const htmlOf = new Map();

/**
 * @param {unknown} told
 * @returns {Feed | null} null: it is none
 */
export function feedOf(told) {
  const feed = /** @type {Partial<Feed> | null} */ (told);
  return typeof feed?.change === "number" && Array.isArray(feed.posts) && Array.isArray(feed.gone)
    ? /** @type {Feed} */ (feed)
    : null;
}

/**
 * @param {Feed} feed
 * @param {number} seen the change up to which the page goes; `feed.since` or a later one
 * @param {HTMLElement} thread its section
 */
export function applyFeed(feed, seen, thread) {
  for (const { no, change, resto, html } of feed.posts) {
    // An OP says the change of its thread, which tells nothing of itself.
    if ((change > seen || resto === 0) && htmlOf.get(no) !== html) {
      const fresh = elementsOf(html).querySelector("article");
      if (fresh instanceof HTMLElement && Number(fresh.id) === no) {
        show(fresh, no, thread, () => fresh);
        htmlOf.set(no, html);
      }
    }
  }
  feed.gone.forEach(markAsGone);
}

/**
 * Brings the page up to date by a newer version of the same page.
 *
 * @param {string} text
 * @param {HTMLElement} thread
 * @returns {Promise<number | null>} the change up to which it goes; null: it is no such page
 */
export async function applyPage(text, thread) {
  const section = pageFrom(text).querySelector("main > section.thread[data-change]");
  if (!(section instanceof HTMLElement) || section.id !== thread.id) {
    return null;
  }
  const there = new Set();
  let first = Infinity;
  const waiting = [.../** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll("article.post"))].reverse();
  await inSlices(() => {
    const fresh = waiting.pop();
    if (fresh) {
      const no = Number(fresh.id);
      there.add(no);
      if (fresh.classList.contains("reply")) {
        first = Math.min(first, no);
      }
      // PERF: most of them are there already, and are looked at, not copied.
      show(fresh, no, thread, () => safeArticle(fresh));
      htmlOf.delete(no);
    }
    return waiting.length > 0;
  });
  for (const { no } of within(thread)) {
    // A page of the last posts does not show those before them.
    if (!there.has(no) && no >= first) {
      markAsGone(no);
    }
  }
  return Number(section.dataset.change);
}

/**
 * @param {HTMLElement} article of a page that was read
 * @returns {HTMLElement}
 */
function safeArticle(article) {
  const alone = article.ownerDocument.createElement("section");
  alone.append(article);
  return /** @type {HTMLElement} */ (safeCopy(alone).firstElementChild);
}

/**
 * @param {HTMLElement} fresh
 * @param {number} no
 * @param {HTMLElement} thread
 * @param {() => HTMLElement} made the same, as it may be put into this page
 */
function show(fresh, no, thread, made) {
  const old = find(no);
  if (!old) {
    if (!isAboveTail(no, thread)) {
      putIn(made(), thread);
    }
  } else if (signature(old.element) === signature(fresh)) {
    showBacklinks(old.element, fresh, made);
  } else {
    const article = made();
    old.element.before(article);
    remove(old);
    came(article, false);
  }
}

/**
 * On a page of a thread's last posts, whether this is one of those before them: it may have been altered,
 * or answered.
 *
 * @param {number} no
 * @param {HTMLElement} thread
 */
function isAboveTail(no, thread) {
  const first = page.isTail ? within(thread).find(({ element }) => element.classList.contains("reply")) : null;
  return Boolean(first && no < first.no);
}

/**
 * @param {Element} post
 * @returns {string} the same for what says the same, whatever scripts have added to it
 */
function signature(post) {
  const named = [...post.querySelectorAll(NAMED)].filter((element) => !element.closest(".inline-quote"));
  return [
    ...Array.from(post.querySelectorAll(SAID), textOf),
    ...named.map((element) => element.getAttribute("href") ?? element.className),
  ].join("\n");
}

/**
 * @param {Element} part
 * @returns {string} without the quoted posts that a reader has opened in it
 */
function textOf(part) {
  if (!part.querySelector(".inline-quote")) {
    return part.textContent ?? "";
  }
  const copy = /** @type {Element} */ (part.cloneNode(true));
  copy.querySelectorAll(".inline-quote").forEach((quote) => quote.remove());
  return copy.textContent ?? "";
}

/**
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 * @param {() => HTMLElement} made
 */
function showBacklinks(old, fresh, made) {
  const isKnown = (/** @type {Element} */ link) =>
    [...old.querySelectorAll(REPLIES)].some((other) => other.getAttribute("href") === link.getAttribute("href"));
  if ([...fresh.querySelectorAll(REPLIES)].every(isKnown)) {
    return;
  }
  const before = old.querySelector(":scope > .mentioned");
  const after = made().querySelector(":scope > .mentioned");
  if (before && after) {
    const links = [...after.querySelectorAll("a")].filter((link) => !isKnown(link));
    before.append(...links.flatMap((link) => [" ", link]));
  } else if (after) {
    old.append(after);
  }
  const post = postOf(old);
  if (post) {
    changed(post);
  }
}

/** @param {number} no */
function markAsGone(no) {
  const post = find(no);
  if (post && !post.element.classList.contains("gone")) {
    post.element.classList.add("gone");
    const mark = document.createElement("span");
    mark.className = "mark gone-mark";
    mark.textContent = say(msg("Removed"));
    post.element.querySelector(".intro")?.append(" ", mark);
  }
}
