/**
 * What scripts say, in the page's language. A sentence is known by its English, as in the
 * templates: `python -m tests.house_rules.words` gathers `msg("…")` and `msgs("…", "…")` from here
 * too. Whole sentences: other languages put the parts in another order.
 */

/** @typedef {Record<string, string | number>} Blanks */
/** @typedef {{one: string, many?: string}} Message */

/** The page's language, 'en'. */
export const language = document.documentElement.lang || "en";

const numbers = new Intl.NumberFormat(language);

/**
 * A sentence that is said later: `say(msg("Reply to {no}"), { no: 124 })`.
 *
 * @param {string} sentence
 * @returns {Message}
 */
export function msg(sentence) {
  return { one: sentence };
}

/**
 * A sentence about a number of things: `say(msgs("{count} reply", "{count} replies"), { count: 3 })`.
 *
 * @param {string} one
 * @param {string} many
 * @returns {Message}
 */
export function msgs(one, many) {
  return { one, many };
}

/**
 * @param {Message} message
 * @param {Blanks} [blanks] numbers are written as the language writes them
 * @returns {string}
 */
export function say(message, blanks = {}) {
  const sentence = message.many && blanks.count !== 1 ? message.many : message.one;
  return sentence.replace(/\{([a-z_]+)\}/g, (whole, name) => {
    const value = blanks[name];
    return value === undefined ? whole : typeof value === "number" ? numbers.format(value) : value;
  });
}
