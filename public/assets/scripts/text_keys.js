/**
 * Keys while a post is written: Ctrl+Enter sends it, Ctrl+B, Ctrl+I and Ctrl+S mark what is selected
 * as bold, italic and spoiler; and a count of what is left, near the board's limits.
 */

import { limitsOf } from "./limits.js";
import { postForm, valueOf } from "./post_forms.js";
import { msg, msgs, say } from "./words.js";

/** From here on the count is shown, of the most that is allowed. */
const NEAR = 0.8;
/** @type {Record<string, string>} */
const MARKS = { b: "'''", i: "''", s: "**" };

export function start() {
  const form = postForm();
  const text = form?.querySelector("textarea");
  if (!form || !text) {
    return;
  }
  form.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(/** @type {HTMLElement | null} */ (form.querySelector('button[name="post"]')));
    }
  });
  text.addEventListener("keydown", (event) => {
    const mark = MARKS[event.key];
    if (mark && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      surround(text, mark);
    }
  });
  count(text, valueOf(form, "board"));
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {string} mark
 */
function surround(field, mark) {
  const { selectionStart: from, selectionEnd: to } = field;
  const chosen = field.value.slice(from, to);
  const isMarked = chosen.length >= 2 * mark.length && chosen.startsWith(mark) && chosen.endsWith(mark);
  const inner = isMarked ? chosen.slice(mark.length, -mark.length) : chosen;
  field.setRangeText(isMarked ? inner : `${mark}${inner}${mark}`, from, to, "end");
  const start = isMarked ? from : from + mark.length;
  field.setSelectionRange(start, start + inner.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {string} board
 */
function count(field, board) {
  const line = document.createElement("span");
  line.className = "hint counter";
  line.setAttribute("role", "status");
  field.after(line);
  let linesMax = Infinity;
  const draw = () => {
    line.textContent = left(field.value, field.maxLength < 0 ? Infinity : field.maxLength, linesMax);
  };
  field.addEventListener("input", draw);
  field.form?.addEventListener("restored", draw);
  field.form?.addEventListener("reset", () => setTimeout(draw));
  field.addEventListener(
    "focus",
    async () => {
      linesMax = (await limitsOf(board)).linesMax;
      draw();
    },
    { once: true },
  );
}

/**
 * @param {string} text
 * @param {number} charsMax
 * @param {number} linesMax
 * @returns {string} '' while there is plenty of room
 */
export function left(text, charsMax, linesMax) {
  const parts = [];
  const lines = text === "" ? 0 : text.split("\n").length;
  if (text.length >= charsMax * NEAR) {
    parts.push(say(msgs("{count} character left", "{count} characters left"), { count: charsMax - text.length }));
  }
  if (lines > linesMax) {
    parts.push(say(msgs("{count} line too many", "{count} lines too many"), { count: lines - linesMax }));
  } else if (lines >= linesMax * NEAR) {
    parts.push(say(msgs("{count} line left", "{count} lines left"), { count: linesMax - lines }));
  }
  return parts.length === 2 ? say(msg("{one}, {other}"), { one: parts[0], other: parts[1] }) : (parts[0] ?? "");
}
