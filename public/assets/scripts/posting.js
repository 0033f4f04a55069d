/**
 * Posts are sent without leaving the page: what went wrong stands at its field, and nothing that was
 * written is lost when the network is. What an earlier page could not send is sent from here.
 */

import { noteSent } from "./arrival.js";
import { tell } from "./notices.js";
import { waits } from "./outbox.js";
import { postForm } from "./post_forms.js";
import { msg, say } from "./words.js";

/** What sends posts. */
let isLoaded = false;

export function start() {
  const form = postForm();
  // Loaded while the reader writes: when the network is gone it is there.
  form?.addEventListener("focusin", () => loadSending().catch(() => {}), { once: true });
  // On the document, after what listens to the form: a captcha may ask to wait.
  document.addEventListener("submit", (event) => {
    if (event.target === form && form && !event.defaultPrevented && isOurs(form.action)) {
      event.preventDefault();
      send(form, event.submitter);
    }
  });
  if (waits()) {
    loadSending()
      .then((sending) => sending.sendWhatWaits(form))
      .catch((error) => console.error("what waits was not sent", error));
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} pressed
 */
async function send(form, pressed) {
  let sending;
  try {
    if (!isLoaded) {
      // On a slow network that takes its time: the press was heard.
      tell(say(msg("Sending…")));
    }
    sending = await loadSending();
  } catch {
    sendAsEver(form);
    return;
  }
  if (pressed instanceof HTMLButtonElement && pressed.name === "preview") {
    await sending.preview(form);
  } else {
    await sending.post(form);
  }
}

/**
 * As the form would be sent without this script.
 *
 * @param {HTMLFormElement} form
 */
function sendAsEver(form) {
  if (navigator.onLine) {
    noteSent(form);
    form.submit();
  } else {
    tell(say(msg("You are offline. What you wrote is kept: send it when there is a network.")), { isBad: true });
    // What sends posts could not be loaded, and browsers do not try that again on the same page.
    window.addEventListener("online", () => location.reload(), { once: true });
  }
}

async function loadSending() {
  const sending = await import("./sending.js");
  isLoaded = true;
  return sending;
}

/** @param {string} address */
function isOurs(address) {
  return new URL(address, location.href).origin === location.origin;
}
