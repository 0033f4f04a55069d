/**
 * The post that a link leads to, beside the link, while the reader points at it or has it in focus;
 * also those of other threads and boards, and links within what is shown.
 */

import { copyFrom } from "./copies.js";
import { linkAt, placeOf, LINKS } from "./post_addresses.js";
import { find } from "./posts.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./post_addresses.js").Place} Place */
/** @typedef {{link: HTMLAnchorElement, shown: HTMLElement}} Preview */

const OPENS_AFTER_MS = 80;
const CLOSES_AFTER_MS = 200;
const PREVIEWS_MAX = 8;
const EDGE_PX = 8;

/** Each stands on the one before. @type {Preview[]} */
const open = [];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
let made = 0;

export function start() {
  load(asset("reading.css"));
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") {
      pointedAt(event.target);
    }
  });
  document.addEventListener("focusin", (event) => {
    // A press of the mouse gives the focus too: then it was pointed at already.
    if (event.target instanceof Element && event.target.matches(":focus-visible")) {
      pointedAt(event.target);
    }
  });
  document.addEventListener("click", (event) => {
    if (linkAt(event.target)) {
      // Nor is what was on its way shown after the press.
      clearTimeout(waiting);
      closeFrom(0);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open.length > 0) {
      event.preventDefault();
      closeFrom(0);
    }
  });
  document.documentElement.addEventListener("pointerleave", () => pointedAt(null));
}

/** @param {EventTarget | null} target */
function pointedAt(target) {
  const level = levelOf(target);
  const found = linkAt(target);
  clearTimeout(waiting);
  if (found && open[level]?.link === found.link) {
    closeFrom(level + 1);
  } else if (found) {
    waiting = setTimeout(() => show(found.link, found.place, level), OPENS_AFTER_MS);
  } else if (open.length > level || isMarked()) {
    waiting = setTimeout(() => closeFrom(level), CLOSES_AFTER_MS);
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {number} how many previews stand below it
 */
function levelOf(target) {
  return 1 + open.findIndex(({ shown }) => target instanceof Node && shown.contains(target));
}

/**
 * @param {HTMLAnchorElement} link
 * @param {Place} place
 * @param {number} level
 */
async function show(link, place, level) {
  closeFrom(level);
  if (level >= PREVIEWS_MAX || !link.isConnected) {
    return;
  }
  const here = find(place.no, place.board)?.element;
  if (here && isInView(here)) {
    here.classList.add("is-pointed-at");
    return;
  }
  const shown = document.createElement("div");
  shown.className = "preview";
  shown.id = `preview-${(made += 1)}`;
  shown.setAttribute("role", "note");
  open.push({ link, shown });
  const told = setTimeout(() => fill(say(msg("Loading…"))), CLOSES_AFTER_MS);

  /** @param {string | HTMLElement} content */
  function fill(content) {
    if (open[level]?.shown === shown) {
      shown.replaceChildren(content);
      // Within the dialog that the link is in: what lies outside of one is below it.
      (link.closest("dialog") ?? document.body).append(shown);
      link.setAttribute("aria-describedby", shown.id);
      putBeside(shown, link);
    }
  }

  try {
    const copy = await copyFrom(place);
    if (copy) {
      markWayBack(copy, link);
    }
    fill(copy ?? say(msg("This post is gone.")));
  } catch {
    fill(say(msg("The board gives no answer just now.")));
  } finally {
    clearTimeout(told);
  }
}

/** @param {number} level */
function closeFrom(level) {
  for (const { link, shown } of open.splice(level)) {
    shown.remove();
    link.removeAttribute("aria-describedby");
  }
  for (const marked of document.querySelectorAll(".is-pointed-at")) {
    marked.classList.remove("is-pointed-at");
  }
}

function isMarked() {
  return document.querySelector(".is-pointed-at") !== null;
}

/** @param {Element} element */
function isInView(element) {
  const box = element.getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.bottom <= window.innerHeight && element.closest("dialog") === null;
}

/**
 * Below the link, or above where there is more room; never over the edge of the screen.
 *
 * @param {HTMLElement} shown
 * @param {HTMLElement} link
 */
function putBeside(shown, link) {
  const { left, top, bottom } = link.getBoundingClientRect();
  const roomBelow = window.innerHeight - bottom - EDGE_PX;
  const isBelow = shown.offsetHeight <= roomBelow || roomBelow >= top;
  shown.style.maxHeight = `${Math.max(80, (isBelow ? roomBelow : top) - EDGE_PX)}px`;
  const widest = document.documentElement.clientWidth - shown.offsetWidth - EDGE_PX;
  shown.style.left = `${Math.max(EDGE_PX, Math.min(left, widest))}px`;
  shown.style.top = `${isBelow ? bottom + 2 : Math.max(EDGE_PX, top - shown.offsetHeight - 2)}px`;
}

/**
 * The link that leads back to where the reader came from looks different.
 *
 * @param {HTMLElement} copy
 * @param {HTMLElement} from
 */
function markWayBack(copy, from) {
  const post = from.closest("article.post");
  const no = post instanceof HTMLElement ? post.id || post.dataset.copyOf?.split("/")[1] : undefined;
  for (const link of copy.querySelectorAll(LINKS)) {
    if (link instanceof HTMLAnchorElement && String(placeOf(link.href)?.no) === no) {
      link.classList.add("leads-back");
    }
  }
}
