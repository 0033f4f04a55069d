/**
 * Sends what is written, and tells what becomes of it: how far an upload has come, that the network
 * is gone and the post waits for it, that it is stored, or what is to be changed.
 */

import { Pauses } from "./asking.js";
import * as captchaPass from "./captcha_pass.js";
import { resetForeign } from "./captcha_widgets.js";
import { deliver } from "./delivering.js";
import { tell } from "./notices.js";
import * as outbox from "./outbox.js";
import * as ownPosts from "./own_posts.js";
import { page } from "./page.js";
import { fileFieldOf, placeOf, tellForm, valueOf } from "./post_forms.js";
import { find, putIn } from "./posts.js";
import { forgetRefusal, showPreview, showRefusal } from "./refusals.js";
import { elementsOf } from "./safe_html.js";
import { SendingLine } from "./sending_line.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;
/** How long a new thread's page is waited for. */
const PAGE_TRIES = 20;
/** How often a picture is asked for that is not there yet. */
const PICTURE_TRIES = 8;

/** Answers to captchas: others with each press. */
const ANSWERS = ["altcha", "captcha_id", "captcha_text", "g-recaptcha-response", "h-captcha-response", "cf-turnstile-response"];

/** @typedef {import("./outbox.js").Letter} Letter */
/** @typedef {import("./delivering.js").Outcome} Outcome */
/** @typedef {import("./delivering.js").Stored} Stored */

/**
 * The last press, of each form: sent again unchanged after a failure it is the same post.
 *
 * @type {WeakMap<HTMLFormElement, {key: string, content: string}>}
 */
const presses = new WeakMap();

/** @param {HTMLFormElement} form */
export async function post(form) {
  if (!form.inert) {
    // At once: the second press of a double click is none.
    form.inert = true;
    const letter = letterOf(form);
    await outbox.add(letter);
    await sendFrom(form, letter);
  }
}

/** @param {HTMLFormElement} form */
export async function preview(form) {
  if (form.inert) {
    return;
  }
  const sent = new FormData(form);
  sent.append("preview", "1");
  const line = new SendingLine(form);
  const stop = new AbortController();
  line.begin(say(msg("The preview is being made…")), () => stop.abort());
  const outcome = await deliver(form.action, sent, { signal: stop.signal, sent: (part) => line.progress(part) });
  line.end();
  forgetRefusal(form);
  if (outcome.kind === "preview") {
    showPreview(form, outcome.html);
  } else if (outcome.kind === "refused") {
    await showRefusal(form, outcome.refusal, () => preview(form));
  } else if (outcome.kind === "no answer") {
    tell(say(msg("The board does not answer: there is no preview just now.")), { isBad: true });
  }
}

/**
 * What earlier pages could not send, those of this page's form in it.
 *
 * @param {HTMLFormElement | null} form
 */
export async function sendWhatWaits(form) {
  for (const letter of await outbox.takeAll()) {
    if (form && !form.inert && isOf(form, letter)) {
      presses.set(form, { key: letter.key, content: contentOf(letter) });
      form.inert = true;
      sendFrom(form, letter, headingOf(letter));
    } else {
      sendUnseen(letter);
    }
  }
  if (outbox.waits()) {
    // Other tabs send the rest, as long as they live.
    setTimeout(() => sendWhatWaits(form), outbox.LEASE_MS);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Letter} letter
 * @returns {boolean} whether it was written there, and nothing else has been begun in its place
 */
function isOf(form, letter) {
  return placeOf(form) === letter.place && ["", bodyOf(letter)].includes(valueOf(form, "body"));
}

/** @param {Letter} letter */
function bodyOf({ fields }) {
  return fields.find(([name]) => name === "body")?.[1].replaceAll("\r\n", "\n") ?? "";
}

/** @param {Letter} letter of a page that was left */
function headingOf({ board }) {
  return say(msg("Your post on /{board}/ waited to be sent."), { board });
}

/**
 * @param {HTMLFormElement} form
 * @param {Letter} letter
 * @param {string} [heading] where the reader does not look at the form
 */
async function sendFrom(form, letter, heading) {
  // It is said at once, and dressed when its sheet has come.
  load(asset("form.css"));
  const line = new SendingLine(form, heading);
  const stop = new AbortController();
  forgetRefusal(form);
  const outcome = await until(letter, line, stop);
  line.end();
  tellForm(form, "answered");
  resetForeign(form);
  if (outcome.kind === "stored") {
    presses.delete(form);
    await show(form, letter, outcome.stored);
  } else if (outcome.kind === "held") {
    presses.delete(form);
    empty(form);
    forgetDraft(letter);
    tell(outcome.sentence);
  } else if (outcome.kind === "refused") {
    presses.delete(form);
    await showRefusal(form, outcome.refusal, () => post(form));
  } else if (line.hasLeft) {
    tell(say(msg("Nobody knows whether the post arrived: look at the thread before you send it again.")), { isBad: true });
  }
}

/**
 * A letter of another page: told of at the edge of this one.
 *
 * @param {Letter} letter
 */
async function sendUnseen(letter) {
  load(asset("form.css"));
  const stop = new AbortController();
  const line = new SendingLine(null, headingOf(letter));
  const outcome = await until(letter, line, stop);
  line.end();
  if (outcome.kind === "stored") {
    const { id, thread } = outcome.stored;
    ownPosts.remember(letter.board, Number(id));
    forgetDraft(letter);
    tell(say(msg("Your post is No. {no} on /{board}/."), { no: id, board: letter.board }), {
      action: { label: say(msg("See it")), act: () => location.assign(`/${letter.board}/res/${thread}.html#${id}`) },
    });
  } else if (outcome.kind === "held") {
    forgetDraft(letter);
    tell(outcome.sentence);
  } else if (outcome.kind === "refused") {
    tell(say(msg("Your post on /{board}/ was refused: {why}"), { board: letter.board, why: outcome.refusal.error }), {
      isBad: true,
      action: { label: say(msg("Change it")), act: () => location.assign(addressOf(letter.place)) },
    });
  }
}

/**
 * Tries until there is an answer, or the reader has had enough.
 *
 * @param {Letter} letter
 * @param {SendingLine} line
 * @param {AbortController} stop
 * @returns {Promise<Outcome>}
 */
async function until(letter, line, stop) {
  const pauses = new Pauses(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  const form = new FormData();
  letter.fields.forEach(([name, value]) => form.append(name, value));
  letter.files.forEach(({ field, file }) => form.append(field, file, file.name));
  line.begin(say(msg("Sending…")), () => stop.abort());
  const outcome = await outbox.whileTaken(letter.key, async () => {
    for (;;) {
      if (navigator.onLine) {
        line.say(say(msg("Sending…")));
        const sent = (/** @type {number} */ part) => line.progress(part);
        const outcome = await deliver(letter.address, form, { key: letter.key, signal: stop.signal, sent });
        if (outcome.kind !== "no answer") {
          captchaPass.note(letter.board, outcome);
          return outcome;
        }
      }
      await anotherChance(pauses.next(), line, stop.signal);
      if (stop.signal.aborted) {
        return /** @type {Outcome} */ ({ kind: "cancelled" });
      }
    }
  });
  await outbox.remove(letter.key);
  return outcome;
}

/**
 * @param {number} ms
 * @param {SendingLine} line
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when it is time to try again, or the network is back
 */
function anotherChance(ms, line, signal) {
  const isOnline = navigator.onLine;
  line.say(
    isOnline
      ? say(msg("The board does not answer. Your post is kept here, and sent again by itself."))
      : say(msg("You are offline. Your post is kept here, and sent as soon as there is a network.")),
  );
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      signal.removeEventListener("abort", go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    window.addEventListener("online", go);
    signal.addEventListener("abort", go);
  });
}

/**
 * @param {HTMLFormElement} form
 * @returns {Letter}
 */
function letterOf(form) {
  /** @type {Letter} */
  const letter = {
    key: "",
    place: placeOf(form),
    board: "",
    address: form.action,
    fields: [],
    files: [],
    writtenAt: Date.now(),
    takenUntil: 0,
  };
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") {
      letter.fields.push([name, value]);
    } else if (value.name || value.size) {
      letter.files.push({ field: name, file: value });
    }
  }
  letter.board = letter.fields.find(([name]) => name === "board")?.[1] ?? "";
  const content = contentOf(letter);
  const last = presses.get(form);
  letter.key = last?.content === content ? last.key : outbox.aKey();
  presses.set(form, { key: letter.key, content });
  return letter;
}

/**
 * @param {Letter} letter
 * @returns {string} alike for what is the same post
 */
function contentOf({ fields, files }) {
  const written = fields.filter(([name]) => !ANSWERS.includes(name));
  return JSON.stringify([written, files.map(({ field, file }) => [field, file.name, file.size, file.lastModified])]);
}

/**
 * @param {HTMLFormElement} form
 * @param {Letter} letter
 * @param {Stored} stored
 */
async function show(form, letter, stored) {
  const posted = { board: letter.board, thread: Number(stored.thread), no: Number(stored.id) };
  ownPosts.remember(posted.board, posted.no);
  empty(form);
  tellForm(form, "posted", posted);
  if (page.thread !== posted.thread || page.board !== posted.board) {
    await goToPage(`/${posted.board}/res/${posted.thread}.html`, posted.no, stored);
    return;
  }
  showPosted(posted, stored.html);
  tell(say(msg("Posted: No. {no}"), { no: stored.id }));
  if (!stored.noko) {
    location.assign(stored.redirect);
  }
}

/** @param {HTMLFormElement} form what was written in it is the server's now */
function empty(form) {
  form.reset();
  const files = fileFieldOf(form);
  if (files) {
    files.value = "";
    files.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/**
 * Puts a post in its place of this thread, if it is not there yet.
 *
 * @param {import("./post_forms.js").Posted} posted
 * @param {string} html
 */
function showPosted(posted, html) {
  const thread = document.querySelector("main > section.thread");
  const article = elementsOf(html).querySelector("article.post");
  if (thread && article instanceof HTMLElement && !find(posted.no, posted.board)) {
    article.querySelectorAll("img").forEach(loadWhenThere);
    putIn(article, thread);
  }
}

/**
 * A post is stored before its pictures are where readers find them.
 *
 * @param {HTMLImageElement} image
 */
function loadWhenThere(image) {
  const pauses = new Pauses(500, 5000);
  image.addEventListener("error", () => {
    if (pauses.tries < PICTURE_TRIES) {
      setTimeout(() => image.setAttribute("src", image.getAttribute("src") ?? ""), pauses.next());
    }
  });
}

/**
 * A new thread is stored before its page is drawn.
 *
 * @param {string} address
 * @param {number} no
 * @param {Stored} stored
 */
async function goToPage(address, no, stored) {
  tell(say(msg("Posted: No. {no}"), { no: stored.id }));
  const pauses = new Pauses(200, 1000);
  // An address of its own: no copy says that there is no such page.
  const fresh = `${address}?seen=${no}`;
  for (let tries = 0; tries < PAGE_TRIES; tries++) {
    await new Promise((resume) => setTimeout(resume, pauses.next()));
    const answer = await fetch(fresh, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer?.ok) {
      break;
    }
  }
  location.assign(stored.noko ? `${fresh}#${no}` : stored.redirect);
}

/** @param {Letter} letter that has arrived, from another page than its own */
async function forgetDraft(letter) {
  const drafts = await import("./drafts.js");
  drafts.forget(letter.place, bodyOf(letter));
}

/** @param {string} place as `placeOf` says */
function addressOf(place) {
  const [board, thread] = place.split("/");
  return thread === "new" ? `/${board}/#new-thread` : `/${board}/res/${thread}.html#reply`;
}
