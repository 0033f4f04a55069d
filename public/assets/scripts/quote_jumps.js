/**
 * A link to a post that stands on this page leads there and loads nothing, also where the page has
 * another address than the link: the last posts of a thread, or the page as a poster comes to it.
 */

import { page } from "./page.js";
import { placeOf } from "./post_addresses.js";
import { find } from "./posts.js";

export function start() {
  // Of the window, so that it comes last: another feature may open the post where the link is.
  window.addEventListener("click", (event) => {
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a[href*='#']") : null;
    if (!isPlain || event.defaultPrevented || !(link instanceof HTMLAnchorElement)) {
      return;
    }
    const place = placeOf(link.href);
    if (place && place.board === page.board && place.thread === page.thread && find(place.no)) {
      event.preventDefault();
      location.hash = new URL(link.href).hash;
    }
  });
}
