/**
 * All that a reader has chosen as one file, and such a file read again. Whatever a file says, only
 * what the board's scripts keep comes out of it, in the types and sizes that they keep.
 */

import { BOARD } from "./post_addresses.js";
import { checked as checkedWatched } from "./watched.js";

export const FILE_CHARS_MAX = 2_000_000;
const VALUE_CHARS_MAX = 400_000;
export const CSS_CHARS_MAX = 50_000;
const CHOICES_MAX = 300;
const TEXT_CHARS_MAX = 500;
const NAME = /^[a-z][a-z0-9-]{0,40}$/;

/**
 * What goes along, and what of a value is taken. Drafts, and what waits to be sent, stay behind.
 *
 * @type {Record<string, (value: unknown) => unknown>}
 */
const TAKEN = {
  settings: choices,
  css: (value) => (typeof value === "string" ? value.slice(0, CSS_CHARS_MAX) : undefined),
  watched: (value) => object(value) && checkedWatched(value),
  "own-posts": (value) => ofBoards(value, numbers),
  "last-read": (value) => ofBoards(value, (no) => (Number.isSafeInteger(no) ? no : undefined)),
  filters: (value) => (Array.isArray(value) ? value : undefined),
  hidden: (value) => (Array.isArray(value) ? value.filter((name) => typeof name === "string") : undefined),
  poster: choices,
  volume: choices,
};

/** @param {Record<string, unknown>} kept all that is kept in this browser */
export function fileOf(kept) {
  const taken = Object.entries(kept).filter(([name]) => Object.hasOwn(TAKEN, name));
  return JSON.stringify({ stillboard: 1, kept: Object.fromEntries(taken) }, null, 1);
}

/**
 * @param {string} text
 * @returns {{taken: Record<string, unknown>, left: string[]} | null} what of it is taken, and the
 *   names of what is not; null: it is no such file
 */
export function readFile(text) {
  const file = text.length > FILE_CHARS_MAX ? null : parsed(text);
  const kept = file?.stillboard === 1 ? object(file.kept) : undefined;
  if (!kept) {
    return null;
  }
  /** @type {Record<string, unknown>} */
  const taken = {};
  const left = [];
  for (const [name, value] of Object.entries(kept)) {
    const isKnown = Object.hasOwn(TAKEN, name) && JSON.stringify(value).length <= VALUE_CHARS_MAX;
    const found = isKnown ? TAKEN[name](value) : undefined;
    if (found === undefined) {
      left.push(name.slice(0, TEXT_CHARS_MAX));
    } else {
      taken[name] = found;
    }
  }
  return { taken, left };
}

/** @param {string} text */
function parsed(text) {
  try {
    return object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown> | undefined}
 */
function object(value) {
  const isOne = typeof value === "object" && value !== null && !Array.isArray(value);
  return isOne ? /** @type {Record<string, unknown>} */ (value) : undefined;
}

/** @param {unknown} value */
function choices(value) {
  const named = Object.entries(object(value) ?? {}).filter(
    ([name, choice]) =>
      NAME.test(name) &&
      (typeof choice === "boolean" ||
        (typeof choice === "string" && choice.length <= TEXT_CHARS_MAX) ||
        (typeof choice === "number" && Number.isFinite(choice))),
  );
  return object(value) && Object.fromEntries(named.slice(0, CHOICES_MAX));
}

/**
 * @param {unknown} value by board, or by board and thread
 * @param {(one: unknown) => unknown} take
 */
function ofBoards(value, take) {
  const found = Object.entries(object(value) ?? {})
    .filter(([name]) => BOARD.test(name.replace(/\/\d{1,15}$/, "")))
    .map(([name, one]) => [name, take(one)])
    .filter(([, one]) => one !== undefined);
  return object(value) && Object.fromEntries(found);
}

/** @param {unknown} value */
function numbers(value) {
  return Array.isArray(value) ? value.filter((no) => Number.isSafeInteger(no)).slice(-1000) : undefined;
}
