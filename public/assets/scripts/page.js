/** What page this is, as its own HTML says it. */

/** @typedef {import("./features.js").PageKind} PageKind */

/**
 * @typedef {object} Page
 * @property {PageKind} kind
 * @property {string | null} board the board that it is of; null: of several, or of none
 * @property {number | null} thread the thread that it shows
 * @property {boolean} isTail it shows the thread's last posts alone
 */

/** @type {Page} */
export const page = pageOf(document.body, location.pathname);

/**
 * @param {HTMLElement} body
 * @param {string} path '/b/res/123+50.html'
 * @returns {Page}
 */
export function pageOf(body, path) {
  const named = [...body.classList].find((name) => name.endsWith("-page"));
  const thread = body.querySelector("main > section.thread[id]");
  const isThread = named === "thread-page" && thread !== null;
  return {
    kind: /** @type {PageKind} */ (named ? named.slice(0, -"-page".length) : "message"),
    board: body.dataset.board ?? null,
    thread: isThread ? Number(thread.id.slice("thread_".length)) : null,
    isTail: isThread && path.includes("+"),
  };
}
