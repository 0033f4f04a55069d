/**
 * Says that replies came, while the board is closed. A message names a board, a thread and how many
 * replies there are; the words are those that push.js has left, in the language of the page, and so is
 * the thread's title, which no message holds.
 *
 * It is a service worker that stands beside no page: it answers for none.
 */

/**
 * @typedef {{url: string, visibilityState: string, focus: () => Promise<unknown>}} BoardWindow
 * @typedef {{tag: string, data: unknown, close: () => void}} Shown
 * @typedef {Event & {data: {json: () => unknown} | null, notification: Shown, waitUntil: (work: Promise<unknown>) => void}} NoteEvent
 * @typedef {object} NoteProgram
 * @property {(name: string, listener: (event: NoteEvent) => void) => void} addEventListener
 * @property {() => Promise<void>} skipWaiting
 * @property {{matchAll: (of: object) => Promise<BoardWindow[]>, openWindow: (url: string) => Promise<unknown>}} clients
 * @property {{showNotification: (title: string, options: object) => Promise<void>,
 *   getNotifications: (of: object) => Promise<Shown[]>}} registration
 */

const noteWorker = /** @type {NoteProgram} */ (/** @type {unknown} */ (self));

const WORDS = "push";
const ENGLISH = { lang: "en", dir: "ltr", you: "New replies to you: {count}", all: "New replies: {count}", thread: "Thread {no}" };

noteWorker.addEventListener("install", (event) => event.waitUntil(noteWorker.skipWaiting()));

noteWorker.addEventListener("push", (event) => event.waitUntil(show(messageOf(event))));

noteWorker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = /** @type {{url?: unknown} | null} */ (event.notification.data)?.url;
  event.waitUntil(open(typeof url === "string" ? url : "/"));
});

/**
 * @param {NoteEvent} event
 * @returns {{board: string, thread: number, count: number, every: boolean} | null} null: it can't be read
 */
function messageOf(event) {
  try {
    const told = /** @type {any} */ (event.data?.json());
    const isOne =
      typeof told?.board === "string" &&
      /^[^/?#\\]{1,60}$/.test(told.board) &&
      [told.thread, told.count].every((number) => Number.isSafeInteger(number) && number > 0);
    return isOne ? { board: told.board, thread: told.thread, count: told.count, every: told.every === true } : null;
  } catch {
    return null;
  }
}

/** @param {ReturnType<typeof messageOf>} message */
async function show(message) {
  const words = { ...ENGLISH, ...(await keptAt("/words")) };
  if (!message) {
    // A browser wants something shown for each message.
    await noteWorker.registration.showNotification(words.all.replace(": {count}", ""), { data: { url: "/" } });
    return;
  }
  const { board, thread, every } = message;
  const url = `/${encodeURI(board)}/res/${thread}.html`;
  if (await isRead(url)) {
    return;
  }
  const tag = `${board}/${thread}`;
  const before = await noteWorker.registration.getNotifications({ tag });
  const count = before.reduce((sum, shown) => sum + countIn(shown.data), message.count);
  const title = (await keptAt(`/${board}/${thread}`)).title || words.thread.replace("{no}", String(thread));
  await noteWorker.registration.showNotification(`/${board}/ ${title}`, {
    body: (every ? words.all : words.you).replace("{count}", new Intl.NumberFormat(words.lang).format(count)),
    lang: words.lang.split("-u-")[0],
    dir: words.dir,
    tag,
    renotify: true,
    data: { url, count },
  });
}

/** @param {unknown} data */
function countIn(data) {
  const count = /** @type {{count?: unknown} | null} */ (data)?.count;
  return typeof count === "number" ? count : 0;
}

/**
 * @param {string} url of a thread
 * @returns {Promise<boolean>} whether the reader looks at it this moment, and sees the replies come
 */
async function isRead(url) {
  return (await windowsAt(url)).some(({ visibilityState }) => visibilityState === "visible");
}

/** @param {string} url */
async function open(url) {
  const [window] = await windowsAt(url);
  await (window ? window.focus() : noteWorker.clients.openWindow(url));
}

/** @param {string} url */
async function windowsAt(url) {
  const windows = await noteWorker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter((window) => new URL(window.url).pathname === url);
}

/**
 * @param {string} name
 * @returns {Promise<Record<string, string>>} of which only texts are taken
 */
async function keptAt(name) {
  try {
    const kept = await (await (await caches.open(WORDS)).match(name))?.json();
    return Object.fromEntries(Object.entries(kept ?? {}).filter(([, text]) => typeof text === "string"));
  } catch {
    return {};
  }
}
