import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

aPage(
  ["b", "tea"]
    .map((board) => `<section class="thread" id="thread_${board}-7" data-board="${board}"><article class="post op" id="${board}-7"></article></section>`)
    .join(""),
);
const { find, within } = await import("../../public/assets/scripts/posts.js");

test("a post of a page of several boards has its number, and is found by its board", () => {
  assert.deepEqual(within(document).map(({ board, no, thread }) => [board, no, thread]), [["b", 7, 7], ["tea", 7, 7]]);
  assert.equal(find(7, "tea")?.element.id, "tea-7");
  assert.equal(find(7, "none"), null);
});
