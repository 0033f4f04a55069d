import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { aPage } from "./page_twin.js";

aPage();
const { LIVELY_MS, LONGEST_MS, Rhythm, SHORTEST_MS } = await import("../../public/assets/scripts/rhythm.js");
const { Seat } = await import("../../public/assets/scripts/one_tab.js");
const { listOf } = await import("../../public/assets/scripts/pulse.js");

test("looks come often while the reader is there, then more and more seldom", () => {
  const rhythm = new Rhythm(0, () => 0.5);
  assert.equal(rhythm.next(LIVELY_MS), SHORTEST_MS);
  const pauses = Array.from({ length: 20 }, () => rhythm.next(LIVELY_MS + 1));
  assert.ok(pauses.every((pause, at) => at === 0 || pause >= pauses[at - 1]));
  assert.equal(pauses.at(-1), LONGEST_MS);
  rhythm.liven(LIVELY_MS + 2);
  assert.equal(rhythm.next(LIVELY_MS + 3), SHORTEST_MS);
});

test("a board that does not answer is asked less and less, until it does", () => {
  const rhythm = new Rhythm(0, () => 0.5);
  assert.deepEqual([1, 2, 3].map(() => rhythm.nextAfterFailure()), [5000, 10_000, 20_000]);
  rhythm.next(0);
  assert.equal(rhythm.nextAfterFailure(), 5000);
});

test("without Web Locks one tab has the job, and leaves it to the next", () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  /** @type {string[]} */
  const taken = [];
  const seats = ["first", "second"].map(
    (name) => new Seat("job", () => taken.push(name), { lockManager: undefined }),
  );
  seats.forEach((seat) => seat.join());
  mock.timers.tick(1000);
  assert.deepEqual(taken, ["first"]);
  seats[0].leave();
  mock.timers.tick(6000);
  mock.timers.tick(1000);
  assert.deepEqual(taken, ["first", "second"]);
  seats[1].leave();
  mock.timers.reset();
});

test("a board's list is read by thread, whatever else it holds", () => {
  const threads = [{ no: 7, change: 12, replies: 3, last_modified: 1 }];
  assert.deepEqual(listOf([{ page: 0, threads: [] }, { page: 1, threads }]), {
    7: { change: 12, replies: 3, page: 2 },
  });
  for (const wrong of [null, {}, "x", [{}], [null]]) {
    assert.deepEqual(listOf(wrong), {});
  }
});

const { successorOf } = await import("../../public/assets/scripts/successors.js");
const { checked } = await import("../../public/assets/scripts/watched.js");
const { titleOf } = await import("../../public/assets/scripts/tab_marks.js");
const { hueOf } = await import("../../public/assets/scripts/poster_ids.js");

test("a general goes on in the newest thread of its subject, whatever its number", () => {
  const threads = [
    { no: 90, sub: "/tea/ - Teapot General #123" },
    { no: 140, sub: "/tea/ - Teapot General #125 &amp; kettles edition" },
    { no: 150, sub: "/tea/ - Teapot General #125" },
    { no: 160 },
  ];
  assert.deepEqual(successorOf("/tea/ - Teapot General #124", 100, threads), {
    no: 150, title: "/tea/ - Teapot General #125",
  });
  assert.equal(successorOf("#124", 100, [{ no: 101, sub: "#125" }]), null);
});

test("what is kept of watched threads is read as such, or not at all", () => {
  const wrong = [null, "x", [1], { a: null }, { a: { board: "../b", no: 1 } }, { a: { board: "b", no: "1" } }];
  for (const value of wrong) {
    assert.deepEqual(checked(value), {});
  }
  assert.deepEqual(Object.keys(checked({ a: { board: "λ_$", no: 7 } })), ["λ_$/7"]);
  const { title, state, next } = checked({ a: { board: "b", no: 7, title: "x".repeat(9999), state: "?", next: { no: {} } } })["b/7"];
  assert.deepEqual([title.length, state, next], [100, "there", null]);
});

test("a tab says what is unread, and an ID has one colour", () => {
  assert.equal(titleOf("/b/ - Tea", 3, 1), "(!1) (3) /b/ - Tea");
  assert.equal(titleOf("/b/ - Tea", 0, 0), "/b/ - Tea");
  assert.equal(hueOf("abcdefgh"), hueOf("abcdefgh"));
});

const { holds, wordsIn } = await import("../../public/assets/scripts/catalog_tools.js");

test("an address says what the catalog is searched for", () => {
  assert.equal(wordsIn("#q=tea%20pots"), "tea pots");
  assert.equal(wordsIn("#q=tea+pots"), "tea pots");
  assert.equal(wordsIn("#bottom"), null);
  assert.equal(wordsIn("#q=%E0%A4%A"), null);
  assert.ok(holds("pots for tea", "TEA pots"));
  assert.ok(!holds("pots for tea", "tea kettles"));
});
