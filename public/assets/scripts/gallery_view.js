/** The gallery: loaded when it is opened for the first time. */

import { filesWithin } from "./files.js";
import { tell } from "./notices.js";
import { postOf } from "./posts.js";
import { msg, say } from "./words.js";

const SLIDE_MS = 4000;
/** A finger that went so far turned the page. */
const SWIPE_PX = 60;

/** @typedef {import("./files.js").PostedFile} PostedFile */

export function show() {
  if (document.querySelector("dialog.gallery")) {
    return;
  }
  const files = filesWithin(document).filter(
    ({ kind, place }) => kind !== "sound" && !place.closest("[hidden], .copy"),
  );
  if (files.length === 0) {
    tell(say(msg("This page has no pictures.")));
    return;
  }
  // Begins with the first that is not above the screen.
  const inView = files.findIndex(({ place }) => place.getBoundingClientRect().bottom > 0);
  new Gallery(files, Math.max(0, inView));
}

class Gallery {
  /**
   * @param {PostedFile[]} files
   * @param {number} at
   */
  constructor(files, at) {
    this.files = files;
    this.at = at;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.slides = undefined;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "gallery";
    this.dialog.setAttribute("aria-label", say(msg("Gallery")));
    this.stage = document.createElement("div");
    this.stage.className = "gallery-stage";
    this.count = document.createElement("span");
    this.count.setAttribute("role", "status");
    this.name = document.createElement("span");
    this.name.className = "gallery-name";
    this.original = document.createElement("a");
    this.original.target = "_blank";
    this.original.rel = "noopener";
    this.original.textContent = say(msg("Original"));
    this.post = document.createElement("a");
    this.slideshow = button(say(msg("Slideshow")), () => this.toggleSlides());
    this.slideshow.setAttribute("aria-pressed", "false");
    this.dialog.append(
      bar("", this.count, this.name, this.post, this.original, this.slideshow, button(say(msg("Close")), () => this.dialog.close())),
      this.stage,
      bar("gallery-bar-moves", button(say(msg("Previous")), () => this.move(-1)), button(say(msg("Next")), () => this.move(1))),
    );
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("close", () => this.end());
    this.post.addEventListener("click", () => this.dialog.close());
    this.listenToFingers();
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.draw();
  }

  /** @param {number} steps over the end it begins anew */
  move(steps) {
    this.at = (this.at + steps + this.files.length) % this.files.length;
    this.draw();
  }

  draw() {
    const file = this.files[this.at];
    this.count.textContent = say(msg("{no} of {count}"), { no: this.at + 1, count: this.files.length });
    this.name.textContent = file.name;
    this.original.href = file.address;
    const post = postOf(file.place);
    this.post.href = `#${post?.element.id ?? ""}`;
    this.post.textContent = say(msg("Post {no}"), { no: String(post?.no ?? "") });
    const shown = file.kind === "film" ? document.createElement("video") : document.createElement("img");
    shown.src = file.address;
    if (shown instanceof HTMLVideoElement) {
      shown.controls = true;
      shown.playsInline = true;
      shown.play().catch(() => undefined);
    } else {
      shown.alt = file.name;
      shown.addEventListener("click", () => this.move(1));
    }
    this.stage.replaceChildren(shown);
    const next = this.files[(this.at + 1) % this.files.length];
    if (next.kind === "picture" && next !== file) {
      new Image().src = next.address;
    }
  }

  toggleSlides() {
    const isRunning = this.slides !== undefined;
    clearInterval(this.slides);
    this.slides = isRunning ? undefined : setInterval(() => this.slide(), SLIDE_MS);
    this.slideshow.setAttribute("aria-pressed", String(!isRunning));
  }

  slide() {
    const film = this.stage.querySelector("video");
    // A film is seen to its end; one that was stopped waits for whoever stopped it.
    if (!document.hidden && (!film || film.ended)) {
      this.move(1);
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const isOfFilm = event.target instanceof HTMLVideoElement;
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 })[event.key];
    if (steps && !isOfFilm) {
      event.preventDefault();
      this.move(steps);
    } else if (event.key === "v") {
      this.dialog.close();
    }
    // Keys of the page below mean nothing here.
    event.stopPropagation();
  }

  listenToFingers() {
    let from = 0;
    let finger = -1;
    this.stage.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" && event.isPrimary) {
        from = event.clientX;
        finger = event.pointerId;
      }
    });
    this.stage.addEventListener("pointerup", (event) => {
      const went = event.clientX - from;
      if (event.pointerId === finger && Math.abs(went) > SWIPE_PX) {
        this.move(went < 0 ? 1 : -1);
      }
      finger = -1;
    });
  }

  end() {
    clearInterval(this.slides);
    this.dialog.remove();
    this.files[this.at].place.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {string} label
 * @param {() => void} press
 */
function button(label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

/**
 * @param {string} name
 * @param {...HTMLElement} parts
 */
function bar(name, ...parts) {
  const made = document.createElement("div");
  made.className = `gallery-bar ${name}`;
  made.append(...parts);
  return made;
}
