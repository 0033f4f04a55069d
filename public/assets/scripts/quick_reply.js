/**
 * A press on a post's number opens the form beside it, with the number and the selected text quoted
 * at the caret; so do the keys r and q.
 */

import { addKey } from "./keys.js";
import { page } from "./page.js";
import { placeOf } from "./post_addresses.js";
import { msg } from "./words.js";

const NUMBER = /#q(\d+)$/;
/** The surest first: a page that a link has opened at a post has a target for as long as it is open. */
const POINTED_AT = ["article.post[id]:hover", "article.post[id]:focus-within", "article.post[id]:target"];

export function start() {
  const place = document.querySelector("section.reply-panel");
  if (!(place instanceof HTMLElement) || page.thread === null) {
    return;
  }
  let selected = "";
  // By the time of the click some browsers have let go of what was selected.
  document.addEventListener("pointerdown", (event) => {
    if (numberAt(event.target)) {
      selected = selectedText();
    }
  });
  document.addEventListener("click", (event) => {
    const no = numberAt(event.target);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.defaultPrevented;
    if (no && isPlain) {
      event.preventDefault();
      open(place, no, selected || selectedText());
      selected = "";
    }
  });
  const quoteNamed = () => {
    const no = NUMBER.exec(location.hash)?.[1];
    if (no) {
      // The page's own sheet for readers without scripts goes.
      location.replace(`#${no}`);
      open(place, Number(no), "");
    }
  };
  window.addEventListener("hashchange", quoteNamed);
  quoteNamed();
  addKey({ key: "r", title: msg("Reply"), press: () => open(place, null, "") });
  addKey({
    key: "q",
    title: msg("Quote the post under the pointer"),
    press: () => {
      const post = POINTED_AT.map((selector) => document.querySelector(selector)).find((found) => found !== null);
      open(place, post ? Number(post.id) : null, selectedText());
    },
  });
}

/** @returns {string} of a post: Chromium tells of what is selected in the form too */
function selectedText() {
  const selection = getSelection();
  const node = selection?.anchorNode;
  return (node instanceof Element ? node : node?.parentElement)?.closest("article.post") ? String(selection) : "";
}

/**
 * @param {EventTarget | null} target
 * @returns {number | null} of the post whose number was pressed; one of another board is shown where it is
 */
function numberAt(target) {
  const link = target instanceof Element ? target.closest("a.post_no[href*='#q']") : null;
  const place = link instanceof HTMLAnchorElement ? placeOf(link.href) : null;
  return place?.board === page.board ? place.no : null;
}

/**
 * @param {HTMLElement} place
 * @param {number | null} no
 * @param {string} selected
 */
function open(place, no, selected) {
  import("./reply_panel.js")
    .then((panel) => panel.open(place, no, selected))
    .catch(() => {
      // No network for it: the form at the end of the page is as good.
      location.hash = "#reply";
    });
}
