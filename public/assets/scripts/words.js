/**
 * What scripts say, in the page's language. A sentence is known by its English, as in the
 * templates: `python -m tests.house_rules.words` gathers `msg("…")` and `msgs("…", "…")` from here
 * too. Whole sentences: other languages put the parts in another order.
 *
 * A page in another language names the module that holds its words, `data-words`; whoever imports
 * this one waits for it. Without it, all is said in English.
 */

/** @typedef {Record<string, string | number>} Blanks */
/** @typedef {{one: string, many?: string}} Message */
/**
 * Made of the language's .po. `said` knows a sentence by its English, one about a number of things
 * in all its forms; `forms` is which of them each number has, up to 199: those beyond have that of
 * their last two digits.
 *
 * @typedef {{forms: string, said: Record<string, string | string[]>}} Words
 */

/** The page's language, for all of Intl, with the digits that pages have: 'en-u-nu-latn'. */
export const language = `${document.documentElement.lang || "en"}-u-nu-latn`;

/** PERF: made when the first number is said: the first of a page took 60 ms and more, slowed down four times. @type {Intl.NumberFormat | undefined} */
let numbers;

const words = await wordsAt(document.documentElement.dataset.words);

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
  return sentenceOf(message, Number(blanks.count), words).replace(/\{([a-z_]+)\}/g, (whole, name) => {
    const value = blanks[name];
    return value === undefined ? whole : typeof value === "number" ? inNumbers(value) : value;
  });
}

/** @param {number} value */
function inNumbers(value) {
  numbers ??= new Intl.NumberFormat(language);
  return numbers.format(value);
}

/**
 * @param {Message} message
 * @param {number} count of a sentence that counts
 * @param {Words} words
 * @returns {string} with its blanks
 */
export function sentenceOf(message, count, words) {
  const said = words.said[message.one];
  if (said === undefined) {
    return message.many && count !== 1 ? message.many : message.one;
  }
  if (typeof said === "string") {
    return said;
  }
  return said[Number(words.forms[count < 200 ? count : 100 + (count % 100)])];
}

/**
 * @param {string | undefined} address undefined: the page is in English
 * @returns {Promise<Words>}
 */
async function wordsAt(address) {
  try {
    return address ? (await import(address)).default : { forms: "", said: {} };
  } catch {
    return { forms: "", said: {} };
  }
}
