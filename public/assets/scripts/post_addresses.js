/** Where a link to a post leads: of which board it is, in which thread, and its number. */

/** @typedef {{board: string, thread: number, no: number}} Place */

const ADDRESS = /^\/([^/]+)\/res\/(\d{1,15})(?:\+\d+)?\.html$/;
const HASH = /^#q?(\d{1,15})$/;
/** The name of a board: as wide as vichan's, since old boards come with theirs. */
export const BOARD = /^[\w$\u0080-\uffff]{1,58}$/;
/** What a text or the line of replies calls a post by. */
export const LINKS = ".body a.post-link, .mentioned a";

/**
 * @param {string} address '/b/res/123.html#124'; without '#124' it is the thread's first post
 * @returns {Place | null} null: it leads somewhere else
 */
export function placeOf(address) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return null;
  }
  const named = ADDRESS.exec(url.pathname);
  const board = named && boardIn(named[1]);
  const hash = HASH.exec(url.hash);
  if (!board || url.origin !== location.origin || (url.hash && !hash)) {
    return null;
  }
  const thread = Number(named[2]);
  return { board, thread, no: hash ? Number(hash[1]) : thread };
}

/**
 * @param {string} folder as addresses have it: '%CE%BB'
 * @returns {string | null} 'λ'; null: no board can be called so
 */
function boardIn(folder) {
  try {
    const board = decodeURIComponent(folder);
    return BOARD.test(board) ? board : null;
  } catch {
    return null;
  }
}

/**
 * @param {Place} place
 * @returns {string} '/b/res/123.html#124'
 */
export function addressOf({ board, thread, no }) {
  return `/${board}/res/${thread}.html#${no}`;
}

/**
 * The link to a post that an event came from.
 *
 * @param {EventTarget | null} target
 * @returns {{link: HTMLAnchorElement, place: Place} | null}
 */
export function linkAt(target) {
  const link = target instanceof Element ? target.closest(LINKS) : null;
  const place = link instanceof HTMLAnchorElement ? placeOf(link.href) : null;
  return link instanceof HTMLAnchorElement && place ? { link, place } : null;
}

/**
 * What a post answers.
 *
 * @param {Element} element a post
 * @returns {Place[]}
 */
export function quotedBy(element) {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (element.querySelectorAll(".body a.post-link"));
  return [...links].map((link) => placeOf(link.href)).filter((place) => place !== null);
}
