/** Up to which post the reader has read a thread. */

import { change, read } from "./kept.js";

const NAME = "last-read";
/** Threads that were read last. */
const THREADS_MAX = 500;

/**
 * @param {string} board
 * @param {number} thread
 * @returns {number | null} null: never seen it
 */
export function lastRead(board, thread) {
  const no = checked(read(NAME, {}))[`${board}/${thread}`];
  return typeof no === "number" ? no : null;
}

/**
 * @param {string} board
 * @param {number} thread
 * @param {number} no a post that was seen, also if one after it was before
 */
export function noteRead(board, thread, no) {
  const key = `${board}/${thread}`;
  if ((lastRead(board, thread) ?? 0) < no) {
    change(NAME, {}, (before) => {
      const known = Object.entries(checked(before)).filter(([other]) => other !== key);
      return Object.fromEntries([...known, [key, no]].slice(-THREADS_MAX));
    });
  }
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function checked(value) {
  return typeof value === "object" && value !== null ? /** @type {Record<string, unknown>} */ (value) : {};
}
