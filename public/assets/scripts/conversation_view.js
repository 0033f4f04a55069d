/** The panel with a conversation. Loaded when one is asked for. */

import { copyOf } from "./copies.js";
import { quotedBy } from "./post_addresses.js";
import { find, within } from "./posts.js";
import { msg, say } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */
/** @typedef {Map<string, Post[]>} Replies by 'b/124' */

const POSTS_MAX = 200;
const DEPTH_MAX = 12;

/** @param {Post} post */
export function show(post) {
  const dialog = document.createElement("dialog");
  dialog.className = "conversation";
  const heading = document.createElement("h2");
  heading.textContent = say(msg("Conversation around post {no}"), { no: String(post.no) });
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = say(msg("Close"));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    // A link that leads to a post of this page leads out of the dialog.
    if (event.target === dialog || (event.target instanceof Element && event.target.closest(".post_no"))) {
      dialog.close();
    }
  });

  /** @type {Set<string>} */
  const seen = new Set();
  const before = ancestorsOf(post);
  before.forEach((each) => seen.add(nameOf(each)));
  const list = document.createElement("ol");
  list.append(...before.map((each) => line(each)));
  const whole = branch(post, repliesOnPage(), seen, 0);
  whole.querySelector(".copy")?.classList.add("is-pointed-at");
  list.append(whole);
  dialog.append(heading, list, close);
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {Post} post
 * @returns {Post[]} what it answers, and what that answers, oldest first
 */
function ancestorsOf(post) {
  /** @type {Map<string, Post>} */
  const found = new Map();
  const waiting = [post];
  for (let each = waiting.pop(); each && found.size < POSTS_MAX; each = waiting.pop()) {
    for (const place of quotedBy(each.element)) {
      const quoted = find(place.no, place.board);
      if (quoted && quoted.no < each.no && !found.has(nameOf(quoted))) {
        found.set(nameOf(quoted), quoted);
        waiting.push(quoted);
      }
    }
  }
  return [...found.values()].sort((one, other) => one.no - other.no);
}

/** @returns {Replies} */
function repliesOnPage() {
  /** @type {Replies} */
  const replies = new Map();
  for (const post of within(document)) {
    for (const name of new Set(quotedBy(post.element).map(({ board, no }) => `${board}/${no}`))) {
      replies.set(name, [...(replies.get(name) ?? []), post]);
    }
  }
  return replies;
}

/**
 * @param {Post} post
 * @param {Replies} replies
 * @param {Set<string>} seen what was shown already is not shown again
 * @param {number} depth
 */
function branch(post, replies, seen, depth) {
  seen.add(nameOf(post));
  const item = line(post);
  const below = document.createElement("ol");
  for (const reply of replies.get(nameOf(post)) ?? []) {
    if (!seen.has(nameOf(reply)) && seen.size < POSTS_MAX && depth < DEPTH_MAX) {
      below.append(branch(reply, replies, seen, depth + 1));
    }
  }
  if (below.childElementCount > 0) {
    item.append(below);
  }
  return item;
}

/** @param {Post} post */
function line(post) {
  const item = document.createElement("li");
  item.append(copyOf(post.element, post));
  return item;
}

/** @param {Post} post */
function nameOf({ board, no }) {
  return `${board}/${no}`;
}
