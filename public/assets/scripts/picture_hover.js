/** A picture in its full size at the edge of the screen, while a mouse points at its thumbnail. */

import { kindOf } from "./files.js";
import { asset, load } from "./styles.js";

/** @type {HTMLImageElement | null} */
let shown = null;

export function start() {
  load(asset("reading.css"));
  document.addEventListener("pointerover", (event) => {
    const link =
      event.pointerType === "mouse" && event.target instanceof Element ? event.target.closest("a.file-link") : null;
    shown?.remove();
    shown = null;
    if (link instanceof HTMLAnchorElement && !link.querySelector(".expanded") && kindOf(new URL(link.href).pathname) === "picture") {
      shown = document.createElement("img");
      shown.className = "hover-picture";
      shown.alt = "";
      shown.src = link.href;
      document.body.append(shown);
    }
  });
}
