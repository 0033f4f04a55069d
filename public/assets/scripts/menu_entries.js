/** What the menu of a post offers: a feature names its own entries, and `post_menu.js` draws them. */

/** @typedef {import("./posts.js").Post} Post */

/**
 * @typedef {object} Entry
 * @property {number} rank low ones stand above: features begin in any order
 * @property {import("./words.js").Message} title
 * @property {(post: Post) => boolean} isFor
 * @property {(post: Post) => void} press
 */

/** @type {Entry[]} */
const entries = [];

/** @param {Entry} entry */
export function addMenuEntry(entry) {
  entries.push(entry);
}

/**
 * @param {Post} post
 * @returns {Entry[]} from the top
 */
export function entriesFor(post) {
  return entries.filter((entry) => entry.isFor(post)).sort((one, other) => one.rank - other.rank);
}
