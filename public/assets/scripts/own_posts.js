/**
 * The reader's own posts, as far as they were written in this browser: by their numbers, for a
 * "(You)" beside them and for word of replies to them.
 */

import * as kept from "./kept.js";

const NAME = "own-posts";
/** Of each board, the newest. */
const POSTS_MAX = 1000;

/** @typedef {Record<string, number[]>} Own numbers by board, oldest first */

/** PERF: each post of a page asks. @type {Own | null} */
let known = null;
kept.onChange(NAME, () => {
  known = null;
});

/**
 * @param {string} board
 * @param {number} no
 */
export function remember(board, no) {
  kept.change(NAME, {}, (before) => {
    const own = checked(before);
    const others = (own[board] ?? []).filter((known) => known !== no);
    return { ...own, [board]: [...others, no].slice(-POSTS_MAX) };
  });
}

/**
 * @param {string} board
 * @param {number} no
 */
export function isOwn(board, no) {
  return ownOn(board).includes(no);
}

/**
 * @param {string} board
 * @returns {readonly number[]} oldest first
 */
export function ownOn(board) {
  known ??= checked(kept.read(NAME, {}));
  return known[board] ?? [];
}

/** @param {() => void} listener called when a post was written, here or in another tab */
export function onChange(listener) {
  kept.onChange(NAME, listener);
}

/**
 * @param {unknown} value
 * @returns {Own}
 */
function checked(value) {
  if (typeof value !== "object" || value === null) {
    return {};
  }
  const lists = Object.entries(value).filter(([, numbers]) => Array.isArray(numbers));
  return Object.fromEntries(
    lists.map(([board, numbers]) => [board, numbers.filter((/** @type {unknown} */ no) => typeof no === "number")]),
  );
}
