/** Quotes as they are typed into a post: ">>124", and the selected text as quoted lines. */

const CHARS_MAX = 2000;

/**
 * @param {number} no
 * @param {string} selected
 * @param {string} before what stands before the caret
 */
export function quoted(no, selected, before) {
  const lines = selected
    .slice(0, CHARS_MAX)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line);
  const start = before === "" || before.endsWith("\n") ? "" : "\n";
  return `${start}>>${no}\n${lines.map((line) => `>${line}\n`).join("")}`;
}

/**
 * Behind what is selected there: nothing that somebody wrote is lost.
 *
 * @param {HTMLTextAreaElement} field
 * @param {string} text
 */
export function insertAtCaret(field, text) {
  field.setRangeText(text, field.selectionEnd, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
