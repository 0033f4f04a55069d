/** A menu at each post, with what can be done to it. */

import { addMenuEntry, entriesFor } from "./menu_entries.js";
import { tell } from "./notices.js";
import { addressOf } from "./post_addresses.js";
import { each } from "./posts.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */

/** @type {HTMLElement | null} */
let shown = null;
/** Over which it hangs. @type {Element[]} */
let boxes = [];

export function start() {
  load(asset("reading.css"));
  addMenuEntry({ rank: 20, title: msg("Copy the link"), isFor: () => true, press: copyLink });
  each((post) => {
    const number = post.element.querySelector(":scope > .intro > .number");
    // A post that was copied from one of this page has its button already.
    if (number && !number.querySelector(".post-menu-button")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "post-menu-button";
      button.textContent = "▾";
      button.setAttribute("aria-label", say(msg("Menu of post {no}"), { no: String(post.no) }));
      button.setAttribute("aria-haspopup", "menu");
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", () => (shown?.previousElementSibling === button ? close() : open(post, button)));
      number.append(button);
    }
  });
  document.addEventListener("click", (event) => {
    if (shown && event.target instanceof Node && !shown.contains(event.target) && event.target !== shown.previousElementSibling) {
      close();
    }
  });
}

/**
 * @param {Post} post
 * @param {HTMLButtonElement} button
 */
function open(post, button) {
  close();
  const menu = document.createElement("div");
  menu.className = "post-menu";
  menu.setAttribute("role", "menu");
  for (const { title, press } of entriesFor(post)) {
    const item = document.createElement("button");
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.textContent = say(title);
    item.addEventListener("click", () => {
      close();
      press(post);
    });
    menu.append(item);
  }
  menu.addEventListener("keydown", (event) => moveBy(event, menu));
  button.after(menu);
  button.setAttribute("aria-expanded", "true");
  // A post, and a group of them, are drawn within their own boxes; an open menu may hang over them.
  boxes = [post.element, post.element.closest(".posts")].flatMap((box) => box ?? []);
  boxes.forEach((box) => box.classList.add("has-menu"));
  shown = menu;
  keepInView(menu);
  /** @type {HTMLElement | null} */ (menu.firstElementChild)?.focus();
}

function close() {
  const button = shown?.previousElementSibling;
  if (shown && button instanceof HTMLElement) {
    // PERF: first, or the browser brings the page's styles up to date twice, for the focus that went with the menu too.
    if (shown.contains(document.activeElement)) {
      button.focus({ preventScroll: true });
    }
    boxes.forEach((box) => box.classList.remove("has-menu"));
    shown.remove();
    button.setAttribute("aria-expanded", "false");
  }
  shown = null;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} menu
 */
function moveBy(event, menu) {
  const items = /** @type {HTMLElement[]} */ ([...menu.children]);
  const now = items.findIndex((item) => item === document.activeElement);
  const steps = /** @type {Record<string, number>} */ ({ ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 });
  if (event.key === "Escape") {
    close();
  } else if (event.key in steps) {
    items.at(steps[event.key] % items.length)?.focus();
  } else {
    return;
  }
  event.preventDefault();
}

/** @param {HTMLElement} menu */
function keepInView(menu) {
  const { left, right } = menu.getBoundingClientRect();
  const over = Math.max(0, right - document.documentElement.clientWidth + 4);
  menu.style.marginLeft = `${-Math.min(over, left)}px`;
}

/** @param {Post} post */
async function copyLink(post) {
  const address = new URL(addressOf(post), location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    tell(say(msg("The link is copied.")));
  } catch {
    // Pages without TLS have no clipboard.
    tell(address, { isBad: true });
  }
}
