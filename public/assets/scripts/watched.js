/** The threads that the reader watches, kept in this browser. */

import { change, onChange, read, write } from "./kept.js";
import { BOARD } from "./post_addresses.js";

const NAME = "watched";
const THREADS_MAX = 200;
/** Threads that the reader no longer wants to watch: none of them is watched by itself. */
const LEFT = "watched-no-more";
const TITLE_CHARS_MAX = 100;

/**
 * @typedef {object} Watched
 * @property {string} board
 * @property {number} no
 * @property {string} title
 * @property {number} seen replies that the reader has seen
 * @property {number} replies that there are
 * @property {number} change at which the thread was looked into last
 * @property {number} answered replies to the reader that were not seen
 * @property {number} page on which it stands, from 1; 0: nobody knows
 * @property {"there" | "archived" | "gone"} state
 * @property {{no: number, title: string} | null} next the thread that goes on with the same subject
 */

/** @returns {Watched[]} the newest last */
export function all() {
  return Object.values(checked(read(NAME, {})));
}

/**
 * @param {string} board
 * @param {number} no
 */
export function isWatched(board, no) {
  return `${board}/${no}` in checked(read(NAME, {}));
}

/**
 * @param {string} board
 * @param {number} no
 * @param {string} title
 * @param {number} replies
 */
export function watch(board, no, title, replies) {
  put({
    board,
    no,
    title: title.slice(0, TITLE_CHARS_MAX),
    seen: replies,
    replies,
    change: 0,
    answered: 0,
    page: 0,
    state: "there",
    next: null,
  });
}

/**
 * @param {Watched} thread as it was known; of one that isn't watched any more nothing is kept
 * @param {Partial<Watched>} news what alone is changed: another tab may have learned the rest meanwhile
 */
export function update({ board, no }, news) {
  const known = checked(read(NAME, {}))[`${board}/${no}`];
  if (known) {
    put({ ...known, ...news });
  }
}

/**
 * @param {string} board
 * @param {number} no
 */
export function unwatch(board, no) {
  change(NAME, {}, (before) => {
    const after = checked(before);
    delete after[`${board}/${no}`];
    return after;
  });
  write(LEFT, [...left(), `${board}/${no}`].slice(-THREADS_MAX));
}

/**
 * @param {string} board
 * @param {number} no
 */
export function wasLeft(board, no) {
  return left().includes(`${board}/${no}`);
}

/** @returns {unknown[]} */
function left() {
  /** @type {unknown} */
  const known = read(LEFT, null);
  return Array.isArray(known) ? known : [];
}

/** @param {() => void} listener */
export function onWatchedChange(listener) {
  onChange(NAME, listener);
}

/** @param {Watched} thread */
function put(thread) {
  const after = { ...checked(read(NAME, {})), [`${thread.board}/${thread.no}`]: thread };
  const text = JSON.stringify(after);
  if (text !== JSON.stringify(read(NAME, {}))) {
    write(NAME, Object.fromEntries(Object.entries(after).slice(-THREADS_MAX)));
  }
}

/**
 * @param {unknown} value
 * @returns {Record<string, Watched>} what of it are watched threads
 */
export function checked(value) {
  /** @type {Record<string, Watched>} */
  const found = {};
  for (const thread of Object.values(typeof value === "object" && value !== null ? value : {})) {
    if (BOARD.test(thread?.board ?? "") && Number.isSafeInteger(thread.no) && thread.no > 0) {
      const { board, no, title, seen, replies, change, answered, page, state, next } = thread;
      found[`${board}/${no}`] = {
        board,
        no,
        title: String(title ?? "").slice(0, TITLE_CHARS_MAX),
        seen: Number(seen) || 0,
        replies: Number(replies) || 0,
        change: Number(change) || 0,
        answered: Number(answered) || 0,
        page: Number(page) || 0,
        state: state === "archived" || state === "gone" ? state : "there",
        next: Number.isSafeInteger(next?.no) ? { no: next.no, title: String(next.title).slice(0, TITLE_CHARS_MAX) } : null,
      };
    }
  }
  return found;
}
