/**
 * Links that look a picture up at search engines. Only links: nothing is asked of anybody before
 * one is pressed.
 */

import { filesWithin } from "./files.js";
import { each } from "./posts.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @type {[string, string][]} the engine, and its address before that of the picture */
const ENGINES = [
  ["SauceNAO", "https://saucenao.com/search.php?url="],
  ["IQDB", "https://iqdb.org/?url="],
  ["TinEye", "https://tineye.com/search?url="],
  ["Yandex", "https://yandex.com/images/search?rpt=imageview&url="],
  ["Lens", "https://lens.google.com/uploadbyurl?url="],
];

export function start() {
  load(asset("reading.css"));
  each(({ element }) => {
    for (const { kind, thumb, address, place } of filesWithin(element)) {
      const info = place.querySelector(".fileinfo");
      if (info && kind !== "sound" && !info.querySelector(".image-search")) {
        // Search engines read no films: of one they are led to its still.
        const picture = kind === "picture" ? address : thumb;
        info.append(" ", linksFor(new URL(picture ?? address, location.href).href));
      }
    }
  });
}

/** @param {string} picture */
function linksFor(picture) {
  const links = document.createElement("span");
  links.className = "image-search";
  links.title = say(msg("Look this picture up"));
  for (const [engine, address] of ENGINES) {
    const link = document.createElement("a");
    link.textContent = engine;
    link.href = address + encodeURIComponent(picture);
    link.rel = "nofollow noopener noreferrer";
    link.target = "_blank";
    links.append(link, " ");
  }
  return links;
}
