/**
 * Hides what a reader doesn't want to see, and says so in a line that shows it again: posts, threads
 * on board pages and in the catalog, files.
 */

import { quotedBy } from "./post_addresses.js";
import { eachThatGoes } from "./posts.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */
/** @typedef {{label: string, hasStub: boolean, lift?: () => void}} Why `lift` is called when the reader wants it shown again */

/** Hidden posts whose replies are hidden too: 'b/124'. @type {Set<string>} */
const withReplies = new Set();
/** What was shown again stays so while the page is open. @type {WeakSet<Element>} */
const shownAnyway = new WeakSet();

let isListening = false;

/**
 * @param {HTMLElement} element
 * @param {Why} why
 */
export function hide(element, { label, hasStub, lift }) {
  listen();
  if (element.hidden || shownAnyway.has(element)) {
    return;
  }
  stubOf(element)?.remove();
  element.hidden = true;
  if (hasStub) {
    const stub = document.createElement(element.localName === "li" ? "li" : "p");
    stub.className = "stub";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say(msg("Show"));
    button.addEventListener("click", () => {
      show(element);
      shownAnyway.add(element);
      lift?.();
    });
    stub.append(`${label} `, button);
    element.before(stub);
  }
}

/** @param {HTMLElement} element */
export function show(element) {
  stubOf(element)?.remove();
  element.hidden = false;
}

/** @param {HTMLElement} element */
export function wasShownAnyway(element) {
  return shownAnyway.has(element);
}

/** @param {Post} post whose replies are hidden as well, from now on */
export function hideReplies({ board, no }) {
  withReplies.add(`${board}/${no}`);
}

/** @param {Post} post */
export function leaveReplies({ board, no }) {
  withReplies.delete(`${board}/${no}`);
}

/**
 * @param {Post} post
 * @returns {boolean} whether it answers a post whose replies are hidden
 */
export function isReplyToHidden(post) {
  return withReplies.size > 0 && quotedBy(post.element).some(({ board, no }) => withReplies.has(`${board}/${no}`));
}

/** @param {Element} element */
function stubOf(element) {
  const before = element.previousElementSibling;
  return before?.classList.contains("stub") ? before : null;
}

function listen() {
  if (isListening) {
    return;
  }
  isListening = true;
  load(asset("reading.css"));
  eachThatGoes(({ element }) => stubOf(element)?.remove());
  window.addEventListener("hashchange", showTarget);
  showTarget();
}

/** Whoever follows a link to a post wants to see it. */
function showTarget() {
  const target = document.getElementById(location.hash.replace(/^#q?/, ""));
  const hidden = target?.closest("[hidden]");
  if (hidden instanceof HTMLElement && hidden.matches("article.post")) {
    show(hidden);
    shownAnyway.add(hidden);
    hidden.scrollIntoView();
  }
}
