import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

aPage();
const { Pauses } = await import("../../public/assets/scripts/asking.js");
const { tellerOf } = await import("../../public/assets/scripts/relative_times.js");
const { msg, msgs, say, sentenceOf } = await import("../../public/assets/scripts/words.js");
const { pageOf } = await import("../../public/assets/scripts/page.js");

test("pauses grow to a limit, and begin anew when all is well", () => {
  const pauses = new Pauses(1000, 8000, () => 0.5);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => pauses.next()), [1000, 2000, 4000, 8000, 8000]);
  pauses.reset();
  assert.equal(pauses.next(), 1000);
});

test("a time is told by its largest unit, and never lies ahead", () => {
  assert.equal(told(new Date(2026, 10, 29, 11, 59, 30)), "11:59 · 30 seconds ago");
  assert.equal(told(new Date(2026, 10, 29, 11, 1)), "11:01 · 59 minutes ago");
  assert.equal(told(new Date(2026, 10, 28, 11, 0)), "Nov 28 · yesterday");
  assert.equal(told(new Date(2024, 10, 28, 11, 0)), "Nov 2024 · 2 years ago");
  assert.equal(told(new Date(2026, 10, 29, 12, 1)), "12:01 · now");
});

test("what is told of a time takes no more room than the page gave it", () => {
  const aWhileAgo = new Date(2026, 10, 29, 11, 5);
  assert.equal(told(aWhileAgo, 22), "11:05 · 55 minutes ago");
  assert.equal(told(aWhileAgo, 21), "11:05 · 55 min. ago");
  assert.equal(told(aWhileAgo, 10), "55 minutes ago");
  assert.equal(told(aWhileAgo, 21, "ja"), "11:05 · 55 分前");
});

/**
 * @param {Date} then
 * @param {number} room
 */
function told(then, room = "2026-11-22 (Sun) 00:45".length, language = "en") {
  return tellerOf(language)(then, new Date(2026, 10, 29, 12, 0), room);
}

test("a sentence has its blanks filled, and its number's form", () => {
  assert.equal(say(msg("Reply to {no}"), { no: "124" }), "Reply to 124");
  const replies = msgs("{count} reply", "{count} replies");
  assert.equal(say(replies, { count: 1 }), "1 reply");
  assert.equal(say(replies, { count: 1200 }), "1,200 replies");
});

test("a sentence is said in the page's language, in the form of its number", () => {
  const russian = {
    forms: Array.from({ length: 200 }, (_, n) => {
      const [one, ten] = [n % 10, n % 100];
      return one === 1 && ten !== 11 ? 0 : one > 1 && one < 5 && (ten < 12 || ten > 14) ? 1 : 2;
    }).join(""),
    said: { Close: "Закрыть", "{count} reply": ["{count} ответ", "{count} ответа", "{count} ответов"] },
  };
  assert.equal(sentenceOf(msg("Close"), NaN, russian), "Закрыть");
  assert.equal(sentenceOf(msg("Not there yet"), NaN, russian), "Not there yet");
  const replies = msgs("{count} reply", "{count} replies");
  const said = [0, 1, 2, 11, 21, 199, 211, 1022].map((n) => sentenceOf(replies, n, russian).slice(8));
  assert.deepEqual(said, ["ответов", "ответ", "ответа", "ответов", "ответ", "ответов", "ответов", "ответа"]);
});

test("words that do not come leave the page's scripts in English", async () => {
  document.documentElement.setAttribute("data-words", "./nothing-is-here.js");
  const alone = await import(`../../public/assets/scripts/words.js?${"without words"}`);
  assert.equal(alone.say(msg("Close")), "Close");
});

test("a page says what it is", () => {
  const { document } = aPage(
    '<main><section class="thread" id="thread_12" data-board="b"></section></main>',
  );
  document.body.className = "thread-page archived";
  document.body.dataset.board = "b";
  assert.deepEqual(pageOf(document.body, "/b/res/12+50.html"), {
    kind: "thread", board: "b", thread: 12, isTail: true,
  });
  document.body.className = "catalog-page";
  assert.deepEqual(pageOf(document.body, "/b/catalog.html"), {
    kind: "catalog", board: "b", thread: null, isTail: false,
  });
});
