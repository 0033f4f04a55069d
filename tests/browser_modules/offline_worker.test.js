import assert from "node:assert/strict";
import { test } from "node:test";

const THREAD = "/b/res/1.html";

/** What a browser keeps under one name; `seen` is called after each change. */
class CacheTwin {
  /** @param {() => void} seen */
  constructor(seen) {
    this.kept = new Map();
    this.seen = seen;
  }

  async match(request) {
    return this.kept.get(pathOf(request))?.clone();
  }

  async put(request, answer) {
    // By the standard what is put in again is the newest.
    this.kept.delete(pathOf(request));
    this.kept.set(pathOf(request), answer);
    this.seen();
  }

  async delete(request) {
    this.kept.delete(pathOf(request));
    this.seen();
  }

  async keys() {
    return [...this.kept.keys()];
  }
}

/** @param {string | {url: string}} request */
function pathOf(request) {
  return new URL(typeof request === "string" ? request : request.url, location.origin).pathname;
}

let change = () => {};
const kept = new Map();
const listeners = {};
const twin = {
  self: { addEventListener: (name, listener) => (listeners[name] = listener) },
  location: new URL("https://board.example/sw.js"),
  caches: {
    open: async (name) => {
      kept.set(name, kept.get(name) ?? new CacheTwin(() => change()));
      return kept.get(name);
    },
  },
};
for (const [name, value] of Object.entries(twin)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
await import("../../public/assets/scripts/offline_worker.js");

/**
 * @param {Response | null} answer of the board; null: there is no network
 * @param {(address: unknown, options: RequestInit) => Promise<Response>} others what else is asked for
 * @returns {Promise<Response>} what the reader gets, once all has been kept
 */
async function visit(answer, others = () => Promise.reject(new TypeError("no network"))) {
  globalThis.fetch = async (address, options) =>
    typeof address === "string" ? others(address, options) : (answer ?? Promise.reject(new TypeError("no network")));
  const work = [];
  let given;
  listeners.fetch({
    request: { method: "GET", mode: "navigate", url: location.origin + THREAD },
    preloadResponse: Promise.resolve(undefined),
    respondWith: (promise) => (given = promise),
    waitUntil: (promise) => work.push(promise),
  });
  const shown = await given;
  await Promise.all(work);
  return shown;
}

const page = (text) => new Response(`<main id="main">${text}`, { headers: { "Content-Type": "text/html" } });

test("a thread that was read can be read without a network at every moment, also while it is read again", async () => {
  await visit(page("first"));
  const moments = [];
  change = () => moments.push(kept.get("threads").kept.has(THREAD));
  await visit(page("second"));
  change = () => {};
  assert.notEqual(moments.length, 0);
  assert.ok(moments.every(Boolean), "for a moment there was no copy");
  assert.match(await (await visit(null)).text(), /Offline.*second/s);
});

test("a thread that is gone leaves", async () => {
  await visit(page("there"));
  await visit(new Response("", { status: 404 }));
  await assert.rejects(visit(null));
});

test("a picture that the browser had from another page is kept with its thread, and none is loaded for it", async () => {
  const had = `${location.origin}/b/thumb/1.png`;
  const asked = [];
  await visit(page('<img src="/b/thumb/1.png"><img src="/b/thumb/2.png" srcset="/b/thumb/2-0002.jpg 2x">'), async (url, options) => {
    asked.push([url, options.cache]);
    return url === had ? new Response("1") : Promise.reject(new TypeError("not in the cache"));
  });
  assert.deepEqual([...kept.get("pictures").kept.keys()], ["/b/thumb/1.png"]);
  assert.ok(asked.length === 3 && asked.every(([, cache]) => cache === "only-if-cached"), asked.join());
  await visit(page("without it"));
  assert.deepEqual([...kept.get("pictures").kept.keys()], []);
});
