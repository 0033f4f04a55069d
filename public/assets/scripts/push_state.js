/** What this browser keeps of the threads that it is told of, checked; and the board's key as bytes. */

/**
 * @typedef {object} Told
 * @property {boolean} every of every reply, not only of those to the reader
 * @property {number[]} own the reader's posts that the board was told of
 * @property {number} at when, in milliseconds
 * @property {string} endpoint the browser's address then
 */

/**
 * @param {unknown} value
 * @returns {Record<string, Told>} by 'b/123'
 */
export function threadsIn(value) {
  if (typeof value !== "object" || value === null) {
    return {};
  }
  const found = Object.entries(value).filter(([name, told]) => /^[^/]+\/\d+$/.test(name) && isTold(told));
  return Object.fromEntries(found);
}

/** @param {any} told */
function isTold(told) {
  return (
    typeof told === "object" &&
    told !== null &&
    typeof told.every === "boolean" &&
    typeof told.at === "number" &&
    typeof told.endpoint === "string" &&
    Array.isArray(told.own) &&
    told.own.every((/** @type {unknown} */ no) => typeof no === "number")
  );
}

/**
 * @param {string} key as addresses write Base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function keyBytes(key) {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
