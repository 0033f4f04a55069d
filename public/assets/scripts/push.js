/**
 * Word of replies for whoever has closed the board: buttons at a thread that have this browser told by
 * its maker's push service, and take it back. What is known of it is kept here and renewed on each
 * visit after a week; `push_worker.js` says the words.
 */

import { tell } from "./notices.js";
import * as kept from "./kept.js";
import { isOwn, onChange as onOwnPosts, ownOn } from "./own_posts.js";
import { addTool } from "./page_tools.js";
import { page } from "./page.js";
import { each, find } from "./posts.js";
import { keyBytes, threadsIn } from "./push_state.js";
import { programAddress } from "./safe_html.js";
import { send } from "./small_forms.js";
import { asset } from "./styles.js";
import { language, msg, say } from "./words.js";

/** @typedef {import("./push_state.js").Told} Told */

const NAME = "push";
/** No page stands there: the program that says the words is beside none. */
const SCOPE = "/assets/scripts/";
/** Where that program finds the words. */
const WORDS = "push";
const OWN_MAX = 50;
const RENEWED_AFTER_MS = 7 * 24 * 3600 * 1000;

/** There while the page shows a post of the reader's. @type {HTMLButtonElement | null} */
let ofOwn = null;
/** @type {HTMLButtonElement | null} */
let ofAll = null;

export function start() {
  // Also when somebody has all forgotten that is kept here.
  kept.onChange(NAME, () => Object.keys(told()).length === 0 && forgetAll());
  const { board, thread } = page;
  const canTell = "PushManager" in window && "Notification" in window && "serviceWorker" in navigator;
  if (!board || !thread || !canTell || document.body.classList.contains("archived")) {
    return;
  }
  ofAll = addTool(msg("Tell me of every reply"), () => press(board, thread, true));
  draw(board, thread);
  kept.onChange(NAME, () => draw(board, thread));
  each((post) => {
    if (isOwn(post.board, post.no)) {
      draw(board, thread);
    }
  });
  const follow = () => {
    draw(board, thread);
    renew(board, thread);
  };
  onOwnPosts(follow);
  follow();
}

export async function stop() {
  await forgetAll();
  kept.write(NAME, undefined);
}

/** @returns {Record<string, Told>} by 'b/123' */
function told() {
  return threadsIn(kept.read(NAME, {}));
}

/**
 * @param {string} board
 * @param {number} thread
 */
function draw(board, thread) {
  const now = told()[`${board}/${thread}`];
  const hasOwn = ownIn(board).length > 0 || (now !== undefined && !now.every);
  if (hasOwn) {
    ofOwn ??= addTool(msg("Tell me of replies to me"), () => press(board, thread, false));
  } else {
    ofOwn?.remove();
    ofOwn = null;
  }
  for (const [button, isOn] of /** @type {const} */ ([
    [ofOwn, now !== undefined && !now.every],
    [ofAll, now !== undefined && now.every],
  ])) {
    button?.setAttribute("aria-pressed", String(isOn));
  }
}

/**
 * @param {string} board
 * @returns {number[]} the reader's own posts of this page, the newest
 */
function ownIn(board) {
  return ownOn(board)
    .filter((no) => find(no, board))
    .slice(-OWN_MAX);
}

/**
 * @param {string} board
 * @param {number} thread
 * @param {boolean} every
 */
async function press(board, thread, every) {
  const buttons = [ofOwn, ofAll];
  buttons.forEach((button) => button && (button.disabled = true));
  try {
    const now = told()[`${board}/${thread}`];
    const isStop = now !== undefined && now.every === every;
    const problem = isStop ? await leave(board, thread) : await ask(board, thread, every);
    if (problem) {
      tell(problem, { isBad: true });
    } else if (isStop) {
      tell(say(msg("You are told of this thread no more.")));
    } else {
      tell(
        say(
          msg(
            "You are told of replies in this thread, also while the board is closed. The maker of your browser carries the word, and can’t read it.",
          ),
        ),
      );
    }
  } finally {
    buttons.forEach((button) => button && (button.disabled = false));
  }
}

/**
 * @param {string} board
 * @param {number} thread
 * @param {boolean} every
 * @returns {Promise<string>} what went wrong; '' nothing
 */
async function ask(board, thread, every) {
  if ((await Notification.requestPermission()) !== "granted") {
    return say(msg("The browser does not allow it."));
  }
  const subscription = await subscribed().catch(() => null);
  if (!subscription) {
    return say(msg("The browser’s push service gives no answer, or this browser has none."));
  }
  const own = ownIn(board);
  const refusal = await send(formOf(subscription, board, thread, { push: "1", own: own.join(","), every: every ? "1" : "" }));
  if (!refusal) {
    await keepWords(board, thread);
    kept.change(NAME, {}, (before) => ({
      ...threadsIn(before),
      [`${board}/${thread}`]: { every, own, at: Date.now(), endpoint: subscription.endpoint },
    }));
  }
  return refusal;
}

/**
 * @param {string} board
 * @param {number} thread
 */
async function leave(board, thread) {
  const subscription = await (await registered())?.pushManager.getSubscription();
  const refusal = subscription ? await send(formOf(subscription, board, thread, { push_stop: "1" })) : "";
  if (!refusal) {
    const others = Object.entries(told()).filter(([name]) => name !== `${board}/${thread}`);
    kept.write(NAME, Object.fromEntries(others));
  }
  return refusal;
}

/**
 * Once a week, after another own post, and when the browser was given another address.
 *
 * @param {string} board
 * @param {number} thread
 */
async function renew(board, thread) {
  const now = told()[`${board}/${thread}`];
  if (!now || Notification.permission !== "granted") {
    return;
  }
  const subscription = await subscribed().catch(() => null);
  const isOld = Date.now() - now.at > RENEWED_AFTER_MS;
  const hasMore = ownIn(board).some((no) => !now.own.includes(no));
  if (subscription && (isOld || hasMore || subscription.endpoint !== now.endpoint)) {
    // What is refused is tried again on the next visit.
    await ask(board, thread, now.every);
  }
}

/**
 * @param {PushSubscription} subscription
 * @param {string} board
 * @param {number} thread
 * @param {Record<string, string>} more
 */
function formOf(subscription, board, thread, more) {
  const form = new FormData();
  const { endpoint, keys } = subscription.toJSON();
  const fields = { board, thread: String(thread), endpoint: endpoint ?? "", p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" };
  for (const [name, value] of Object.entries({ ...fields, ...more })) {
    form.set(name, value);
  }
  return form;
}

/** @returns {Promise<PushSubscription>} of this browser for this board, made if there is none */
async function subscribed() {
  const program = programAddress(asset("scripts/push_worker.js"));
  const registration = await navigator.serviceWorker.register(program, { scope: SCOPE });
  await active(registration);
  const key = keyBytes(document.body.dataset.push ?? "");
  const known = await registration.pushManager.getSubscription();
  const knownKey = known?.options.applicationServerKey;
  if (known && knownKey && !sameBytes(new Uint8Array(knownKey), key)) {
    // The board has another key than then.
    await known.unsubscribe();
  } else if (known) {
    return known;
  }
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** @param {ServiceWorkerRegistration} registration */
async function active(registration) {
  const coming = registration.installing ?? registration.waiting;
  if (!registration.active && coming) {
    await new Promise((resolve) => coming.addEventListener("statechange", () => coming.state === "activated" && resolve(null)));
  }
}

/** @returns {Promise<ServiceWorkerRegistration | undefined>} */
async function registered() {
  const known = await navigator.serviceWorker.getRegistration(SCOPE);
  return known && new URL(known.scope).pathname === SCOPE ? known : undefined;
}

/** Then the push service says that the browser is gone, and the board forgets it. */
async function forgetAll() {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  const registration = await registered();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await registration?.unregister();
  await globalThis.caches?.delete(WORDS);
}

/**
 * What the program says, in the page's language; and of the thread what the board does not send.
 *
 * @param {string} board
 * @param {number} thread
 */
async function keepWords(board, thread) {
  const words = {
    lang: language,
    dir: document.documentElement.dir || "ltr",
    you: say(msg("New replies to you: {count}")),
    all: say(msg("New replies: {count}")),
    thread: say(msg("Thread {no}")),
  };
  const cache = await caches.open(WORDS);
  await cache.put("/words", Response.json(words));
  const title = document.querySelector(`#thread_${thread} article.op .subject`)?.textContent?.trim() ?? "";
  await cache.put(`/${board}/${thread}`, Response.json({ title }));
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function sameBytes(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}
