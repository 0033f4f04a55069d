/** Finds the thread in which a "general" goes on: the same subject but for its number or edition. */

const SAME_WORDS_MIN = 1;

/**
 * @param {string} title
 * @returns {string} "/teapot/ - Teapot General #124" -> "teapot teapot general"
 */
function subjectWithoutNumber(title) {
  const words = title.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.filter((word) => !["edition", "part", "thread", "no", "nr", "vol"].includes(word)).join(" ");
}

/**
 * @param {string} title of the thread that has ended
 * @param {number} no
 * @param {{no: number, sub?: string}[]} threads of the board
 * @returns {{no: number, title: string} | null} the newest that was begun after it
 */
export function successorOf(title, no, threads) {
  const wanted = subjectWithoutNumber(title);
  if (wanted.split(" ").filter((word) => word.length > 2).length < SAME_WORDS_MIN) {
    return null;
  }
  const found = threads
    .filter((thread) => thread.no > no && subjectWithoutNumber(plain(thread.sub ?? "")) === wanted)
    .sort((one, other) => other.no - one.no)[0];
  return found ? { no: found.no, title: plain(found.sub ?? "") } : null;
}

/** @param {string} escaped as JSON has a subject */
function plain(escaped) {
  return escaped
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#x27;|&#39;/g, "'")
    .replace(/&amp;/g, "&");
}
