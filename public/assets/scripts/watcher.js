/**
 * Watched threads in a list: how much is unread in each, whether somebody answered the reader, and
 * whether it is about to go. One look a minute at each board's list, by one tab for all.
 */

import { ask, askForJson, NoAnswer } from "./asking.js";
import { addKey } from "./keys.js";
import { tell } from "./notices.js";
import { inTurn } from "./one_tab.js";
import { isOwn, onChange as onOwnPosts, ownOn } from "./own_posts.js";
import { page } from "./page.js";
import { placeOf } from "./post_addresses.js";
import { each, find } from "./posts.js";
import { follow } from "./pulse.js";
import { settings } from "./settings.js";
import { asset, load } from "./styles.js";
import { successorOf } from "./successors.js";
import { all, isWatched, onWatchedChange, unwatch, update, wasLeft, watch } from "./watched.js";
import { msg, msgs, say } from "./words.js";

/** @typedef {import("./watched.js").Watched} Watched */

/** @type {Set<string>} boards that are looked at */
const followed = new Set();
/** How many pages a board has at most. @type {Map<string, number>} */
const pagesOf = new Map();

export function start() {
  load(asset("live.css"));
  const panel = new Panel();
  onWatchedChange(() => {
    panel.draw();
    drawButtons();
    followBoards();
  });
  addButtons();
  followBoards();
  if (page.thread && page.board) {
    const { board, thread } = page;
    addKey({ key: "w", title: msg("Watch this thread, or no more"), press: () => toggle(board, thread) });
    // The page of the last posts counts all of them.
    const above = page.isTail ? repliesOf(board, thread) - repliesShown() : 0;
    const note = () => noteSeen(board, thread, above + repliesShown());
    let isNoted = false;
    each(() => {
      // Once for all that came together.
      if (!isNoted) {
        isNoted = true;
        setTimeout(() => {
          isNoted = false;
          note();
        });
      }
    });
    document.addEventListener("visibilitychange", note);
  }
  watchOwn();
  onOwnPosts(watchOwn);
}

// --- what is watched ---

/** Threads that the reader began, or replied to, if they want. */
function watchOwn() {
  const { board, thread } = page;
  if (board && thread && !document.body.classList.contains("archived")) {
    const replied = settings.isOn("watch-replied", false) && ownOn(board).some((no) => find(no, board));
    const began = settings.isOn("watch-own", true) && isOwn(board, thread);
    if ((began || replied) && !isWatched(board, thread) && !wasLeft(board, thread)) {
      toggle(board, thread);
    }
  }
}

/**
 * @param {string} board
 * @param {number} no
 */
function toggle(board, no) {
  if (isWatched(board, no)) {
    unwatch(board, no);
  } else {
    watch(board, no, titleOf(board, no), repliesOf(board, no));
  }
}

/**
 * @param {string} board
 * @param {number} no
 */
function titleOf(board, no) {
  const subject = shown(board, no)?.querySelector(".op .subject, .tile-title")?.textContent;
  const text = find(no, board)?.element.querySelector(".body")?.textContent?.trim();
  return subject || text || say(msg("Thread {no}"), { no: String(no) });
}

/**
 * @param {string} board
 * @param {number} no
 */
function repliesOf(board, no) {
  const counts = shown(board, no)?.querySelector(".counts, .tile-counts > span:last-of-type");
  return Number(/\d[\d.,\s]*/.exec(counts?.textContent ?? "")?.[0].replace(/\D/g, "") ?? 0);
}

/**
 * @param {string} board
 * @param {number} no
 * @returns {Element | null} its posts, or its tile in the catalog; on pages of several boards its id names its own
 */
function shown(board, no) {
  return document.getElementById(`thread_${no}`) ?? document.getElementById(`thread_${board}-${no}`);
}

function repliesShown() {
  return document.querySelectorAll("article.reply[id]:not(.gone)").length;
}

/**
 * Whoever looks at a thread sees its replies.
 *
 * @param {string} board
 * @param {number} no
 * @param {number} seen
 */
function noteSeen(board, no, seen) {
  const thread = all().find((each) => each.board === board && each.no === no);
  if (thread && !document.hidden) {
    update(thread, { seen, replies: Math.max(seen, thread.replies), answered: 0 });
  }
}

// --- looking at boards ---

function followBoards() {
  for (const { board } of all()) {
    if (!followed.has(board)) {
      followed.add(board);
      follow(board, (list) => inTurn(`watcher:${board}`, () => compare(board, list)));
    }
  }
}

/**
 * @param {string} board
 * @param {import("./pulse.js").List} list
 */
async function compare(board, list) {
  for (const thread of all()) {
    if (thread.board === board && thread.state === "there") {
      const line = list[thread.no];
      try {
        if (!line) {
          await look(thread, await howItEnded(thread));
        } else if (line.change > thread.change) {
          // Where all of it was seen, as it came, so were the answers.
          const isNew = thread.change > 0 && line.replies > thread.seen;
          const answered = isNew ? thread.answered + (await answersIn(thread)) : 0;
          update(thread, { answered, replies: line.replies, change: line.change, page: line.page });
        } else if (line.page !== thread.page) {
          update(thread, { page: line.page });
        }
      } catch (error) {
        if (!(error instanceof NoAnswer)) {
          throw error;
        }
      }
    }
  }
  if (all().some((thread) => thread.board === board) && !pagesOf.has(board)) {
    await learnPages();
  }
}

/**
 * @param {Watched} thread
 * @returns {Promise<"archived" | "gone" | "there">}
 */
async function howItEnded({ board, no }) {
  const answer = await ask(`/${board}/res/${no}.latest.json`, { cache: "no-cache" });
  return answer.status === 404 ? "gone" : (await answer.json()).archived ? "archived" : "there";
}

/**
 * @param {Watched} thread that is no longer on its board
 * @param {"archived" | "gone" | "there"} state
 */
async function look(thread, state) {
  if (state !== "there") {
    const pages = await askForJson(`/${thread.board}/catalog.json`, { cache: "no-cache" });
    const threads = (Array.isArray(pages) ? pages : []).flatMap((one) => one.threads ?? []);
    update(thread, { state, next: successorOf(thread.title, thread.no, threads) });
  }
}

/**
 * Replies to the reader since the thread was looked into: one small request, and only where they have
 * posted.
 *
 * @param {Watched} thread
 */
async function answersIn({ board, no, change }) {
  const own = ownOn(board);
  if (own.length === 0) {
    return 0;
  }
  const feed = /** @type {any} */ (await askForJson(`/${board}/res/${no}.latest.json`, { cache: "no-cache" }));
  const posts = Array.isArray(feed?.posts) ? feed.posts : [];
  return posts.filter(
    (/** @type {any} */ post) =>
      post.change > change && post.resto && !own.includes(post.no) && own.some((mine) => quotes(String(post.com), board, mine)),
  ).length;
}

/**
 * @param {string} com
 * @param {string} board
 * @param {number} no
 */
function quotes(com, board, no) {
  return com.includes(`href="/${encodeURI(board)}/res/`) && com.includes(`.html#${no}"`);
}

async function learnPages() {
  const told = /** @type {any} */ (await askForJson("/boards.json"));
  for (const board of Array.isArray(told?.boards) ? told.boards : []) {
    pagesOf.set(String(board.board), Number(board.pages) || 0);
  }
}

// --- buttons at threads ---

function addButtons() {
  for (const bar of document.querySelectorAll("section.thread[data-board] > .thread-bar")) {
    const thread = /** @type {HTMLElement} */ (bar.parentElement);
    addButton(bar, thread.dataset.board ?? "", numberIn(thread.id));
  }
  for (const tile of document.querySelectorAll("li.tile")) {
    const link = tile.querySelector(".tile-title a");
    const place = link instanceof HTMLAnchorElement ? placeOf(link.href) : null;
    const counts = [...tile.querySelectorAll(".tile-counts")].at(-1);
    if (place && counts) {
      addButton(counts, place.board, place.no);
    }
  }
  drawButtons();
}

/** @param {string} id "thread_123", "thread_b-123" */
function numberIn(id) {
  return Number(/\d+$/.exec(id)?.[0]);
}

/**
 * @param {Element} place
 * @param {string} board
 * @param {number} no
 */
function addButton(place, board, no) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "watch";
  button.dataset.thread = `${board}/${no}`;
  button.addEventListener("click", () => toggle(board, no));
  place.prepend(button);
}

function drawButtons() {
  const watched = new Set(all().map(({ board, no }) => `${board}/${no}`));
  for (const button of document.querySelectorAll("button.watch")) {
    const key = /** @type {HTMLElement} */ (button).dataset.thread ?? "";
    const isOn = watched.has(key);
    button.textContent = isOn ? "★" : "☆";
    const no = key.split("/")[1];
    button.setAttribute("aria-label", say(msg("Watch thread {no}"), { no }));
    button.setAttribute("aria-pressed", String(isOn));
    button.setAttribute("title", say(isOn ? msg("Watched") : msg("Watch")));
  }
}

// --- the list ---

class Panel {
  constructor() {
    this.element = document.createElement("details");
    this.element.className = "watcher";
    this.summary = document.createElement("summary");
    this.list = document.createElement("ul");
    this.element.append(this.summary, this.list);
    document.body.append(this.element);
    this.draw();
  }

  draw() {
    const threads = all();
    this.element.hidden = threads.length === 0;
    const unread = threads.filter((thread) => thread.replies > thread.seen).length;
    const answered = threads.reduce((sum, thread) => sum + thread.answered, 0);
    this.summary.textContent = unread
      ? say(msg("Watched: {unread} of {count}"), { unread, count: threads.length })
      : say(msg("Watched: {count}"), { count: threads.length });
    this.element.classList.toggle("has-answers", answered > 0);
    this.list.replaceChildren(...threads.map((thread) => lineOf(thread)));
  }
}

/** @param {Watched} thread */
function lineOf(thread) {
  const { board, no, title, replies, seen, answered, state, next } = thread;
  const line = document.createElement("li");
  line.className = state === "there" ? "" : "watched-over";
  const link = document.createElement("a");
  link.href = `/${board}/res/${no}.html`;
  link.textContent = `/${board}/ ${title}`;
  link.dir = "auto";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", say(msg("Watch thread {no} no more"), { no: String(no) }));
  close.addEventListener("click", () => unwatch(board, no));
  line.append(link);
  const facts = [
    replies > seen ? say(msgs("{count} new", "{count} new"), { count: replies - seen }) : "",
    answered ? say(msgs("{count} reply to you", "{count} replies to you"), { count: answered }) : "",
    state === "gone" ? say(msg("gone")) : state === "archived" ? say(msg("in the archive")) : pageOf(thread),
  ].filter(Boolean);
  if (facts.length) {
    const told = document.createElement("span");
    told.className = answered ? "hint answered" : "hint";
    told.textContent = facts.join(", ");
    line.append(" ", told);
  }
  if (next) {
    line.append(" ", successor(board, no, next));
  }
  line.append(close);
  return line;
}

/** @param {Watched} thread near the end of its board it may soon be gone */
function pageOf({ board, page: number }) {
  const pages = pagesOf.get(board) ?? 0;
  return pages > 1 && number >= pages - 1 ? say(msg("page {page} of {pages}"), { page: number, pages }) : "";
}

/**
 * @param {string} board
 * @param {number} old
 * @param {{no: number, title: string}} next
 */
function successor(board, old, next) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say(msg("Go on with {title}"), { title: next.title });
  button.addEventListener("click", () => {
    watch(board, next.no, next.title, 0);
    unwatch(board, old);
    tell(say(msg("Watched: {title}"), { title: next.title }));
  });
  return button;
}
