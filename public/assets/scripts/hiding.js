/**
 * Posts, threads and pictures that a reader hides one by one, from the menu of a post and in the
 * catalog: in this browser alone, until they are shown again.
 */

import * as curtain from "./curtain.js";
import * as kept from "./kept.js";
import { addMenuEntry } from "./menu_entries.js";
import { page } from "./page.js";
import { placeOf } from "./post_addresses.js";
import { each, eachNow } from "./posts.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */

const NAME = "hidden";
const HIDDEN_MAX = 5000;

/**
 * What is hidden, by name: 'b/124' a post, 'b/124+' it and what answers it, 'b/res/123' a thread,
 * 'b/src/1795500950388.jpg' a file.
 *
 * @returns {string[]} the newest last
 */
function hidden() {
  const names = /** @type {unknown} */ (kept.read(NAME, []));
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

/** @param {string} name */
function keep(name) {
  kept.change(NAME, /** @type {string[]} */ ([]), () => [...hidden().filter((other) => other !== name), name].slice(-HIDDEN_MAX));
}

/** @param {string} name */
function forget(name) {
  kept.change(NAME, /** @type {string[]} */ ([]), () => hidden().filter((other) => other !== name));
}

const showsThreads = page.kind !== "thread";

export function start() {
  const isFor = (/** @type {Post} */ post) => !isOp(post);
  let names = new Set(hidden());
  const look = (/** @type {Post} */ post) => apply(post, names);
  const hide = (/** @type {Post} */ post, /** @type {string} */ name) => {
    keep(name);
    // At once: all others follow.
    look(post);
  };
  addMenuEntry({ rank: 40, title: msg("Hide this post"), isFor, press: (post) => hide(post, `${post.board}/${post.no}`) });
  addMenuEntry({ rank: 41, title: msg("Hide this post and its replies"), isFor, press: (post) => hide(post, `${post.board}/${post.no}+`) });
  addMenuEntry({
    rank: 42,
    title: msg("Hide this thread"),
    isFor: (post) => isOp(post) && showsThreads,
    press: (post) => hide(post, `${post.board}/res/${post.thread}`),
  });
  addMenuEntry({
    rank: 43,
    title: msg("Hide its pictures"),
    isFor: ({ element }) => element.querySelector(".file:not([hidden])") !== null,
    press: (post) => post.element.querySelectorAll(".file a.postfilename").forEach((link) => hide(post, nameOfFile(link))),
  });
  // What answers a hidden post stands below it.
  each(look, { inOrder: true });
  load(asset("reading.css"));
  tiles().forEach(addButton);
  const all = () => {
    names = new Set(hidden());
    eachNow(look, { inOrder: true });
    tiles().forEach((tile) => applyToTile(tile, names));
  };
  kept.onChange(NAME, all);
  tiles().forEach((tile) => applyToTile(tile, names));
}

/** @param {Post} post */
function isOp({ element }) {
  return element.classList.contains("op");
}

/**
 * @param {Post} post
 * @param {Set<string>} names
 */
function apply(post, names) {
  const name = `${post.board}/${post.no}`;
  const no = String(post.no);
  if (names.has(`${name}+`)) {
    curtain.hideReplies(post);
  }
  if (isOp(post)) {
    const thread = post.element.closest("section.thread");
    const nameOfThread = `${post.board}/res/${post.thread}`;
    if (showsThreads && thread instanceof HTMLElement && names.has(nameOfThread)) {
      const label = say(msg("Thread {no} is hidden."), { no });
      curtain.hide(thread, { label, hasStub: true, lift: () => forget(nameOfThread) });
    }
  } else if (names.has(name) || names.has(`${name}+`)) {
    const lift = () => {
      curtain.leaveReplies(post);
      forget(name);
      forget(`${name}+`);
    };
    curtain.hide(post.element, { label: say(msg("Post {no} is hidden."), { no }), hasStub: true, lift });
  } else if (curtain.isReplyToHidden(post)) {
    if (!post.element.hidden) {
      curtain.hideReplies(post);
    }
    curtain.hide(post.element, { label: say(msg("Post {no}, a reply to a hidden one."), { no }), hasStub: true });
  }
  for (const link of post.element.querySelectorAll(".file a.postfilename")) {
    const file = link.closest(".file");
    if (file instanceof HTMLElement && names.has(nameOfFile(link))) {
      curtain.hide(file, { label: say(msg("A file is hidden.")), hasStub: true, lift: () => forget(nameOfFile(link)) });
    }
  }
}

/**
 * @param {Element} link
 * @returns {string} 'b/src/1795500950388.jpg'
 */
function nameOfFile(link) {
  return new URL(/** @type {HTMLAnchorElement} */ (link).href).pathname.slice(1);
}

/** @returns {HTMLElement[]} the threads of a catalog */
function tiles() {
  return [...document.querySelectorAll("li.tile")].filter((tile) => tile instanceof HTMLElement);
}

/**
 * @param {HTMLElement} tile
 * @returns {string} 'b/res/123'
 */
function nameOfTile(tile) {
  const link = tile.querySelector(".tile-title a");
  const place = link instanceof HTMLAnchorElement ? placeOf(link.href) : null;
  return place ? `${place.board}/res/${place.thread}` : "";
}

/** @param {HTMLElement} tile */
function addButton(tile) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tile-hide";
  button.textContent = "×";
  button.setAttribute("aria-label", say(msg("Hide this thread")));
  button.title = say(msg("Hide this thread"));
  button.addEventListener("click", () => keep(nameOfTile(tile)));
  [...tile.querySelectorAll(".tile-counts")].at(-1)?.append(button);
}

/**
 * @param {HTMLElement} tile
 * @param {Set<string>} names
 */
function applyToTile(tile, names) {
  const name = nameOfTile(tile);
  if (names.has(name)) {
    const label = say(msg("Thread {no} is hidden."), { no: name.replace(/^.*\//, "") });
    curtain.hide(tile, { label, hasStub: true, lift: () => forget(name) });
  }
}
