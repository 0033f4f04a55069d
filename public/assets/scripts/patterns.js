/**
 * Patterns of a reader's filters, in the notation of JavaScript's regular expressions, matched in a
 * time that grows with the text and never explodes.
 *
 * SECURITY: a pattern may come from a list that somebody else wrote, and the text does. RegExp tries
 * each way through a pattern anew: `/(a+)+$/` takes years for forty letters. Where there may be
 * many, all are followed at once here (Thompson 1968), each letter once. What would need to look
 * back, groups that are referred to and lookarounds, is refused by name.
 */

import { msg } from "./words.js";

export const PATTERN_CHARS_MAX = 500;
export const TEXT_CHARS_MAX = 10_000;
const STEPS_MAX = 2000;
const REPEATS_MAX = 200;
const DEPTH_MAX = 50;
const NATIVE_TRIES_MAX = 5_000_000;

/** A pattern that can't be used, and why, in the reader's words. */
export class NotTaken extends Error {
  /** @param {import("./words.js").Message} why */
  constructor(why) {
    super(why.one);
    this.why = why;
  }
}

/** @typedef {(char: string) => boolean} Test */
/** @typedef {"start" | "end" | "border" | "inside"} Spot */
/**
 * @typedef {{kind: "one", test: Test} | {kind: "at", spot: Spot} | {kind: "all", parts: Tree[]} | {kind: "any", parts: Tree[]}
 *   | {kind: "repeat", of: Tree, min: number, max: number}} Tree
 */
/** @typedef {{do: "one", test: Test} | {do: "at", spot: Spot} | {do: "split", to: number[]} | {do: "match"}} Step */

/** @typedef {(text: string) => boolean} Search */

/**
 * @param {string} source what stands between the slashes
 * @param {string} flags of which i, m and s mean something
 * @returns {Search} whether the pattern is anywhere in the text
 * @throws {NotTaken}
 */
export function pattern(source, flags = "") {
  const { tree, search } = read(source, flags);
  const native = nativeOf(source, flags);
  const { factor, power } = waysThrough(tree);
  return (text) => {
    const looked = text.slice(0, TEXT_CHARS_MAX);
    // PERF: RegExp is 30 times as fast, and is asked wherever it can't take long: a hundred filters
    // on a thread of 200 posts are done in 0.1 s.
    const isQuick = factor * (looked.length + 1) ** (power + 1) <= NATIVE_TRIES_MAX;
    return native && isQuick ? native.test(looked) : search(looked);
  };
}

/**
 * @param {string} source
 * @param {string} flags
 * @returns {Search} one that never explodes
 */
export function linearPattern(source, flags = "") {
  return read(source, flags).search;
}

/**
 * @param {string} source
 * @param {string} flags
 * @returns {{tree: Tree, search: Search}}
 */
function read(source, flags) {
  if (source.length > PATTERN_CHARS_MAX) {
    throw new NotTaken(msg("The pattern is too long."));
  }
  /** @type {Step[]} */
  const steps = [];
  const tree = new Reader(source, flags).whole();
  writeSteps(tree, steps);
  steps.push({ do: "match" });
  const hasLines = flags.includes("m");
  return { tree, search: (text) => run(steps, [...text], hasLines) };
}

/**
 * @param {string} source
 * @param {string} flags
 * @returns {RegExp | null} null: it is a pattern here, and none for JavaScript
 */
function nativeOf(source, flags) {
  try {
    return new RegExp(source, `${flags.replace(/[^ims]/g, "")}u`);
  } catch {
    return null;
  }
}

/**
 * How many ways RegExp may try through a pattern from one letter: `factor` times the text's length
 * to the `power`.
 *
 * @param {Tree} tree
 * @returns {{factor: number, power: number}}
 */
function waysThrough(tree) {
  if (tree.kind === "all" || tree.kind === "any") {
    const ways = tree.parts.map(waysThrough);
    const factors = ways.map(({ factor }) => factor);
    const powers = ways.map(({ power }) => power);
    return tree.kind === "all"
      ? { factor: factors.reduce((all, factor) => all * factor, 1), power: powers.reduce((all, power) => all + power, 0) }
      : { factor: factors.reduce((all, factor) => all + factor, 0), power: Math.max(0, ...powers) };
  }
  if (tree.kind !== "repeat") {
    return { factor: 1, power: 0 };
  }
  const { factor, power } = waysThrough(tree.of);
  if (factor === 1 && power === 0) {
    return tree.max === Infinity ? { factor: tree.min + 1, power: 1 } : { factor: tree.max + 1, power: 0 };
  }
  return { factor: tree.max === Infinity ? Infinity : (factor + 1) ** tree.max, power: power * Math.min(tree.max, 100) };
}

/** Reads a pattern into its tree. */
class Reader {
  /**
   * @param {string} source
   * @param {string} flags
   */
  constructor(source, flags) {
    this.chars = [...source];
    this.at = 0;
    this.depth = 0;
    this.ignoresCase = flags.includes("i");
    this.dotTakesAll = flags.includes("s");
  }

  whole() {
    const tree = this.alternatives();
    if (this.at < this.chars.length) {
      throw new NotTaken(msg("A bracket is closed that was never opened."));
    }
    return tree;
  }

  /** @returns {Tree} */
  alternatives() {
    if ((this.depth += 1) > DEPTH_MAX) {
      throw new NotTaken(msg("The pattern is too large."));
    }
    const parts = [this.sequence()];
    while (this.takes("|")) {
      parts.push(this.sequence());
    }
    this.depth -= 1;
    return parts.length === 1 ? parts[0] : { kind: "any", parts };
  }

  /** @returns {Tree} */
  sequence() {
    /** @type {Tree[]} */
    const parts = [];
    while (this.at < this.chars.length && this.chars[this.at] !== "|" && this.chars[this.at] !== ")") {
      parts.push(this.repeated(this.atom()));
    }
    return { kind: "all", parts };
  }

  /**
   * @param {Tree} of
   * @returns {Tree}
   */
  repeated(of) {
    const rest = this.chars.slice(this.at, this.at + 12).join("");
    const counted = /^(?:[*+?]|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??/.exec(rest);
    if (!counted) {
      return of;
    }
    this.at += counted[0].length;
    const sign = counted[0][0];
    const min = sign === "{" ? Number(counted[1]) : sign === "+" ? 1 : 0;
    const max = sign === "?" ? 1 : sign !== "{" || (counted[2] && !counted[3]) ? Infinity : Number(counted[3] ?? counted[1]);
    if (/^[*+?]/.test(this.chars[this.at] ?? "") || max < min) {
      throw new NotTaken(msg("It is repeated in a way that means nothing."));
    }
    if (min > REPEATS_MAX || (max !== Infinity && max > REPEATS_MAX)) {
      throw new NotTaken(msg("The pattern is too large."));
    }
    return { kind: "repeat", of, min, max };
  }

  /** @returns {Tree} */
  atom() {
    const char = this.chars[this.at];
    this.at += 1;
    switch (char) {
      case "(":
        return this.group();
      case "[":
        return this.set();
      case "\\":
        return this.escaped();
      case "^":
        return { kind: "at", spot: "start" };
      case "$":
        return { kind: "at", spot: "end" };
      case ".":
        return { kind: "one", test: this.dotTakesAll ? () => true : (one) => !/[\n\r\u2028\u2029]/.test(one) };
      case "*":
      case "+":
      case "?":
        throw new NotTaken(msg("It is repeated in a way that means nothing."));
      default:
        return this.letter(char);
    }
  }

  /** @returns {Tree} */
  group() {
    const kind = /^\?(?::|<[A-Za-z_]\w*>|<?[=!])/.exec(this.chars.slice(this.at, this.at + 40).join(""))?.[0] ?? "";
    if (/[=!]$/.test(kind)) {
      throw new NotTaken(msg("Lookarounds, such as (?!…), are not taken."));
    }
    this.at += kind.length;
    const inner = this.alternatives();
    if (!this.takes(")")) {
      throw new NotTaken(msg("A bracket is never closed."));
    }
    return inner;
  }

  /** @returns {Tree} of '[a-z\]]' */
  set() {
    const begins = this.at - 1;
    while (this.at < this.chars.length && this.chars[this.at] !== "]") {
      this.at += this.chars[this.at] === "\\" ? 2 : 1;
    }
    if (!this.takes("]")) {
      throw new NotTaken(msg("A bracket is never closed."));
    }
    return this.one(this.chars.slice(begins, this.at).join(""));
  }

  /** @returns {Tree} */
  escaped() {
    const rest = this.chars.slice(this.at, this.at + 60).join("");
    const found = /^(?:[1-9k]|u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[\w=]{1,50}\}|[^])/u.exec(rest)?.[0];
    if (!found) {
      throw new NotTaken(msg("A backslash at its end means nothing."));
    }
    if (/^[1-9k]/.test(found)) {
      throw new NotTaken(msg("References to what was found before, such as \\1, are not taken."));
    }
    this.at += [...found].length;
    if (found === "b" || found === "B") {
      return { kind: "at", spot: found === "b" ? "border" : "inside" };
    }
    return this.one(`\\${found}`);
  }

  /**
   * A single letter of many, as JavaScript itself reads it.
   *
   * @param {string} source
   * @returns {Tree}
   */
  one(source) {
    const flags = this.ignoresCase ? "i" : "";
    let native;
    try {
      native = new RegExp(`^(?:${source})$`, `${flags}u`);
    } catch {
      try {
        // Without "u" it takes backslashes before anything.
        native = new RegExp(`^(?:${source})$`, flags);
      } catch {
        throw new NotTaken(msg("It is no pattern."));
      }
    }
    const known = new Map();
    const regExp = native;
    return {
      kind: "one",
      test: (char) => {
        const before = known.get(char);
        if (before !== undefined) {
          return before;
        }
        const fits = regExp.test(char);
        known.set(char, fits);
        return fits;
      },
    };
  }

  /**
   * @param {string} letter
   * @returns {Tree}
   */
  letter(letter) {
    if (this.ignoresCase && letter.toLowerCase() !== letter.toUpperCase()) {
      return this.one(letter);
    }
    return { kind: "one", test: (char) => char === letter };
  }

  /** @param {string} char */
  takes(char) {
    const is = this.chars[this.at] === char;
    this.at += is ? 1 : 0;
    return is;
  }
}

/**
 * @param {Tree} tree
 * @param {Step[]} steps what the tree asks for is put behind them
 */
function writeSteps(tree, steps) {
  if (steps.length > STEPS_MAX) {
    throw new NotTaken(msg("The pattern is too large."));
  }
  if (tree.kind === "one") {
    steps.push({ do: "one", test: tree.test });
  } else if (tree.kind === "at") {
    steps.push({ do: "at", spot: tree.spot });
  } else if (tree.kind === "all") {
    tree.parts.forEach((part) => writeSteps(part, steps));
  } else if (tree.kind === "any") {
    const split = splitIn(steps);
    /** @type {number[][]} */
    const ends = [];
    for (const part of tree.parts) {
      split.push(steps.length);
      writeSteps(part, steps);
      ends.push(splitIn(steps));
    }
    ends.forEach((end) => end.push(steps.length));
  } else {
    for (let count = 0; count < tree.min; count++) {
      writeSteps(tree.of, steps);
    }
    if (tree.max === Infinity) {
      const begins = steps.length;
      const split = splitIn(steps);
      split.push(steps.length);
      writeSteps(tree.of, steps);
      splitIn(steps).push(begins);
      split.push(steps.length);
    } else {
      /** @type {number[][]} */
      const splits = [];
      for (let count = tree.min; count < tree.max; count++) {
        const split = splitIn(steps);
        split.push(steps.length);
        splits.push(split);
        writeSteps(tree.of, steps);
      }
      splits.forEach((split) => split.push(steps.length));
    }
  }
}

/**
 * @param {Step[]} steps
 * @returns {number[]} where to go on: filled in by the caller
 */
function splitIn(steps) {
  /** @type {number[]} */
  const to = [];
  steps.push({ do: "split", to });
  return to;
}

/**
 * @param {Step[]} steps
 * @param {string[]} chars
 * @param {boolean} hasLines `^` and `$` are also at the ends of lines
 */
function run(steps, chars, hasLines) {
  /** At which place a step was last reached. */
  const reached = new Int32Array(steps.length).fill(-1);
  /** @type {number[]} */
  let now = [];
  let isFound = false;

  /**
   * @param {number} first
   * @param {number} at
   * @param {number[]} into
   */
  function reach(first, at, into) {
    const waiting = [first];
    for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
      if (reached[step] === at) {
        continue;
      }
      reached[step] = at;
      const todo = steps[step];
      if (todo.do === "match") {
        isFound = true;
      } else if (todo.do === "one") {
        into.push(step);
      } else if (todo.do === "split") {
        waiting.push(...todo.to);
      } else if (isAt(todo.spot, chars, at, hasLines)) {
        waiting.push(step + 1);
      }
    }
  }

  for (let at = 0; at <= chars.length; at++) {
    reach(0, at, now);
    if (isFound) {
      return true;
    }
    /** @type {number[]} */
    const next = [];
    for (const step of now) {
      const todo = steps[step];
      if (at < chars.length && todo.do === "one" && todo.test(chars[at])) {
        reach(step + 1, at + 1, next);
      }
    }
    now = next;
  }
  return false;
}

/**
 * @param {Spot} spot
 * @param {string[]} chars
 * @param {number} at
 * @param {boolean} hasLines
 */
function isAt(spot, chars, at, hasLines) {
  const isLineEnd = (/** @type {string | undefined} */ char) => char !== undefined && /[\n\r\u2028\u2029]/.test(char);
  const isOfWord = (/** @type {string | undefined} */ char) => char !== undefined && /^\w$/.test(char);
  switch (spot) {
    case "start":
      return at === 0 || (hasLines && isLineEnd(chars[at - 1]));
    case "end":
      return at === chars.length || (hasLines && isLineEnd(chars[at]));
    default:
      return (isOfWord(chars[at - 1]) !== isOfWord(chars[at])) === (spot === "border");
  }
}
