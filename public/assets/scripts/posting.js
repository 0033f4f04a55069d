/**
 * Posts are sent without leaving the page: what went wrong stands at its field, and nothing that was
 * written is lost when the network is. What an earlier page could not send is sent from here.
 */

import { waits } from "./outbox.js";
import { postForm } from "./post_forms.js";

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
    sending = await loadSending();
  } catch {
    // As it would have been sent without this script.
    form.submit();
    return;
  }
  if (pressed instanceof HTMLButtonElement && pressed.name === "preview") {
    await sending.preview(form);
  } else {
    await sending.post(form);
  }
}

function loadSending() {
  return import("./sending.js");
}

/** @param {string} address */
function isOurs(address) {
  return new URL(address, location.href).origin === location.origin;
}
