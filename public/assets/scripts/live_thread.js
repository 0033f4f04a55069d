/**
 * A thread brings itself up to date: new posts appear below, removed ones are marked, and the reader
 * is told when it is locked, archived or gone. By one tab for all that show the same page.
 */

import { ask, askForJson, NoAnswer } from "./asking.js";
import { addKey } from "./keys.js";
import { tell } from "./notices.js";
import { Channel, inTurn, Seat } from "./one_tab.js";
import { page } from "./page.js";
import { placeOf } from "./post_addresses.js";
import { follow } from "./pulse.js";
import { Rhythm } from "./rhythm.js";
import { settings } from "./settings.js";
import { asset, load } from "./styles.js";
import { applyFeed, applyPage, feedOf } from "./thread_changes.js";
import { msg, msgs, say } from "./words.js";

/** @typedef {import("./thread_changes.js").Feed} Feed */
/** @typedef {{feed: Feed, page?: string} | {end: "gone"} | {end: "moved", to: string} | {moved: true}} Told `page`: the feed does not reach back so far */

const AUTO = "live-auto";
/** A countdown of less is of no use to anybody. */
const COUNTED_MS = 5000;
/** The reader moved: not each time that a pointer does. */
const MOVED_MS = 1000;
const MOVES = ["pointermove", "pointerdown", "keydown", "scroll", "focus"];

export function start() {
  const section = document.querySelector("main > section.thread[data-change]");
  if (section instanceof HTMLElement && page.board && page.thread) {
    load(asset("live.css"));
    new LiveThread(section, page.board, page.thread).begin();
  }
}

class LiveThread {
  /**
   * @param {HTMLElement} section
   * @param {string} board
   * @param {number} no
   */
  constructor(section, board, no) {
    this.section = section;
    this.board = board;
    this.address = `/${board}/res/${no}`;
    this.no = no;
    this.seen = Number(section.dataset.change);
    this.rhythm = new Rhythm(Date.now());
    this.bar = new Bar(section, () => this.lookNow(), (isOn) => this.switchAuto(isOn));
    this.isOver = document.body.classList.contains("archived");
    this.isClosed = section.querySelector(":scope > .thread-bar .mark-locked") !== null;
    this.isLooking = false;
    this.hasToldFailure = false;
    this.dueMs = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    // Tabs of the whole thread and of its last posts show different pages.
    this.name = `thread:${location.pathname}`;
    /** @type {Channel<Told>} */
    this.channel = new Channel(this.name, (told) => this.hear(told));
    this.seat = new Seat(this.name, () => this.lookNow());
    this.heard = Promise.resolve();
  }

  begin() {
    if (this.isOver) {
      return;
    }
    addKey({ key: "u", title: msg("Look for new posts"), press: () => this.lookNow() });
    document.addEventListener("visibilitychange", () => this.standInLine());
    // Out of the browser's memory again: what was told meanwhile was not heard.
    window.addEventListener("pageshow", (event) => event.persisted && this.lookNow());
    for (const link of document.querySelectorAll("nav.ways a[href]")) {
      // "Update", above and below the posts, loads the page again without scripts.
      if (link instanceof HTMLAnchorElement && link.pathname === location.pathname && !link.getAttribute("href")?.includes("#")) {
        link.addEventListener("click", (event) => {
          event.preventDefault();
          this.lookNow();
        });
      }
    }
    MOVES.forEach((move) => window.addEventListener(move, () => this.move(), { passive: true }));
    follow(this.board, (list) => this.hearOfBoard(list));
    setInterval(() => this.count(), 1000);
    this.standInLine();
  }

  get isAuto() {
    return settings.isOn(AUTO, true);
  }

  /** Those who are looked at ask; the others hear of it. */
  standInLine() {
    clearTimeout(this.timer);
    if (!document.hidden && this.isAuto && !this.isOver) {
      this.seat.join();
    } else {
      this.seat.leave();
    }
    this.count();
  }

  /** @param {boolean} isOn */
  switchAuto(isOn) {
    settings.choose(AUTO, isOn);
    this.standInLine();
  }

  move() {
    const now = Date.now();
    if (now - this.rhythm.livelyMs > MOVED_MS) {
      const wasSlow = this.dueMs - now > COUNTED_MS;
      this.rhythm.liven(now);
      this.channel.tell({ moved: true });
      if (wasSlow && this.seat.isMine) {
        this.schedule(this.rhythm.next(now));
      }
    }
  }

  /** @param {number} pauseMs */
  schedule(pauseMs) {
    clearTimeout(this.timer);
    if (this.seat.isMine && !this.isOver) {
      this.dueMs = Date.now() + pauseMs;
      this.timer = setTimeout(() => this.lookNow(), pauseMs);
    }
  }

  /** A tab that nobody looks at asks when its board's list says that there is something new. */
  hearOfBoard(/** @type {import("./pulse.js").List} */ list) {
    const hasNews = () => (list[this.no]?.change ?? Infinity) > this.seen;
    if (document.hidden && this.isAuto && !this.isOver && hasNews()) {
      inTurn(`quiet:${this.name}`, async () => {
        if (hasNews()) {
          await this.lookNow();
        }
      });
    }
  }

  async lookNow() {
    if (this.isLooking || this.isOver) {
      return;
    }
    this.isLooking = true;
    try {
      await this.look();
      this.hasToldFailure = false;
      this.schedule(this.rhythm.next(Date.now()));
    } catch (error) {
      if (!(error instanceof NoAnswer)) {
        throw error;
      }
      if (!this.hasToldFailure) {
        this.hasToldFailure = true;
        tell(say(msg("The board does not answer. This page tries again by itself.")));
      }
      this.schedule(this.rhythm.nextAfterFailure());
    } finally {
      this.isLooking = false;
    }
    this.count();
  }

  /** @throws {NoAnswer} */
  async look() {
    // What the browser has is asked for again by its ETag: 175 bytes while nothing happened.
    const told = await askForJson(`${this.address}.latest.json`, { cache: "no-cache" });
    const feed = feedOf(told);
    if (!feed) {
      await this.lookElsewhere();
    } else if (feed.since > this.seen || feed.change < this.seen) {
      const newer = await ask(location.pathname, { cache: "no-cache" });
      await this.share(newer.status === 404 ? { end: "gone" } : { feed, page: await newer.text() });
    } else {
      await this.share({ feed });
    }
  }

  /**
   * There is no feed: the thread is gone or was moved, or just begun, and its page comes first.
   *
   * @throws {NoAnswer}
   */
  async lookElsewhere() {
    const whole = await ask(`${this.address}.html`, { method: "HEAD", cache: "no-cache" });
    if (whole.status === 404) {
      await this.share({ end: "gone" });
      return;
    }
    const told = /** @type {{moved?: unknown} | null} */ (await askForJson(`${this.address}.json`, { cache: "no-cache" }));
    if (typeof told?.moved === "string" && placeOf(told.moved)) {
      await this.share({ end: "moved", to: told.moved });
    }
  }

  /** @param {Told} told */
  async share(told) {
    if (!("feed" in told) || told.page !== undefined || told.feed.change > this.seen) {
      this.rhythm.liven(Date.now());
      this.channel.tell(told);
    }
    await this.hear(told);
  }

  /**
   * One after the other: a whole page is gone through in slices.
   *
   * @param {Told} told by this tab or by another
   * @returns {Promise<void>} once it is done
   */
  hear(told) {
    this.heard = this.heard.then(() => this.apply(told)).catch((error) => console.error("what came", error));
    return this.heard;
  }

  /** @param {Told} told */
  async apply(told) {
    if ("moved" in told) {
      this.rhythm.liven(Date.now());
    } else if ("end" in told) {
      if (told.end === "moved") {
        this.end(say(msg("This thread was moved:")), true, told.to);
      } else {
        this.end(say(msg("This thread is gone: it was deleted, or has fallen off the last page.")), true);
      }
    } else if (told.page !== undefined) {
      this.seen = (await applyPage(told.page, this.section)) ?? this.seen;
      this.recount();
      this.tellState(told.feed);
    } else if (told.feed.since > this.seen) {
      // Another tab was further than this one, which asks for itself.
      this.lookNow();
    } else if (told.feed.change > this.seen) {
      applyFeed(told.feed, this.seen, this.section);
      this.seen = told.feed.change;
      this.recount();
      this.tellState(told.feed);
    }
  }

  /** @param {Feed} feed */
  tellState(feed) {
    if (feed.archived) {
      this.end(say(msg("This thread is in the archive now: nobody can reply to it.")), false);
    } else if (feed.closed && !this.isClosed) {
      tell(say(msg("This thread is locked now: nobody can reply to it.")), { isBad: true });
    } else if (!feed.closed && this.isClosed) {
      tell(say(msg("This thread is open again.")));
    }
    this.isClosed = Boolean(feed.closed);
  }

  /**
   * @param {string} sentence
   * @param {boolean} isBad
   * @param {string} [next] where it goes on
   */
  end(sentence, isBad, next) {
    if (!this.isOver) {
      this.isOver = true;
      this.standInLine();
      this.bar.say(sentence, next);
      if (next) {
        tell(`${sentence} ${next}`, { isBad, action: { label: say(msg("See it")), act: () => location.assign(next) } });
      } else {
        tell(sentence, { isBad });
      }
    }
  }

  /** How many replies and pictures there are now, where the page counts them. */
  recount() {
    const counts = this.section.querySelector(":scope > .thread-bar .counts");
    if (counts && !page.isTail) {
      const replies = this.section.querySelectorAll("article.reply[id]:not(.gone)").length;
      const images = this.section.querySelectorAll("article.reply[id]:not(.gone) > .files figure.file").length;
      const others = (counts.textContent ?? "").split(", ").slice(2);
      counts.textContent = [
        say(msgs("{count} reply", "{count} replies"), { count: replies }),
        say(msgs("{count} image", "{count} images"), { count: images }),
        ...others,
      ].join(", ");
    }
  }

  count() {
    const leftMs = this.dueMs - Date.now();
    if (!this.isOver) {
      this.bar.tellWait(this.seat.isMine && this.isAuto && leftMs > COUNTED_MS - 1000 ? Math.round(leftMs / 1000) : 0);
    }
  }
}

/** Below the posts: a button to look now, whether it looks by itself, and when. */
class Bar {
  /**
   * @param {HTMLElement} section
   * @param {() => void} look
   * @param {(isOn: boolean) => void} switchAuto
   */
  constructor(section, look, switchAuto) {
    this.element = document.createElement("div");
    this.element.className = "live-bar";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say(msg("Update"));
    button.addEventListener("click", look);
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = settings.isOn(AUTO, true);
    box.addEventListener("change", () => switchAuto(box.checked));
    settings.onChange(() => {
      box.checked = settings.isOn(AUTO, true);
    });
    label.append(box, " ", say(msg("by itself")));
    this.state = document.createElement("span");
    this.state.className = "hint";
    this.element.append(button, label, this.state);
    if (!document.body.classList.contains("archived")) {
      section.after(this.element);
    }
  }

  /** @param {number} seconds 0: soon, or never */
  tellWait(seconds) {
    const text = seconds ? say(msgs("in {count} second", "in {count} seconds"), { count: seconds }) : "";
    if (this.state.textContent !== text) {
      this.state.textContent = text;
    }
  }

  /**
   * @param {string} sentence what stays
   * @param {string} [next] where it leads
   */
  say(sentence, next) {
    this.element.replaceChildren(sentence);
    if (next) {
      const link = document.createElement("a");
      link.href = next;
      link.textContent = next;
      this.element.append(" ", link);
    }
  }
}
