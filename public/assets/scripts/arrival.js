/**
 * A reader who comes back from a form that was sent without scripts' help: the post that the address
 * names is their own, and its draft is done.
 */

import * as ownPosts from "./own_posts.js";
import { page } from "./page.js";
import { placeOf, postForm } from "./post_forms.js";

/** Of this tab: '/b/res/1.html?seen=124' may be a link that anybody posts. */
const SENT = "stillboard:sent";

/** The place whose form this tab has sent, if its post has brought the reader here. @type {string | null} */
export const arrivedFrom = arrival();

// On the window, after all that may send the form in another way.
window.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target === postForm()) {
    noteSent(/** @type {HTMLFormElement} */ (event.target));
  }
});

/** @param {HTMLFormElement} form */
export function noteSent(form) {
  try {
    sessionStorage.setItem(SENT, placeOf(form));
  } catch {
    // Nothing is kept here, no draft either.
  }
}

/** @returns {string | null} */
function arrival() {
  const no = Number(new URLSearchParams(location.search).get("seen"));
  if (!no || page.board === null || page.thread === null) {
    return null;
  }
  // Who loads the page again later has not posted again.
  history.replaceState(history.state, "", location.pathname + location.hash);
  const place = `${page.board}/${no === page.thread ? "new" : page.thread}`;
  try {
    if (sessionStorage.getItem(SENT) !== place) {
      return null;
    }
    sessionStorage.removeItem(SENT);
  } catch {
    return null;
  }
  ownPosts.remember(page.board, no);
  return place;
}
