import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

const { localStorage, window } = aPage();
const own = await import("../../public/assets/scripts/own_posts.js");

test("own posts are known by board and number, each once", () => {
  own.remember("b", 3);
  own.remember("b", 4);
  own.remember("b", 3);
  assert.equal(own.isOwn("b", 3), true);
  assert.equal(own.isOwn("tea", 3), false);
  assert.deepEqual(own.ownOn("b"), [4, 3]);
});

test("the newest thousand of a board are kept", () => {
  for (let no = 1; no <= 1005; no++) {
    own.remember("busy", no);
  }
  assert.equal(own.isOwn("busy", 5), false);
  assert.equal(own.isOwn("busy", 6), true);
});

test("what another program left in their place counts as none", () => {
  for (const wrong of ["3", "null", '{"b": "all"}', '{"b": [null, "4"]}']) {
    localStorage.setItem("stillboard:own-posts", wrong);
    window.dispatchEvent(Object.assign(new window.Event("storage"), { key: "stillboard:own-posts" }));
    assert.equal(own.isOwn("b", 4), false);
  }
});
