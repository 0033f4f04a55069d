import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

aPage();
const { NotTaken, linearPattern, pattern } = await import("../../public/assets/scripts/patterns.js");

/** Numbers that are the same on each run: a linear congruential generator. */
function numbers(seed = 1) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

test("a pattern finds what JavaScript's own would find", () => {
  const next = numbers();
  const pieces = ["a", "b", "A", "é", "[ab]", "[^a]", ".", "\\w", "\\b", "\\B", "^", "$", "\\d", "1", " ", "\\s", "(?:a|b)", "(a|)", "(ab)", "[a-c1]", "\\-", "😀"];
  const signs = ["", "", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?"];
  const letters = ["a", "b", "A", "É", "c", "1", " ", "\n", "-", "😀", "_"];
  for (let round = 0; round < 5000; round++) {
    let source = "";
    for (let count = next(5); count >= 0; count--) {
      const piece = pieces[next(pieces.length)];
      const isSpot = ["^", "$", "\\b", "\\B"].includes(piece);
      source += piece + (isSpot ? "" : signs[next(signs.length)]) + (next(9) === 0 ? "|" : "");
    }
    const flags = ["", "i", "m", "is"][next(4)];
    const text = Array.from({ length: next(12) }, () => letters[next(letters.length)]).join("");
    // Its own letters, as "u" counts them, though without "u" a backslash may stand before anything.
    const native = new RegExp(source.replaceAll("\\-", "-"), `${flags}u`);
    for (const made of [linearPattern(source, flags), pattern(source, flags)]) {
      assert.equal(made(text), native.test(text), `/${source}/${flags} in ${JSON.stringify(text)}`);
    }
  }
});

test("no pattern explodes", () => {
  const text = "a".repeat(3000);
  for (const source of ["(a+)+$x", "(a|a)*b", "(.*)*!", "(a*)*(a*)*(a*)*b", "a?".repeat(100) + "a{100}b", "(?:(?:a{1,9}){1,9}){1,9}b", ".*.*.*.*=.*", "(a|a)".repeat(60) + "b", "(a?){150}b",
    "(?:a{0,9}){9}b", "(?:(?:a|a)?){40}b", "a*a*a*b", "a*b", "(?:a*){3}b"]) {
    assert.equal(pattern(source)(text), false, source);
  }
});

test("what would have to look back is refused by name", () => {
  for (const [source, why] of [
    ["(a)\\1", "References"], ["a(?!b)", "Lookarounds"], ["(?<=a)b", "Lookarounds"], ["(a", "never closed"], ["a)", "never opened"],
    ["[a", "never closed"], ["*a", "means nothing"], ["a{9,3}", "means nothing"], ["a{999}", "too large"], ["a".repeat(501), "too long"],
    ["(".repeat(400), "too large"], ["((a{99}){99}){99}", "too large"], ["a\\", "backslash"],
  ]) {
    assert.throws(() => pattern(source), (error) => error instanceof NotTaken && error.message.includes(why), source);
  }
});
