/**
 * How the threads of a board stand: one look at its list a minute, by one tab for all, tells which
 * of those that are followed have changed.
 */

import { askForJson, NoAnswer } from "./asking.js";
import { Channel, Seat } from "./one_tab.js";

const PAUSE_MS = 60_000;
/** Other tabs answer which boards they follow long before. */
const ANSWERS_MS = 300;

/** @typedef {{change: number, replies: number, page: number}} Line `page` counts from 1 */
/** @typedef {Record<number, Line>} List by the thread's number */
/** @typedef {{who: true} | {need: string[]} | {board: string, list: List}} Told */

/** @type {Map<string, Set<(list: List) => void>>} by board */
const followers = new Map();
/** Boards that any tab follows. @type {Set<string>} */
let needed = new Set();
let lastBeatMs = 0;

/** @type {Channel<Told>} */
const channel = new Channel("pulse", (told) => {
  if ("who" in told) {
    channel.tell({ need: [...followers.keys()] });
  } else if ("need" in told) {
    need(told.need);
  } else {
    hear(told.board, told.list);
  }
});

const seat = new Seat("pulse", beat);

/**
 * @param {string} board
 * @param {(list: List) => void} follower called about once a minute, for as long as the page is open
 */
export function follow(board, follower) {
  const known = followers.get(board) ?? new Set();
  known.add(follower);
  followers.set(board, known);
  need([board]);
  channel.tell({ need: [board] });
  seat.join();
}

/**
 * @param {unknown} pages what threads.json holds
 * @returns {List}
 */
export function listOf(pages) {
  /** @type {List} */
  const list = {};
  for (const [index, page] of (Array.isArray(pages) ? pages : []).entries()) {
    for (const { no, change, replies } of Array.isArray(page?.threads) ? page.threads : []) {
      list[Number(no)] = { change: Number(change), replies: Number(replies), page: index + 1 };
    }
  }
  return list;
}

async function beat() {
  if (!seat.isMine) {
    return;
  }
  lastBeatMs = Date.now();
  needed = new Set(followers.keys());
  channel.tell({ who: true });
  await new Promise((resolve) => setTimeout(resolve, ANSWERS_MS));
  for (const board of needed) {
    await look(board);
  }
  setTimeout(beat, PAUSE_MS);
}

/** @param {string[]} boards */
function need(boards) {
  for (const board of boards) {
    if (!needed.has(board)) {
      needed.add(board);
      if (seat.isMine && Date.now() - lastBeatMs > ANSWERS_MS) {
        look(board);
      }
    }
  }
}

/** @param {string} board */
async function look(board) {
  try {
    const list = listOf(await askForJson(`/${board}/threads.json`, { cache: "no-cache" }));
    channel.tell({ board, list });
    hear(board, list);
  } catch (error) {
    if (!(error instanceof NoAnswer)) {
      throw error;
    }
    // The next beat asks again.
  }
}

/**
 * @param {string} board
 * @param {List} list
 */
function hear(board, list) {
  followers.get(board)?.forEach((follower) => follower(list));
}
