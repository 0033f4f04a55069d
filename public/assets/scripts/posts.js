/**
 * The posts of this page, those that stand there and those that come later: what a feature does to
 * a post it says once, with `each`, and it is done to whatever is shown from then on. Those that stand
 * there are handed out in slices, to all features a few at a time, from the top of the screen on.
 */

import { inSlices, rest } from "./slices.js";

/** @typedef {{element: HTMLElement, no: number, thread: number, board: string}} Post */
/** @typedef {(post: Post, isNew: boolean) => void} Visitor `isNew`: it came after the page */
/** @typedef {{visit: Visitor, inOrder: boolean, waiting: HTMLElement[] | null, next: number}} Round what a visitor has not seen yet */

const SELECTOR = "article.post[id]";
/** Handed to one feature before it is another's turn: what a large screen shows. */
const HANDFUL = 12;
/** @type {Visitor[]} */
const visitors = [];
/** @type {((post: Post) => void)[]} */
const leavers = [];
/** @type {Round[]} */
const rounds = [];
/** @type {WeakMap<Element, Post>} */
const known = new WeakMap();
let handingOut = Promise.resolve();
let isHandingOut = false;

/**
 * @param {Visitor} visit called for each post that is shown, now or later, and once more when something
 *   of it has changed
 * @param {{inOrder?: boolean}} [how] `inOrder`: those above the screen before it, since it asks what became of them
 */
export function each(visit, how = {}) {
  visitors.push(visit);
  eachNow(visit, how);
}

/**
 * The posts that stand there, once, or once more: what was begun for the same visitor is left.
 *
 * @param {Visitor} visit
 * @param {{inOrder?: boolean}} [how]
 */
export function eachNow(visit, { inOrder = false } = {}) {
  const before = rounds.findIndex((round) => round.visit === visit);
  if (before >= 0) {
    rounds.splice(before, 1);
  }
  rounds.push({ visit, inOrder, waiting: null, next: 0 });
  if (!isHandingOut) {
    isHandingOut = true;
    handingOut = handOut();
  }
}

/** @returns {Promise<void>} once every feature has seen every post */
export function allSeen() {
  return handingOut;
}

async function handOut() {
  // Features that begin together share the slices.
  await rest();
  // PERF: once for all of them, since the browser lays the page out to tell it.
  const first = firstOnScreen(elementsIn(document));
  await inSlices(() => {
    const round = rounds.shift();
    if (!round) {
      isHandingOut = false;
      return false;
    }
    round.waiting ??= startingAt(round.inOrder ? null : first, elementsIn(document));
    hand(round.visit, round.waiting[round.next]);
    round.next += 1;
    if (round.next < round.waiting.length && round.next % HANDFUL === 0) {
      rounds.push(round);
    } else if (round.next < round.waiting.length) {
      rounds.unshift(round);
    }
    return true;
  });
}

/**
 * @param {HTMLElement | null} first
 * @param {HTMLElement[]} elements
 */
function startingAt(first, elements) {
  const before = first ? elements.splice(0, Math.max(0, elements.indexOf(first))) : [];
  return [...elements, ...before];
}

/**
 * @param {Visitor} visit
 * @param {HTMLElement | undefined} element undefined: the page has none
 */
function hand(visit, element) {
  const post = element?.isConnected ? postOf(element) : null;
  if (post) {
    tell(visit, post, false);
  }
}

/**
 * One feature that fails keeps no post from the others.
 *
 * @param {Visitor} visit
 * @param {Post} post
 * @param {boolean} isNew
 */
function tell(visit, post, isNew) {
  try {
    visit(post, isNew);
  } catch (error) {
    console.error(`post ${post.no}`, error);
  }
}

/** @param {(post: Post) => void} leaver called for a post that is taken off the page */
export function eachThatGoes(leaver) {
  leavers.push(leaver);
}

/**
 * Puts a post that came in its place among those of its thread, and tells all features of it.
 *
 * @param {HTMLElement} article
 * @param {Element} thread its section
 */
export function putIn(article, thread) {
  const no = lastNumberIn(article.id);
  // PERF: from the end, where nearly each of them belongs.
  const before = elementsIn(thread).reverse().find((other) => lastNumberIn(other.id) < no);
  // Into the group of that one.
  before ? before.after(article) : thread.append(article);
  came(article);
}

/**
 * Tells all features of a post that was put into the page, before it is drawn.
 *
 * @param {Element} element
 * @param {boolean} [isNew] false: it has taken the place of an older version of itself
 */
export function came(element, isNew = true) {
  const post = postOf(element);
  if (post) {
    visitors.forEach((visit) => tell(visit, post, isNew));
  }
}

/**
 * Tells all features of a post of which something has changed.
 *
 * @param {Post} post
 */
export function changed(post) {
  visitors.forEach((visit) => tell(visit, post, false));
}

/**
 * Takes a post off the page.
 *
 * @param {Post} post
 */
export function remove(post) {
  leavers.forEach((leaver) => leaver(post));
  post.element.remove();
}

/**
 * @param {ParentNode} place
 * @returns {Post[]} in the order of the page
 */
export function within(place) {
  return elementsIn(place).map(postOf).filter((post) => post !== null);
}

/**
 * @param {ParentNode} place
 * @returns {HTMLElement[]}
 */
function elementsIn(place) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll(SELECTOR))];
}

/**
 * @param {HTMLElement[]} elements one below the other
 * @returns {HTMLElement | null} the first that reaches into the screen; null: they begin there, or end above it
 */
function firstOnScreen(elements) {
  let [low, high] = [0, window.scrollY > 0 ? elements.length : 0];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle].getBoundingClientRect().bottom > 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low < elements.length ? elements[low] : null;
}

/**
 * @param {number} no
 * @param {string | null} [board] on a page of several boards
 * @returns {Post | null}
 */
export function find(no, board = null) {
  // PERF: by its id at once. A page of several boards may have a number twice, and is looked through.
  const first = document.getElementById(String(Number(no))) ?? document.getElementById(`${board}-${Number(no)}`);
  const post = first ? postOf(first) : null;
  if (post === null || board === null || post.board === board) {
    return post?.element === first ? post : null;
  }
  return within(document).find((other) => other.no === no && other.board === board) ?? null;
}

/**
 * The post that an element is in, or is.
 *
 * @param {Element} element
 * @returns {Post | null} null: it is in none
 */
export function postOf(element) {
  const article = element.closest(SELECTOR);
  const before = article && known.get(article);
  if (before) {
    return before;
  }
  const thread = article?.closest("section.thread");
  if (!(article instanceof HTMLElement) || !(thread instanceof HTMLElement)) {
    return null;
  }
  const post = {
    element: article,
    // On a page of several boards 'b-124' and 'thread_b-124'.
    no: lastNumberIn(article.id),
    thread: lastNumberIn(thread.id),
    board: thread.dataset.board ?? "",
  };
  known.set(article, post);
  return post;
}

/** @param {string} id */
function lastNumberIn(id) {
  return Number(/\d+$/.exec(id)?.[0]);
}
