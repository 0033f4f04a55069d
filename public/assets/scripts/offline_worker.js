/**
 * Threads that were read can be read again without a network, as they were then, and say so. The
 * network comes first: as long as it answers, nothing of this is shown. Kept are threads, what makes
 * them up and their thumbnails, within limits; what was removed from the board leaves here too, as
 * soon as its page is looked at.
 *
 * It is the board's service worker: one program beside all of its pages.
 */

/**
 * @typedef {Event & {request: Request, preloadResponse: Promise<Response | undefined>,
 *   respondWith: (answer: Promise<Response>) => void, waitUntil: (work: Promise<unknown>) => void,
 *   data: unknown}} WorkerEvent
 * @typedef {{addEventListener: (name: string, listener: (event: WorkerEvent) => void) => void,
 *   skipWaiting: () => Promise<void>, clients: {claim: () => Promise<void>},
 *   registration: {navigationPreload?: {enable: () => Promise<void>}}}} Program
 */

const worker = /** @type {Program} */ (/** @type {unknown} */ (self));

const THREAD = /^\/[^/]+\/res\/\d+(\+\d+)?\.html$/;
const ASSET = /^\/assets\/.*\.[0-9a-f]{12}\.(css|js|svg)$/;
const THUMBNAIL = /^\/[^/]+\/thumb\/[^/]+$/;

const THREADS = "threads";
const PICTURES = "pictures";
const ASSETS = "assets";
const THREADS_MAX = 50;
const ASSETS_MAX = 200;
const PICTURES_MAX = 2000;
const PICTURE_BYTES_MAX = 50 * 1024 * 1024;
const KEPT_AT = "X-Kept-At";

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => {
  // A page is asked for while this program is still being woken.
  const preload = worker.registration.navigationPreload?.enable() ?? Promise.resolve();
  event.waitUntil(Promise.all([worker.clients.claim(), preload]));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate" && THREAD.test(pathname)) {
    event.respondWith(threadOf(event, pathname));
  } else if (ASSET.test(pathname)) {
    event.respondWith(assetOf(event));
  } else if (THUMBNAIL.test(pathname)) {
    event.respondWith(pictureOf(event));
  }
});

// The page that brought this program here was read before it was there.
worker.addEventListener("message", (event) => {
  const path = event.data;
  if (typeof path === "string" && THREAD.test(path)) {
    event.waitUntil(fetch(path).then((answer) => keepThread(path, answer)));
  }
});

/**
 * @param {WorkerEvent} event
 * @param {string} path without what may stand behind it
 */
async function threadOf(event, path) {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    event.waitUntil(keepThread(path, answer.clone()));
    return answer;
  } catch (error) {
    const kept = await (await caches.open(THREADS)).match(path);
    if (kept) {
      return marked(kept);
    }
    throw error;
  }
}

/** @param {WorkerEvent} event whose answer never changes, as its name has a hash */
async function assetOf(event) {
  const assets = await caches.open(ASSETS);
  const kept = await assets.match(event.request);
  if (kept) {
    return kept;
  }
  const answer = await fetch(event.request);
  if (answer.ok) {
    const copy = answer.clone();
    event.waitUntil(assets.put(event.request, copy).then(() => trim(assets, ASSETS_MAX)));
  }
  return answer;
}

/** @param {WorkerEvent} event */
async function pictureOf(event) {
  try {
    const answer = await fetch(event.request);
    // Those of threads alone: when a thread has lost one, it goes from here too.
    if (answer.ok && THREAD.test(pathOf(event.request.referrer))) {
      const copy = answer.clone();
      event.waitUntil(caches.open(PICTURES).then((pictures) => pictures.put(event.request.url, copy)));
    }
    return answer;
  } catch (error) {
    const kept = await (await caches.open(PICTURES)).match(event.request.url);
    if (kept) {
      return kept;
    }
    throw error;
  }
}

/**
 * @param {string} path
 * @param {Response} answer
 */
async function keepThread(path, answer) {
  const isGone = answer.status === 404 || answer.status === 410;
  if (!isGone && (answer.status !== 200 || answer.redirected)) {
    return;
  }
  const threads = await caches.open(THREADS);
  const text = isGone ? "" : await answer.text();
  await forgetPictures((await (await threads.match(path))?.text()) ?? "", text);
  if (isGone) {
    await threads.delete(path);
  } else {
    const headers = new Headers(answer.headers);
    headers.set(KEPT_AT, new Date().toISOString());
    headers.delete("Content-Encoding");
    // In place of the copy before, without a moment that has none; put in again it is the newest.
    await threads.put(path, new Response(text, { headers }));
    await keepAssets(text);
    await keepPictures(text);
    await trim(threads, THREADS_MAX);
    await trimPictures();
  }
}

/**
 * @param {string} before a thread's page
 * @param {string} after
 */
async function forgetPictures(before, after) {
  const pictures = await caches.open(PICTURES);
  const there = new Set(picturesIn(after));
  const gone = picturesIn(before).filter((path) => !there.has(path));
  await Promise.all(gone.map((path) => pictures.delete(new URL(path, location.origin).href)));
}

/** @param {string} html */
function picturesIn(html) {
  return Array.from(html.matchAll(/"(\/[^/"]+\/thumb\/[^/" ]+)(?: 2x)?"/g), (found) => found[1]);
}

/** @param {string} html what it needs, as far as it says so itself */
async function keepAssets(html) {
  const assets = await caches.open(ASSETS);
  const named = new Set(Array.from(html.matchAll(/"(\/assets\/[^"]+)"/g), (found) => found[1]));
  for (const path of named) {
    if (ASSET.test(path) && !(await assets.match(path))) {
      await assets.add(path).catch(() => {});
    }
  }
}

/**
 * What this browser has of them by now. It asks nobody for a picture that it holds in its memory, as
 * from the board's page a moment ago, so `pictureOf` never sees that one. Nothing is loaded for it.
 *
 * @param {string} html
 */
async function keepPictures(html) {
  const pictures = await caches.open(PICTURES);
  for (const path of picturesIn(html)) {
    const url = new URL(path, location.origin).href;
    if (!(await pictures.match(url))) {
      const had = await fetch(url, { cache: "only-if-cached", mode: "same-origin" }).catch(() => null);
      if (had?.ok) {
        await pictures.put(url, had);
      }
    }
  }
}

/**
 * @param {Cache} cache
 * @param {number} max
 */
async function trim(cache, max) {
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - max)).map((request) => cache.delete(request)));
}

async function trimPictures() {
  const pictures = await caches.open(PICTURES);
  await trim(pictures, PICTURES_MAX);
  let bytes = 0;
  for (const request of [...(await pictures.keys())].reverse()) {
    bytes += Number((await pictures.match(request))?.headers.get("Content-Length") ?? 0);
    if (bytes > PICTURE_BYTES_MAX) {
      await pictures.delete(request);
    }
  }
}

/** @param {Response} kept a page that says of when it is; its script says it in words */
async function marked(kept) {
  const at = kept.headers.get(KEPT_AT) ?? "";
  const shown = `${at.slice(0, 16).replace("T", " ")} UTC`;
  const mark = `<p class="notice" id="kept-copy" role="status">Offline: <time datetime="${at}">${shown}</time></p>`;
  const html = (await kept.text()).replace('<main id="main">', (main) => `${main}\n${mark}`);
  return new Response(html, { headers: kept.headers });
}

/** @param {string} address */
function pathOf(address) {
  return address ? new URL(address).pathname : "";
}
