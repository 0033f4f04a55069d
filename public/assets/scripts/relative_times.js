/**
 * Times as "14:05 · 5 minutes ago", and the exact one by pointing at it or pressing it. The page's own time
 * stays below it, unseen and as wide as it was: nothing moves, neither now nor when it is 10 minutes. What
 * is told fills the place of that time, and never more.
 */

import { each } from "./posts.js";
import { inSlices, rest } from "./slices.js";
import { language } from "./words.js";

const REFRESH_MS = 30_000;
/** @type {[Intl.RelativeTimeFormatUnit, number][]} the unit, and its seconds */
const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** @type {Set<HTMLTimeElement>} */
const times = new Set();
/** @type {Intl.DateTimeFormat | undefined} */
let exact;

export async function start() {
  await readLanguage();
  const told = tellerOf(language);
  const draw = (/** @type {HTMLTimeElement} */ time) => {
    const ago = told(new Date(time.dateTime), new Date(), time.textContent.length);
    if (time.dataset.ago !== ago) {
      time.dataset.ago = ago;
    }
  };
  each(({ element }) => {
    for (const time of element.querySelectorAll("time[datetime]")) {
      if (time instanceof HTMLTimeElement && !times.has(time) && !time.title && !Number.isNaN(Date.parse(time.dateTime))) {
        const shown = document.createElement("span");
        shown.append(...time.childNodes);
        time.append(shown);
        times.add(time);
        draw(time);
      }
    }
  });
  document.addEventListener("pointerover", ({ target }) => {
    const time = timeAt(target);
    if (time) {
      time.title = exactly(time);
    }
  });
  document.addEventListener("click", ({ target }) => {
    const time = timeAt(target);
    if (time) {
      time.title = exactly(time);
      times.delete(time);
      delete time.dataset.ago;
      time.textContent = time.title;
    }
  });
  setInterval(() => {
    const waiting = document.hidden ? [] : [...times];
    inSlices(() => {
      const time = waiting.pop();
      if (time?.isConnected) {
        draw(time);
      } else if (time) {
        times.delete(time);
      }
      return waiting.length > 0;
    });
  }, REFRESH_MS);
}

/**
 * PERF: what the first time in words has the browser read of its languages takes a slow phone 110 ms. This has
 * it read the same in parts, of 36 ms at most, and draw in between.
 */
async function readLanguage() {
  const parts = [
    () => Intl.getCanonicalLocales(language),
    () => new Intl.ListFormat(language),
    () => new Intl.RelativeTimeFormat(language),
    () => new Intl.DateTimeFormat(language, { hour: "2-digit" }),
  ];
  for (const part of parts) {
    part();
    await rest();
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {HTMLTimeElement | null} that is told from now
 */
function timeAt(target) {
  const time = target instanceof Element ? target.closest("time[data-ago]") : null;
  return time instanceof HTMLTimeElement ? time : null;
}

/** @param {HTMLTimeElement} time */
function exactly(time) {
  exact ??= new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" });
  return exact.format(new Date(time.dateTime));
}

/**
 * @param {string} language
 * @returns {(then: Date, now: Date, room: number) => string} "14:05 · 5 minutes ago", after a day
 *   "Nov 22 · 7 days ago", in the reader's own zone; "7 days ago" alone where that is more than `room` letters
 */
export function tellerOf(language) {
  const [inWords, inShort] = /** @type {const} */ (["long", "short"]).map(
    (style) => new Intl.RelativeTimeFormat(language, { numeric: "auto", style }),
  );
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
  const month = new Intl.DateTimeFormat(language, { month: "short", year: "numeric" });
  return (then, now, room) => {
    const days = (now.getTime() - then.getTime()) / 86_400_000;
    const when = (days < 1 ? clock : days < 365 ? day : month).format(then);
    const words = agoOf(then, now, inWords);
    const whole = [words, agoOf(then, now, inShort)].map((ago) => `${when} · ${ago}`);
    return whole.find((told) => told.length <= room) ?? words;
  };
}

/**
 * @param {Date} then
 * @param {Date} now
 * @param {Intl.RelativeTimeFormat} relative
 * @returns {string} "5 minutes ago"; "now" for what lies ahead, since clocks differ
 */
function agoOf(then, now, relative) {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1000));
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
  return relative.format(-Math.floor(seconds / size), unit);
}
