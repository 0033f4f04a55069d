import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

const { window } = aPage(
  ["b", "tea"]
    .map((board) => `<section class="thread" id="thread_${board}-7" data-board="${board}"><article class="post op" id="${board}-7"></article></section>`)
    .join("") +
    `<section class="thread" id="thread_100" data-board="long">${Array.from({ length: 60 }, (_, n) => `<article class="post" id="${100 + n}"></article>`).join("")}</section>`,
);
const { allSeen, came, changed, each, eachNow, find, putIn, remove, within } = await import("../../public/assets/scripts/posts.js");

/** @param {number} no */
function aPost(no) {
  const element = document.createElement("article");
  element.className = "post";
  element.id = String(no);
  document.querySelector("#thread_100")?.append(element);
  return element;
}

test("a post of a page of several boards has its number, and is found by its board", () => {
  assert.deepEqual(within(document).slice(0, 2).map(({ board, no, thread }) => [board, no, thread]), [["b", 7, 7], ["tea", 7, 7]]);
  assert.equal(find(7, "tea")?.element.id, "tea-7");
  assert.equal(find(7, "none"), null);
});

test("every post is handed to every feature, a few at a time in turns", async () => {
  /** @type {[string, number][]} */
  const seen = [];
  each(({ no }) => seen.push(["one", no]));
  each(({ no }) => seen.push(["other", no]));
  assert.deepEqual(seen, [], "nothing in the task in which a feature begins");
  await allSeen();
  const all = within(document).map(({ no }) => no);
  for (const feature of ["one", "other"]) {
    assert.deepEqual(seen.filter(([name]) => name === feature).map(([, no]) => no), all);
  }
  const turns = seen.map(([name]) => name).join(" ").match(/(one ?)+|(other ?)+/g) ?? [];
  assert.ok(turns.length > 8, "the first posts are done for all before the last are for one");
});

test("what is on the screen comes first, but for a feature that asks what became of those above", async () => {
  window.scrollY = 1000;
  window.HTMLElement.prototype.getBoundingClientRect = function () {
    return { bottom: Number(this.id) - 130 };
  };
  /** @type {number[]} */
  const seen = [];
  /** @type {number[]} */
  const inOrder = [];
  each(({ no }) => seen.push(no));
  each(({ no }) => inOrder.push(no), { inOrder: true });
  await allSeen();
  window.scrollY = 0;
  assert.equal(seen[0], 131);
  assert.deepEqual([...seen].sort((one, other) => one - other), [...inOrder].sort((one, other) => one - other));
  assert.deepEqual(inOrder, within(document).map(({ no }) => no));
});

test("a post that comes is seen at once, and one that has changed once more", async () => {
  /** @type {[number, boolean][]} */
  const seen = [];
  const note = (/** @type {{no: number}} */ { no }, /** @type {boolean} */ isNew) => void seen.push([no, isNew]);
  each(note);
  await allSeen();
  seen.length = 0;
  came(aPost(500));
  changed(/** @type {import("../../public/assets/scripts/posts.js").Post} */ (find(500)));
  assert.deepEqual(seen, [[500, true], [500, false]]);
  eachNow(note);
  eachNow(note);
  remove(/** @type {import("../../public/assets/scripts/posts.js").Post} */ (find(500)));
  seen.length = 0;
  await allSeen();
  assert.deepEqual(seen.map(([no]) => no), within(document).map(({ no }) => no), "once, and none that has gone");
});

test("a post that comes stands behind the one before it, in the group of that", async () => {
  const thread = document.createElement("section");
  thread.className = "thread";
  thread.id = "thread_900";
  document.body.append(thread);
  const post = (/** @type {number} */ no) => Object.assign(document.createElement("article"), { className: "post", id: String(no) });
  putIn(post(900), thread);
  putIn(post(903), thread);
  const group = document.createElement("div");
  group.append(post(910), post(915));
  thread.append(group);
  /** @type {number[]} */
  const seen = [];
  each(({ no }, isNew) => isNew && seen.push(no));
  [920, 912, 901, 921].forEach((no) => putIn(post(no), thread));
  assert.deepEqual(within(thread).map(({ no }) => no), [900, 901, 903, 910, 912, 915, 920, 921]);
  assert.deepEqual([...group.children].map(({ id }) => Number(id)), [910, 912, 915, 920, 921]);
  assert.deepEqual(seen, [920, 912, 901, 921]);
  thread.remove();
  await allSeen();
});

test("a feature that fails at a post keeps it from no other", async (context) => {
  const told = context.mock.method(console, "error", () => {});
  let seen = 0;
  each(() => {
    throw new Error("no");
  });
  each(() => (seen += 1));
  await allSeen();
  assert.equal(seen, within(document).length);
  assert.equal(told.mock.callCount(), seen);
});
