/**
 * The posts of this page, those that stand there and those that come later: what a feature does to
 * a post it says once, with `each`, and it is done to whatever is shown from then on.
 */

/** @typedef {{element: HTMLElement, no: number, thread: number, board: string}} Post */

const SELECTOR = "article.post[id]";
/** @type {((post: Post) => void)[]} */
const visitors = [];
/** @type {((post: Post) => void)[]} */
const leavers = [];

/**
 * @param {(post: Post) => void} visitor called for each post that is shown, now or later
 * @param {ParentNode} [place]
 */
export function each(visitor, place = document) {
  visitors.push(visitor);
  for (const post of within(place)) {
    visitor(post);
  }
}

/** @param {(post: Post) => void} leaver called for a post that is taken off the page */
export function eachThatGoes(leaver) {
  leavers.push(leaver);
}

/**
 * Tells all features of posts that were put into the page.
 *
 * @param {Element} place the post, or what holds several
 */
export function came(place) {
  for (const post of place.matches(SELECTOR) ? [postOf(place)] : within(place)) {
    if (post) {
      visitors.forEach((visitor) => visitor(post));
    }
  }
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
  const found = [...place.querySelectorAll(SELECTOR)].map(postOf);
  return found.filter((post) => post !== null);
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
  const thread = article?.closest("section.thread");
  if (!(article instanceof HTMLElement) || !(thread instanceof HTMLElement)) {
    return null;
  }
  return {
    element: article,
    // On a page of several boards 'b-124' and 'thread_b-124'.
    no: lastNumberIn(article.id),
    thread: lastNumberIn(thread.id),
    board: thread.dataset.board ?? "",
  };
}

/** @param {string} id */
function lastNumberIn(id) {
  return Number(/\d+$/.exec(id)?.[0]);
}
