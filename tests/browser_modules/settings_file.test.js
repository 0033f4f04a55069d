import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

aPage();
const { fileOf, readFile } = await import("../../public/assets/scripts/settings_file.js");

const KEPT = {
  settings: { live: false, theme: "night" },
  css: "main { color: red }",
  watched: { "b/7": { board: "b", no: 7, title: "Tea" } },
  "own-posts": { b: [8, 9], "λ_$": [3] },
  "last-read": { "b/7": 9, "λ_$/1": 3 },
  hidden: ["b/124+", "b/res/7"],
  volume: { volume: 0.25, muted: true },
};

test("a file holds what was chosen, and brings it to another browser", () => {
  const text = fileOf({ ...KEPT, "draft:b/7": "half a post", "lease:pulse": ["x", 1] });
  assert.ok(!text.includes("half a post"));
  const read = readFile(text);
  assert.deepEqual(read?.left, []);
  const { watched, ...others } = /** @type {any} */ (read).taken;
  assert.equal(watched["b/7"].title, "Tea");
  const { watched: _, ...wanted } = KEPT;
  assert.deepEqual(others, wanted);
});

test("a hostile file brings nothing that scripts do not keep, in no other type or size", () => {
  for (const text of ["", "null", "[]", "{", "7", '{"stillboard": 2, "kept": {}}', '{"stillboard":1,"kept":[]}', "x".repeat(3e6)]) {
    assert.equal(readFile(text), null);
  }
  const read = readFile(
    `{"stillboard": 1, "kept": {
      "__proto__": {"polluted": true}, "constructor": 1, "toString": "x", "lease:pulse": ["me", 9e15], "draft:b": "x",
      "settings": {"__proto__": {"live": false}, "live": "no", "deep": {"a": 1}, "long": ${JSON.stringify("x".repeat(999))}, "BAD NAME": true, "keys": false},
      "css": ["not", "text"],
      "watched": {"b/1": {"board": "../../evil", "no": 1}, "x": {"board": "b", "no": 1e99}, "y": {"board": "b", "no": 3, "state": "<b>"}},
      "own-posts": {"b": ["1", 2, null, 1.5], "<script>": [1]},
      "last-read": {"b/1": "9", "b/2": 4, "javascript:": 1},
      "volume": 99, "hidden": {"b/1": true},
      "filters": ${JSON.stringify(["x".repeat(500_000)])}}}`,
  );
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
  const taken = /** @type {any} */ (read).taken;
  assert.deepEqual(Object.keys(taken).sort(), ["last-read", "own-posts", "settings", "watched"]);
  assert.deepEqual(taken.settings, { live: "no", keys: false });
  assert.deepEqual(Object.keys(taken.watched), ["b/3"]);
  assert.equal(taken.watched["b/3"].state, "there");
  assert.deepEqual(taken["own-posts"], { b: [2] });
  assert.deepEqual(taken["last-read"], { "b/2": 4 });
  assert.ok(read?.left.includes("filters") && read.left.includes("css") && read.left.includes("lease:pulse"));
});
