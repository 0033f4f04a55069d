/** What is behind a spoiler, text and thumbnail, is shown like anything else. */

import { fileAt } from "./files.js";
import { each } from "./posts.js";
import { asset, load } from "./styles.js";

export function start() {
  load(asset("reading.css"));
  document.documentElement.classList.add("reveals-spoilers");
  each(({ element, board }) => {
    for (const place of element.querySelectorAll("figure.file")) {
      const file = fileAt(place);
      const thumb = place.querySelector("img.post-image");
      if (file && thumb instanceof HTMLImageElement && file.thumb?.startsWith("/assets/spoiler.")) {
        const before = thumb.src;
        // One that was never made (a sound without a cover) stays behind its spoiler.
        thumb.addEventListener("error", () => (thumb.src = before), { once: true });
        thumb.removeAttribute("width");
        thumb.removeAttribute("height");
        // The board sends the thumbnail by this ending whatever its own is.
        thumb.src = `/${board}/thumb/${file.tim}.png`;
      }
    }
  });
}
