/**
 * Rules by which posts are hidden or highlighted: what they are, what they say of a post, and those
 * of 4chan X read into them.
 */

import { NotTaken, PATTERN_CHARS_MAX, TEXT_CHARS_MAX, pattern } from "./patterns.js";
import { msg, say } from "./words.js";

/** @typedef {"any" | "text" | "subject" | "name" | "trip" | "id" | "filename" | "md5" | "flag" | "capcode" | "email"} Field */
/** @typedef {"stub" | "hide" | "highlight"} Effect */
/** @typedef {"all" | "op" | "reply" | "file"} Only */

/**
 * @typedef {object} Rule
 * @property {Field} field
 * @property {string} pattern '/regular expression/i', or words that have to be there
 * @property {Effect} effect a stub says what is hidden, and shows it again
 * @property {Only} only of which posts
 * @property {string[]} boards on which; none: on all
 * @property {boolean} replies whether what answers a hidden post is hidden as well
 */

/**
 * What rules look at.
 *
 * @typedef {object} Facts
 * @property {string} board
 * @property {boolean} isOp
 * @property {string} text
 * @property {string} subject
 * @property {string} name
 * @property {string} trip
 * @property {string} id
 * @property {string} flag
 * @property {string} capcode
 * @property {string} email
 * @property {string[]} filenames
 * @property {string[]} md5s
 */

export const RULES_MAX = 500;
const LINE_CHARS_MAX = PATTERN_CHARS_MAX + 200;

/** @type {readonly {field: Field, title: import("./words.js").Message, read: (facts: Facts) => string[]}[]} */
export const FIELDS = [
  { field: "any", title: msg("Anywhere"), read: (facts) => [facts.subject, facts.name, facts.trip, facts.text, ...facts.filenames] },
  { field: "text", title: msg("Text"), read: ({ text }) => [text] },
  { field: "subject", title: msg("Subject"), read: ({ subject }) => [subject] },
  { field: "name", title: msg("Name"), read: ({ name }) => [name] },
  { field: "trip", title: msg("Tripcode"), read: ({ trip }) => [trip] },
  { field: "id", title: msg("ID"), read: ({ id }) => [id] },
  { field: "filename", title: msg("File name"), read: ({ filenames }) => filenames },
  { field: "md5", title: msg("MD5 of a file"), read: ({ md5s }) => md5s },
  { field: "flag", title: msg("Flag"), read: ({ flag }) => [flag] },
  { field: "capcode", title: msg("Capcode"), read: ({ capcode }) => [capcode] },
  { field: "email", title: msg("Email"), read: ({ email }) => [email] },
];

/** @type {readonly {effect: Effect, title: import("./words.js").Message}[]} the strongest first */
export const EFFECTS = [
  { effect: "hide", title: msg("Hide without a trace") },
  { effect: "stub", title: msg("Hide, and say so") },
  { effect: "highlight", title: msg("Highlight") },
];

/** @type {readonly {only: Only, title: import("./words.js").Message}[]} */
export const ONLY = [
  { only: "all", title: msg("All posts") },
  { only: "op", title: msg("First posts of threads") },
  { only: "reply", title: msg("Replies") },
  { only: "file", title: msg("Posts with a file") },
];

/**
 * @param {unknown} value as it was kept, or as a file of settings says it: anything
 * @returns {Rule[]} those of it that are rules
 */
export function readRules(value) {
  return (Array.isArray(value) ? value : []).slice(0, RULES_MAX).filter(isRule);
}

/**
 * @param {unknown} value
 * @returns {value is Rule}
 */
function isRule(value) {
  const rule = /** @type {Partial<Rule>} */ (value ?? {});
  return (
    FIELDS.some(({ field }) => field === rule.field) &&
    EFFECTS.some(({ effect }) => effect === rule.effect) &&
    ONLY.some(({ only }) => only === rule.only) &&
    typeof rule.pattern === "string" &&
    rule.pattern.length > 0 &&
    rule.pattern.length <= PATTERN_CHARS_MAX + 10 &&
    Array.isArray(rule.boards) &&
    rule.boards.length <= 100 &&
    rule.boards.every((board) => typeof board === "string") &&
    typeof rule.replies === "boolean"
  );
}

/**
 * @param {Pick<Rule, "field" | "pattern">} rule
 * @returns {(value: string) => boolean}
 * @throws {NotTaken}
 */
export function matcher({ field, pattern: wanted }) {
  if (field === "md5") {
    const sum = wanted.replace(/^\/|\/$/g, "");
    return (value) => value === sum;
  }
  const named = /^\/([^]+)\/([a-z]*)$/.exec(wanted);
  if (named) {
    return pattern(named[1], named[2]);
  }
  const words = wanted.toLowerCase();
  return (value) => value.slice(0, TEXT_CHARS_MAX).toLowerCase().includes(words);
}

/**
 * A pattern for exactly this.
 *
 * @param {string} value
 */
export function exactly(value) {
  return `/^${value.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}$/`;
}

/**
 * @param {readonly Rule[]} rules
 * @returns {(facts: Facts) => Rule | null} the strongest rule that is about a post
 */
export function judge(rules) {
  const usable = rules.flatMap((rule) => {
    try {
      return [{ rule, fits: matcher(rule), read: FIELDS.find(({ field }) => field === rule.field)?.read ?? (() => []) }];
    } catch {
      // Kept by another version, or taken from a file: the panel says what is wrong with it.
      return [];
    }
  });
  const strength = (/** @type {Rule} */ { effect }) => EFFECTS.findIndex((row) => row.effect === effect);
  usable.sort((one, other) => strength(one.rule) - strength(other.rule));
  return (facts) =>
    usable.find(({ rule, fits, read }) => isAbout(rule, facts) && read(facts).some((value) => value !== "" && fits(value)))?.rule ?? null;
}

/**
 * @param {Rule} rule
 * @param {Facts} facts
 */
function isAbout({ boards, only }, { board, isOp, filenames }) {
  return (
    (boards.length === 0 || boards.includes(board)) &&
    (only === "all" || (only === "op" && isOp) || (only === "reply" && !isOp) || (only === "file" && filenames.length > 0))
  );
}

/**
 * @param {Rule} rule
 * @returns {string} 'Name /^x$/'
 */
export function titleOf({ field, pattern }) {
  const row = FIELDS.find((row) => row.field === field);
  return `${row ? say(row.title) : field} ${pattern}`;
}

/** @param {Rule} rule */
export function effectOf({ effect }) {
  const row = EFFECTS.find((row) => row.effect === effect);
  return row ? say(row.title) : effect;
}

// --- 4chan X ---

/** @type {Record<string, Field>} its names of fields */
const FIELDS_OF_4CHAN_X = {
  general: "any", name: "name", uniqueid: "id", tripcode: "trip", capcode: "capcode", email: "email",
  subject: "subject", comment: "text", flag: "flag", filename: "filename", md5: "md5",
};

/**
 * Reads what stands in a filter of 4chan X: a line each, `/regex/i;op:only;stub:no;boards:b,c`.
 *
 * @param {string} text
 * @param {Field} otherwise of lines that don't say `type:`
 * @returns {{rules: Rule[], refused: {line: string, why: string}[]}}
 */
export function fromFourChanX(text, otherwise) {
  /** @type {Rule[]} */
  const rules = [];
  /** @type {{line: string, why: string}[]} */
  const refused = [];
  for (const line of text.split(/\r?\n/).map((line) => line.trim())) {
    if (line && !line.startsWith("#")) {
      try {
        rules.push(...rulesOf(line, otherwise));
      } catch (error) {
        refused.push({ line: line.slice(0, 100), why: error instanceof NotTaken ? say(error.why) : String(error) });
      }
    }
  }
  return { rules: rules.slice(0, RULES_MAX), refused };
}

/**
 * @param {string} line
 * @param {Field} otherwise
 * @returns {Rule[]} one for each type that it names
 */
function rulesOf(line, otherwise) {
  const parts = /^\/(.+)\/([a-z]*)(?:;(.*))?$/.exec(line.slice(0, LINE_CHARS_MAX + 1));
  if (!parts || line.length > LINE_CHARS_MAX) {
    throw new NotTaken(msg("It isn't of the form /pattern/i;options."));
  }
  /** @type {Rule} */
  const rule = { field: otherwise, pattern: `/${parts[1]}/${parts[2]}`, effect: "stub", only: "all", boards: [], replies: false };
  let fields = [otherwise];
  for (const option of (parts[3] ?? "").split(";").filter(Boolean)) {
    const [name, value = ""] = option.trim().split(":", 2);
    const values = value.split(",").map((each) => each.trim().toLowerCase());
    if (name === "boards") {
      rule.boards = values.filter((board) => board !== "global");
      if (values.some((board) => ["sfw", "nsfw"].includes(board) || board.includes("/"))) {
        throw new NotTaken(msg("Boards can be named one by one, not by their kind or their site."));
      }
    } else if (name === "op" && ["only", "no", "yes"].includes(value)) {
      rule.only = value === "only" ? "op" : value === "no" ? "reply" : "all";
    } else if (name === "file" && value === "only") {
      rule.only = "file";
    } else if (name === "stub") {
      rule.effect = value === "no" ? "hide" : "stub";
    } else if (name === "highlight") {
      rule.effect = "highlight";
    } else if (name === "type") {
      fields = values.map((each) => FIELDS_OF_4CHAN_X[each]);
      if (fields.some((field) => field === undefined)) {
        throw new NotTaken(msg("It looks at something that posts don't have here."));
      }
    } else if (!["top", "notify", "poll", "file"].includes(name)) {
      // Left out, it would hide more than it was meant to.
      throw new NotTaken(msg("It has an option that isn't taken here."));
    }
  }
  // An ID is compared as it is there, whatever letters it has.
  const made = fields.map((field) => ({ ...rule, field, pattern: field === "id" ? exactly(parts[1]) : rule.pattern }));
  made.forEach(matcher);
  return made;
}
