/**
 * The form of a thread as a panel that stays in view: one that is dragged by its header, and
 * remembers where it was left; on a phone a sheet at the bottom.
 */

import * as kept from "./kept.js";
import { postForm } from "./post_forms.js";
import { insertAtCaret, quoted } from "./quoting.js";
import { asset, load } from "./styles.js";

const NAME = "reply-panel";
const WIDE = "(min-width: 40rem)";

/** @typedef {{x: number, y: number}} Spot parts of the room that there is, from 0 to 1 */

/** @type {HTMLElement | null} */
let panel = null;
/** @type {Element | null} where the reader was */
let left = null;

/**
 * @param {HTMLElement} place the part of the page that holds the form
 * @param {number | null} no the post to quote
 * @param {string} selected text of it
 */
export async function open(place, no, selected) {
  await load(asset("form.css"));
  if (panel === null) {
    panel = place;
    makeMovable(place);
  }
  if (!isOpen()) {
    left = document.activeElement;
    place.classList.add("quick");
    // A class, since `main:has(.quick)` is asked of the whole page whenever anything of it changes.
    place.closest("main")?.classList.add("with-quick-reply");
    place.setAttribute("role", "dialog");
    putWhereItWas(place);
  }
  const text = postForm()?.querySelector("textarea");
  if (text) {
    if (no) {
      insertAtCaret(text, quoted(no, selected, text.value.slice(0, text.selectionEnd)));
    }
    text.focus({ preventScroll: true });
    text.scrollIntoView({ block: "nearest" });
  }
}

export function close() {
  panel?.classList.remove("quick");
  panel?.closest("main")?.classList.remove("with-quick-reply");
  panel?.removeAttribute("role");
  panel?.removeAttribute("style");
  if (left instanceof HTMLElement && left.isConnected) {
    left.focus({ preventScroll: true });
  }
}

function isOpen() {
  return panel?.classList.contains("quick") ?? false;
}

/** @param {HTMLElement} place */
function makeMovable(place) {
  place.querySelector(".reply-close")?.addEventListener("click", (event) => {
    if (isOpen()) {
      event.preventDefault();
      close();
    }
  });
  place.addEventListener("keydown", (event) => {
    // Of an input method it takes back what is being composed.
    if (event.key === "Escape" && isOpen() && !event.defaultPrevented && !event.isComposing) {
      event.preventDefault();
      close();
    }
  });
  place.addEventListener("posted", () => isOpen() && close());
  window.addEventListener("resize", () => isOpen() && putWhereItWas(place));
  const header = place.querySelector("h2");
  if (header) {
    header.addEventListener("pointerdown", (event) => isOpen() && drag(place, header, event));
  }
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} header
 * @param {PointerEvent} down
 */
function drag(place, header, down) {
  if (!matchMedia(WIDE).matches || down.button !== 0) {
    return;
  }
  down.preventDefault();
  const box = place.getBoundingClientRect();
  const move = (/** @type {PointerEvent} */ event) => {
    const spot = {
      x: (box.left + event.clientX - down.clientX) / Math.max(1, innerWidth - box.width),
      y: (box.top + event.clientY - down.clientY) / Math.max(1, innerHeight - box.height),
    };
    kept.write(NAME, spot);
    putWhereItWas(place);
  };
  const end = () => {
    header.removeEventListener("pointermove", move);
    header.removeEventListener("pointerup", end);
    header.removeEventListener("pointercancel", end);
  };
  header.setPointerCapture(down.pointerId);
  header.addEventListener("pointermove", move);
  header.addEventListener("pointerup", end);
  header.addEventListener("pointercancel", end);
}

/** @param {HTMLElement} place */
function putWhereItWas(place) {
  const spot = /** @type {Partial<Spot> | null} */ (kept.read(NAME, null));
  if (!matchMedia(WIDE).matches || typeof spot?.x !== "number" || typeof spot.y !== "number") {
    place.removeAttribute("style");
    return;
  }
  const { width, height } = place.getBoundingClientRect();
  place.style.inset = "auto";
  place.style.left = `${within(spot.x) * (innerWidth - width)}px`;
  place.style.top = `${within(spot.y) * (innerHeight - height)}px`;
}

/** @param {number} part */
function within(part) {
  return Math.min(1, Math.max(0, part));
}
