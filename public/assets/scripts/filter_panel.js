/** The reader's filters: a list, a form for another one, and those of 4chan X read in. */

import { EFFECTS, FIELDS, ONLY, RULES_MAX, effectOf, fromFourChanX, matcher, readRules, titleOf } from "./filter_rules.js";
import * as kept from "./kept.js";
import { NotTaken, PATTERN_CHARS_MAX } from "./patterns.js";
import { RULES_KEPT } from "./rules_kept.js";
import { asset, load } from "./styles.js";
import { msg, msgs, say } from "./words.js";

/** @typedef {import("./filter_rules.js").Rule} Rule */

const IMPORT_CHARS_MAX = 200_000;

/** The panel in a dialog, over whatever page this is. */
export function openDialog() {
  load(asset("reading.css"));
  const dialog = document.createElement("dialog");
  dialog.className = "conversation";
  const heading = document.createElement("h2");
  heading.textContent = say(msg("Filters"));
  const place = document.createElement("div");
  dialog.append(heading, place, button(say(msg("Close")), () => dialog.close()));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  draw(place);
  dialog.showModal();
}

/**
 * The panel, for a page of settings too.
 *
 * @param {HTMLElement} place
 */
export function draw(place) {
  load(asset("reading.css"));
  const list = document.createElement("ul");
  list.className = "filter-list";
  const drawList = () => list.replaceChildren(...rules().map(line));
  kept.onChange(RULES_KEPT, drawList);
  drawList();
  place.replaceChildren(list, formForOne(), formForMany());
}

/** @returns {Rule[]} */
function rules() {
  return readRules(kept.read(RULES_KEPT, []));
}

/** @param {Rule[]} added */
function add(added) {
  kept.change(RULES_KEPT, /** @type {Rule[]} */ ([]), () => [...rules(), ...added].slice(0, RULES_MAX));
}

/**
 * @param {Rule} rule
 * @param {number} at
 */
function line(rule, at) {
  const item = document.createElement("li");
  const what = document.createElement("code");
  what.dir = "auto";
  what.textContent = titleOf(rule);
  const boards = rule.boards.map((board) => `/${board}/`).join(" ");
  const problem = problemOf(rule);
  const remove = button(say(msg("Remove")), () =>
    kept.change(RULES_KEPT, /** @type {Rule[]} */ ([]), () => rules().filter((_, place) => place !== at)),
  );
  remove.setAttribute("aria-label", say(msg("Remove the filter {filter}"), { filter: titleOf(rule) }));
  item.append(what, ` ${effectOf(rule)} ${boards} ${problem} `, remove);
  return item;
}

/**
 * @param {Rule} rule
 * @returns {string} why it does nothing; '' if it works
 */
function problemOf(rule) {
  try {
    matcher(rule);
    return "";
  } catch (error) {
    return error instanceof NotTaken ? say(error.why) : String(error);
  }
}

function formForOne() {
  const form = document.createElement("form");
  form.className = "filter-form";
  const field = choice(say(msg("Where")), FIELDS.map((row) => [row.field, say(row.title)]));
  const pattern = textInput(say(msg("Words, or /a regular expression/i")), PATTERN_CHARS_MAX);
  const effect = choice(say(msg("What happens")), EFFECTS.map((row) => [row.effect, say(row.title)]));
  effect.input.value = "stub";
  const only = choice(say(msg("Of which posts")), ONLY.map((row) => [row.only, say(row.title)]));
  const boards = textInput(say(msg("Only on these boards: b, tech")), 500);
  const replies = document.createElement("input");
  replies.type = "checkbox";
  const repliesLabel = document.createElement("label");
  repliesLabel.append(replies, ` ${say(msg("And what answers it"))}`);
  const problem = document.createElement("p");
  problem.setAttribute("role", "alert");
  form.append(field.label, pattern.label, effect.label, only.label, boards.label, repliesLabel, problem, button(say(msg("Add the filter"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [rule] = readRules([
      {
        field: field.input.value,
        pattern: pattern.input.value,
        effect: effect.input.value,
        only: only.input.value,
        boards: boards.input.value.split(/[\s,/]+/).filter(Boolean),
        replies: replies.checked,
      },
    ]);
    problem.textContent = rule ? problemOf(rule) : say(msg("Say what is looked for."));
    if (rule && !problem.textContent) {
      add([rule]);
      pattern.input.value = "";
    }
  });
  return form;
}

function formForMany() {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = say(msg("Filters of 4chan X"));
  const form = document.createElement("form");
  form.className = "filter-form";
  const field = choice(say(msg("Where they look, if they don't say")), FIELDS.map((row) => [row.field, say(row.title)]));
  const text = document.createElement("textarea");
  text.rows = 6;
  text.maxLength = IMPORT_CHARS_MAX;
  text.placeholder = "/spam/i;op:only;boards:b";
  text.setAttribute("aria-label", say(msg("Filters of 4chan X")));
  const report = document.createElement("div");
  report.setAttribute("role", "status");
  form.append(field.label, text, button(say(msg("Take them over"))), report);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const otherwise = /** @type {import("./filter_rules.js").Field} */ (field.input.value);
    const { rules: read, refused } = fromFourChanX(text.value.slice(0, IMPORT_CHARS_MAX), otherwise);
    const room = Math.max(0, RULES_MAX - rules().length);
    add(read.slice(0, room));
    const sentence = document.createElement("p");
    sentence.textContent = say(msgs("{count} filter was taken over.", "{count} filters were taken over."), {
      count: Math.min(room, read.length),
    });
    const left = document.createElement("ul");
    const tooMany = read.slice(room).map(({ pattern }) => ({ line: pattern, why: say(msg("There is no room for more filters.")) }));
    left.append(
      ...[...refused, ...tooMany].map(({ line, why }) => {
        const item = document.createElement("li");
        const code = document.createElement("code");
        code.textContent = line;
        item.append(code, ` ${why}`);
        return item;
      }),
    );
    report.replaceChildren(sentence, left);
  });
  details.append(summary, form);
  return details;
}

/**
 * @param {string} label
 * @param {[string, string][]} options value and title
 */
function choice(label, options) {
  const input = document.createElement("select");
  for (const [value, title] of options) {
    input.append(new Option(title, value));
  }
  return { input, label: labelled(label, input) };
}

/**
 * @param {string} label
 * @param {number} charsMax
 */
function textInput(label, charsMax) {
  const input = document.createElement("input");
  input.type = "text";
  input.maxLength = charsMax;
  input.dir = "auto";
  return { input, label: labelled(label, input) };
}

/**
 * @param {string} text
 * @param {HTMLElement} input
 */
function labelled(text, input) {
  const label = document.createElement("label");
  label.append(`${text} `, input);
  return label;
}

/**
 * @param {string} label
 * @param {() => void} [press] without it, it sends its form
 */
function button(label, press) {
  const made = document.createElement("button");
  made.type = press ? "button" : "submit";
  made.textContent = label;
  if (press) {
    made.addEventListener("click", press);
  }
  return made;
}
