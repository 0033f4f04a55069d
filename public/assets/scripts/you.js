/**
 * "(You)" beside the reader's own posts, a mark at replies to them, and word of those that come: in the
 * page, in the tab, and if the reader wants, by a sound or by the system.
 */

import { tell } from "./notices.js";
import { isOwn, onChange } from "./own_posts.js";
import { page } from "./page.js";
import { placeOf } from "./post_addresses.js";
import { each, eachNow } from "./posts.js";
import { settings } from "./settings.js";
import { asset, load } from "./styles.js";
import { markForYou } from "./tab_marks.js";
import { msg, say } from "./words.js";

/** Replies that came while nobody looked. */
let missed = 0;

export function start() {
  load(asset("live.css"));
  each((post, isNew) => {
    mark(post);
    if (isNew && post.element.classList.contains("reply-to-you") && !isOwn(post.board, post.no)) {
      tellOf(post);
    }
  });
  onChange(() => eachNow(mark));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      missed = 0;
      markForYou(0);
    }
  });
}

/** @param {import("./posts.js").Post} post */
function mark({ element, no, board }) {
  if (isOwn(board, no)) {
    element.classList.add("own");
    const signature = element.querySelector(".signature");
    if (signature instanceof HTMLElement) {
      signature.dataset.you = say(msg("(You)"));
    }
  }
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (element.querySelectorAll('.body a[href*="#"]'));
  element.classList.toggle("reply-to-you", [...links].some(quotesOwn));
}

/** @param {HTMLAnchorElement} link */
function quotesOwn(link) {
  const place = placeOf(link.href);
  return place !== null && isOwn(place.board, place.no);
}

/** @param {import("./posts.js").Post} post a reply to the reader that came just now */
function tellOf({ element, no, board }) {
  const sentence = say(msg("Reply to you: {no}"), { no: `>>${no}` });
  tell(sentence, { action: { label: say(msg("Show it")), act: () => element.scrollIntoView() } });
  if (document.hidden) {
    missed += 1;
    markForYou(missed);
  }
  if (settings.isOn("reply-sound", false)) {
    beep();
  }
  if (settings.isOn("reply-notification", false) && document.hidden && globalThis.Notification?.permission === "granted") {
    const shown = new Notification(`/${board}/ ${document.title}`, { body: sentence, tag: `${board}/${page.thread}` });
    shown.addEventListener("click", () => {
      window.focus();
      element.scrollIntoView();
    });
  }
}

/** Two short notes. */
function beep() {
  const context = new AudioContext();
  const volume = context.createGain();
  volume.gain.value = 0.08;
  volume.connect(context.destination);
  for (const [index, pitch] of [660, 880].entries()) {
    const note = context.createOscillator();
    note.frequency.value = pitch;
    note.connect(volume);
    note.start(context.currentTime + index * 0.12);
    note.stop(context.currentTime + index * 0.12 + 0.1);
    note.addEventListener("ended", () => index && context.close());
  }
}
