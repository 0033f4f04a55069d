/**
 * A press on a post's number opens the form beside it, with the number and the selected text quoted
 * at the caret; so do the keys r and q.
 */

import { addKey } from "./keys.js";
import { page } from "./page.js";
import { msg } from "./words.js";

const NUMBER = /#q(\d+)$/;

export function start() {
  const place = document.querySelector("section.reply-panel");
  if (!(place instanceof HTMLElement) || page.thread === null) {
    return;
  }
  let selected = "";
  // By the time of the click some browsers have let go of what was selected.
  document.addEventListener("pointerdown", (event) => {
    if (numberAt(event.target)) {
      selected = String(getSelection() ?? "");
    }
  });
  document.addEventListener("click", (event) => {
    const no = numberAt(event.target);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.defaultPrevented;
    if (no && isPlain) {
      event.preventDefault();
      open(place, no, selected || String(getSelection() ?? ""));
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
      const post = document.querySelector("article.post:hover, article.post:focus-within, article.post:target");
      open(place, post ? Number(post.id) : null, String(getSelection() ?? ""));
    },
  });
}

/**
 * @param {EventTarget | null} target
 * @returns {number | null} of the post whose number was pressed
 */
function numberAt(target) {
  const link = target instanceof Element ? target.closest("a.post_no") : null;
  const found = NUMBER.exec(link?.getAttribute("href") ?? "");
  return found && Number(found[1]);
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
