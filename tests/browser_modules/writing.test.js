import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

aPage();
const { quoted } = await import("../../public/assets/scripts/quoting.js");
const { limitsIn } = await import("../../public/assets/scripts/limits.js");
const { left } = await import("../../public/assets/scripts/text_keys.js");
const { outcomeOf } = await import("../../public/assets/scripts/delivering.js");
const { readDraft } = await import("../../public/assets/scripts/drafts.js");
const keptFiles = await import("../../public/assets/scripts/kept_files.js");
const outbox = await import("../../public/assets/scripts/outbox.js");

test("a quote begins on a line of its own, with what was selected as quoted lines", () => {
  assert.equal(quoted(124, "", ""), ">>124\n");
  assert.equal(quoted(124, "", "Hello"), "\n>>124\n");
  assert.equal(quoted(124, "one\n\n  two ", "Hello\n"), ">>124\n>one\n>two\n");
});

test("limits that nobody tells are none", () => {
  const list = { boards: [{ board: "b", body_lines_max: 200, max_filesize: "much" }, null] };
  assert.deepEqual(limitsIn(list, "b"), { linesMax: 200, fileBytesMax: Infinity, filesMax: Infinity });
  for (const wrong of [null, {}, { boards: 3 }, list]) {
    assert.equal(limitsIn(wrong, "tea").linesMax, Infinity);
  }
});

test("what is left is counted near the limits alone", () => {
  assert.equal(left("x".repeat(79), 100, 10), "");
  assert.equal(left("x".repeat(99), 100, 10), "1 character left");
  assert.equal(left("\n".repeat(8), 100, 10), "1 line left");
  assert.equal(left("\n".repeat(10), 100, 10), "1 line too many");
  assert.equal(left("x\n".repeat(40), 100, 50), "20 characters left, 9 lines left");
  assert.equal(left("x", Infinity, Infinity), "");
});

test("only the board's own word ends the tries", () => {
  const stored = { id: "3", thread: "1", redirect: "/", noko: true, html: "" };
  assert.equal(outcomeOf(200, JSON.stringify(stored)).kind, "stored");
  assert.equal(outcomeOf(200, '{"preview": true, "html": ""}').kind, "preview");
  assert.deepEqual(outcomeOf(202, '{"held": true, "message": "Wait."}'), { kind: "held", sentence: "Wait." });
  assert.equal(outcomeOf(422, '{"error": "Empty."}').kind, "refused");
  assert.equal(outcomeOf(500, '{"error": "A bug."}').kind, "refused");
  // A hotel's own page, a proxy without a board behind it, a database that starts anew.
  for (const [status, text] of [[200, "<html>Log in"], [502, "<html>"], [503, '{"error": "Soon."}'], [404, "<html>"], [0, ""]]) {
    assert.equal(outcomeOf(Number(status), String(text)).kind, "no answer");
  }
});

test("a draft that can't be read is none", () => {
  const draft = { at: 1, fields: { body: "text", name: 3 }, ticks: ["spoiler"], hasFiles: true };
  assert.deepEqual(readDraft(draft), { ...draft, fields: { body: "text" } });
  for (const wrong of [null, 3, "text", {}, { at: "1", fields: {}, ticks: [] }, { at: 1, fields: {}, ticks: {} }]) {
    assert.equal(readDraft(wrong), null);
  }
});

test("a browser without a database keeps files until the page is left", async () => {
  await keptFiles.put("drafts", "b/1", ["a file"]);
  assert.deepEqual(await keptFiles.get("drafts", "b/1"), ["a file"]);
  await keptFiles.remove("drafts", "b/1");
  assert.equal(await keptFiles.get("drafts", "b/1"), undefined);
});

test("a letter is sent by one tab, and by the next one when that is gone", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const letter = { key: "k", place: "b/1", board: "b", address: "/post", fields: [], files: [], writtenAt: 1_000_000 };
  await outbox.add({ ...letter, fields: /** @type {[string, string][]} */ ([]), takenUntil: 0 });
  assert.equal(outbox.waits(), true);
  assert.deepEqual(await outbox.takeAll(), []);
  t.mock.timers.tick(60_000);
  assert.equal((await outbox.takeAll())[0].key, "k");
  assert.deepEqual(await outbox.takeAll(), [], "taken");
  await outbox.remove("k");
  assert.equal(outbox.waits(), false);
});

test("a letter of a page that is left is the next one's at once", async () => {
  const letter = { key: "l", place: "b/1", board: "b", address: "/post", fields: [], files: [], writtenAt: Date.now() };
  await outbox.add({ ...letter, takenUntil: 0 });
  await outbox.whileTaken("l", async () => {
    window.dispatchEvent(new window.Event("pagehide"));
    assert.deepEqual(await outbox.takeAll(), [], "not by the page that still sends it");
  });
  assert.equal((await outbox.takeAll())[0].key, "l");
  assert.deepEqual(await outbox.takeAll(), [], "taken");
  await outbox.remove("l");
  assert.equal(outbox.waits(), false);
});

test("a letter that is too old to be known again is not sent", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  const letter = { key: "old", place: "b/1", board: "b", address: "/post", fields: [], files: [], writtenAt: 1_000_000 };
  await outbox.add({ ...letter, takenUntil: 0 });
  t.mock.timers.tick(23 * 3600 * 1000);
  assert.deepEqual(await outbox.takeAll(), []);
  assert.equal(outbox.waits(), false);
});
