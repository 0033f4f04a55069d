import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

aPage();
const { exactly, fromFourChanX, judge, matcher, readRules } = await import("../../public/assets/scripts/filter_rules.js");
const { kindOf, timOf } = await import("../../public/assets/scripts/files.js");
const { addressOf, placeOf } = await import("../../public/assets/scripts/post_addresses.js");

const POST = {
  board: "b", isOp: false, text: "Buy shoes\nnow", subject: "", name: "Anne", trip: "!one", id: "1a2b3c4d",
  flag: "Germany", capcode: "", email: "", filenames: ["shoe.jpg"], md5s: ["q1w2=="],
};
const RULE = { field: "text", pattern: "shoes", effect: "stub", only: "all", boards: [], replies: false };

test("a link says which post it leads to", () => {
  assert.deepEqual(placeOf("/b/res/12.html#q34"), { board: "b", thread: 12, no: 34 });
  assert.deepEqual(placeOf("/b/res/12+50.html#34"), { board: "b", thread: 12, no: 34 });
  assert.deepEqual(placeOf("/b/res/12.html?seen=13"), { board: "b", thread: 12, no: 12 });
  assert.equal(addressOf({ board: "b", thread: 12, no: 34 }), "/b/res/12.html#34");
  // Boards that came from vichan keep their names.
  assert.equal(placeOf("/%CE%BB_$/res/12.html#34")?.board, "λ_$");
  assert.equal(placeOf("/λ/res/12.html")?.board, "λ");
  assert.equal(placeOf("/Tea/res/12.html")?.board, "Tea");
  for (const elsewhere of ["/%FF/res/12.html", "/a%2Fb/res/12.html", "/a-b/res/12.html", "/b/", "/b/res/12.html#bottom", "https://elsewhere.example/b/res/12.html", "javascript:alert(1)", "//"]) {
    assert.equal(placeOf(elsewhere), null, elsewhere);
  }
});

test("a file is known by its ending", () => {
  assert.deepEqual(["a.JPG", "a.webm", "a.flac", "a.pdf"].map((name) => kindOf(`/b/src/${name}`)), ["picture", "film", "sound", null]);
  assert.equal(timOf("/b/src/1795500950388-1.jpg"), "1795500950388-1");
});

test("a rule is about what it says", () => {
  for (const [more, isAbout] of [
    [{}, true], [{ pattern: "SHOES" }, true], [{ pattern: "boots" }, false], [{ pattern: "/^now$/m" }, true],
    [{ field: "md5", pattern: "/q1w2==/" }, true], [{ field: "any", pattern: "shoe.jpg" }, true], [{ field: "subject", pattern: "/^$/" }, false],
    [{ boards: ["tech"] }, false], [{ only: "op" }, false], [{ only: "file" }, true], [{ field: "id", pattern: exactly("1a2b3c4d") }, true],
    [{ pattern: "/(a)\\1/" }, false],
  ]) {
    const rule = { ...RULE, ...more };
    assert.deepEqual(judge([rule])(POST), isAbout ? rule : null, JSON.stringify(more));
  }
  assert.equal(matcher({ field: "name", pattern: exactly("a.b/c(d") })("a.b/c(d"), true);
  assert.equal(matcher({ field: "name", pattern: exactly("a.b") })("aXb"), false);
});

test("the strongest of several rules counts", () => {
  const highlight = { ...RULE, effect: "highlight" };
  const hide = { ...RULE, effect: "hide" };
  assert.equal(judge([highlight, RULE, hide])(POST), hide);
});

test("what is kept as rules and is none is left out", () => {
  const wrong = [null, 1, {}, { ...RULE, field: "__proto__" }, { ...RULE, pattern: "" }, { ...RULE, boards: "b" }, { ...RULE, pattern: "x".repeat(600) }];
  assert.deepEqual(readRules([...wrong, RULE]), [RULE]);
  assert.deepEqual(readRules("rules"), []);
});

test("filters of 4chan X are taken over, or it is said why not", () => {
  const { rules, refused } = fromFourChanX(
    [
      "# comment", "", "/spam/i", "/a;b\\/c/;op:only;boards:b,tech;stub:no", "/x/;highlight:yellow;op:no;top:yes",
      "/q1w2==/;type:MD5", "/y/;type:name,comment", "no pattern", "/z/;exclude:b", "/(?!a)/", "/w/;type:dimensions", "/v/;boards:sfw", "/a+b/;type:uniqueID",
    ].join("\r\n"),
    "subject",
  );
  assert.deepEqual(
    rules.map(({ field, pattern, effect, only, boards }) => [field, pattern, effect, only, boards.join()]),
    [
      ["subject", "/spam/i", "stub", "all", ""], ["subject", "/a;b\\/c/", "hide", "op", "b,tech"], ["subject", "/x/", "highlight", "reply", ""],
      ["md5", "/q1w2==/", "stub", "all", ""], ["name", "/y/", "stub", "all", ""], ["text", "/y/", "stub", "all", ""],
      ["id", "/^a\\+b$/", "stub", "all", ""],
    ],
  );
  assert.deepEqual(refused.map(({ line }) => line), ["no pattern", "/z/;exclude:b", "/(?!a)/", "/w/;type:dimensions", "/v/;boards:sfw"]);
  assert.ok(refused.every(({ why }) => why.endsWith(".")));
});
