/**
 * A picture in its place, as large as the screen is wide, when its thumbnail is pressed; all of the
 * page with the key E. A press with Ctrl or the middle button opens it elsewhere, as ever.
 */

import { kindOf } from "./files.js";
import { addKey } from "./keys.js";
import { tell } from "./notices.js";
import { addTool } from "./page_tools.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

export function start() {
  load(asset("reading.css"));
  document.addEventListener("click", (event) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a.file-link") : null;
    if (isPlain && !event.defaultPrevented && link instanceof HTMLAnchorElement && canShow(link)) {
      event.preventDefault();
      if (shownIn(link)) {
        collapse(link);
      } else {
        expand(link);
      }
    }
  });
  addKey({ key: "E", title: msg("Show all pictures of the page large, or small again"), press: toggleAll });
  addTool(msg("Expand all"), toggleAll);
}

/** @param {HTMLAnchorElement} link */
function canShow(link) {
  const kind = kindOf(new URL(link.href).pathname);
  // A sound has its own player below its cover.
  return kind === "picture" || kind === "film";
}

/** @param {HTMLAnchorElement} link */
function shownIn(link) {
  return link.parentElement?.querySelector(":scope > video.expanded") ?? link.querySelector("img.expanded");
}

/**
 * @param {HTMLAnchorElement} link
 * @returns {Promise<void>} once it is shown, or can't be
 */
function expand(link) {
  if (link.classList.contains("is-loading")) {
    return Promise.resolve();
  }
  if (kindOf(new URL(link.href).pathname) === "film") {
    showFilm(link);
    return Promise.resolve();
  }
  const picture = document.createElement("img");
  picture.className = "expanded";
  picture.alt = link.querySelector("img")?.alt ?? "";
  link.classList.add("is-loading");
  picture.src = link.href;
  return picture.decode().then(
    () => {
      link.classList.remove("is-loading");
      link.classList.add("has-expanded");
      link.append(picture);
    },
    () => {
      link.classList.remove("is-loading");
      tell(say(msg("This picture can't be shown: it is gone, or the board gives no answer.")));
    },
  );
}

/**
 * A film behind a spoiler: others have their player in the page.
 *
 * @param {HTMLAnchorElement} link
 */
function showFilm(link) {
  const film = document.createElement("video");
  film.className = "expanded";
  film.src = link.href;
  film.controls = true;
  film.playsInline = true;
  link.classList.add("has-expanded");
  link.after(film);
  film.play().catch(() => undefined);
}

/** @param {HTMLAnchorElement} link */
function collapse(link) {
  shownIn(link)?.remove();
  link.classList.remove("has-expanded");
  // Whoever had read down along it is led back to where it stands, not left far below.
  const place = link.closest("article.post") ?? link;
  if (place.getBoundingClientRect().top < 0) {
    place.scrollIntoView({ block: "start" });
  }
}

/** While all are being shown. @type {AbortController | null} */
let showing = null;

async function toggleAll() {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll("article.post:not([hidden]) .file:not([hidden]) > a.file-link")
  );
  const pictures = [...links].filter((link) => kindOf(new URL(link.href).pathname) === "picture");
  const large = pictures.filter((link) => shownIn(link));
  if (showing || large.length > 0) {
    showing?.abort();
    showing = null;
    const first = large[0]?.closest("article.post");
    large.forEach(collapse);
    first?.scrollIntoView({ block: "nearest" });
    return;
  }
  const { signal } = (showing = new AbortController());
  // One after the other: a thread of 300 would ask for them all at once.
  for (const link of pictures) {
    await expand(link);
    if (signal.aborted) {
      collapse(link);
      return;
    }
  }
  showing = null;
}
