/**
 * Keys for what is done often. A feature names its own, and `key_map.js` shows all that are named on
 * this page; none of them does anything while somebody writes, below a dialog, or together with Ctrl, Alt or Meta.
 */

/** @typedef {{key: string, title: import("./words.js").Message, press: (event: KeyboardEvent) => void}} Key */

/** @type {Map<string, Key>} */
const keys = new Map();

/** @param {Key} key `key` as `KeyboardEvent.key` has it: 'r', 'R', '?', 'ArrowLeft' */
export function addKey(key) {
  if (keys.size === 0) {
    document.addEventListener("keydown", pressed);
  }
  keys.set(key.key, key);
}

/** @returns {Key[]} in the order in which they were named */
export function allKeys() {
  return [...keys.values()];
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const key = keys.get(event.key);
  const isWriting =
    event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const isBelow = document.querySelector("dialog[open]") !== null;
  if (key && !isWriting && !isBelow && !event.ctrlKey && !event.altKey && !event.metaKey && !event.defaultPrevented) {
    event.preventDefault();
    key.press(event);
  }
}
