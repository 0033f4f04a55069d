import assert from "node:assert/strict";
import { test } from "node:test";

const listeners = {};
/** @type {{title: string, options: any}[]} */
let shown = [];
/** @type {{url: string, visibilityState: string, focus: () => void}[]} */
let windows = [];
/** @type {string[]} */
let opened = [];
/** What push.js has left. @type {Record<string, object>} */
let kept = {};

const twin = {
  self: {
    addEventListener: (name, listener) => (listeners[name] = listener),
    skipWaiting: async () => {},
    clients: { matchAll: async () => windows, openWindow: async (url) => opened.push(url) },
    registration: {
      showNotification: async (title, options) => {
        shown = shown.filter((one) => one.options.tag !== options.tag || !options.tag);
        shown.push({ title, options });
      },
      getNotifications: async ({ tag }) => shown.filter((one) => one.options.tag === tag).map(({ options }) => options),
    },
  },
  caches: { open: async () => ({ match: async (name) => (kept[name] ? Response.json(kept[name]) : undefined) }) },
};
for (const [name, value] of Object.entries(twin)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
await import("../../public/assets/scripts/push_worker.js");

function anew() {
  shown = [];
  windows = [];
  opened = [];
  kept = {};
}

/** @param {string} name @param {object} event */
async function happens(name, event) {
  const work = [];
  listeners[name]({ ...event, waitUntil: (promise) => work.push(promise) });
  await Promise.all(work);
}

/** @param {unknown} message */
const push = (message) => happens("push", { data: { json: () => message } });

const GERMAN = { lang: "de-u-nu-latn", dir: "ltr", you: "Neue Antworten an dich: {count}", all: "Neue Antworten: {count}", thread: "Faden {no}" };

test("replies are told of in the words and with the title that the page has left", async () => {
  anew();
  kept = { "/words": GERMAN, "/b/123": { title: "Kettles" } };
  await push({ board: "b", thread: 123, count: 1200, every: true });
  await push({ board: "b", thread: 124, count: 1, every: false });
  assert.deepEqual(
    shown.map(({ title, options }) => [title, options.body, options.lang, options.data.url]),
    [
      ["/b/ Kettles", "Neue Antworten: 1.200", "de", "/b/res/123.html"],
      ["/b/ Faden 124", "Neue Antworten an dich: 1", "de", "/b/res/124.html"],
    ],
  );
});

test("without them they are told of in English", async () => {
  anew();
  await push({ board: "b", thread: 123, count: 2, every: false });
  assert.deepEqual([shown[0].title, shown[0].options.body], ["/b/ Thread 123", "New replies to you: 2"]);
});

test("what comes later of a thread takes the place of what is shown, and counts with it", async () => {
  anew();
  await push({ board: "b", thread: 123, count: 2, every: true });
  await push({ board: "b", thread: 123, count: 3, every: true });
  assert.deepEqual(shown.map(({ options }) => options.body), ["New replies: 5"]);
});

test("nothing is shown to whoever looks at the thread this moment", async () => {
  anew();
  const look = (visibilityState) => ({ url: "https://board.example/b/res/123.html#5", visibilityState, focus: () => {} });
  windows = [look("visible")];
  await push({ board: "b", thread: 123, count: 1, every: true });
  assert.equal(shown.length, 0);
  windows = [look("hidden")];
  await push({ board: "b", thread: 123, count: 1, every: true });
  assert.equal(shown.length, 1);
});

test("a message that can't be read is told of without a thread, and leads to none", async () => {
  for (const message of [null, 1, "b", {}, { board: "b/../x", thread: 1, count: 1 }, { board: "b", thread: "1", count: 1 },
    { board: "b", thread: 1, count: -1 }, { board: "b?", thread: 1, count: 1 }, { board: "\\\\evil", thread: 1, count: 1 }]) {
    anew();
    await push(message);
    assert.deepEqual(shown.map(({ title, options }) => [title, options.data.url]), [["New replies", "/"]]);
  }
  anew();
  await happens("push", { data: null });
  assert.equal(shown.length, 1);
});

test("a press leads to the thread, in the window that shows it already", async () => {
  anew();
  let focused = 0;
  const notification = { data: { url: "/b/res/123.html" }, close: () => {} };
  await happens("notificationclick", { notification });
  assert.deepEqual(opened, ["/b/res/123.html"]);
  windows = [{ url: "https://board.example/b/res/123.html?seen=1", visibilityState: "hidden", focus: () => (focused += 1) }];
  await happens("notificationclick", { notification });
  assert.deepEqual([opened.length, focused], [1, 1]);
});
