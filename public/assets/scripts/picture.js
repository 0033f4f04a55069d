/**
 * Shows the letters of a captcha beside the form, as soon as somebody begins to write in it, and
 * others to whoever can't read them. Without it, or if anything fails, the form is sent as it is,
 * and the writer's answer has a picture.
 */

import { boardOf, isSpared } from "./captcha_pass.js";

/** @typedef {{id: string, image: string}} Picture */

for (const place of document.querySelectorAll(".captcha[data-picture]")) {
  const form = place.closest("form");
  if (form) {
    watch(form, /** @type {HTMLElement} */ (place));
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} place
 */
export function watch(form, place) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = place.dataset.another || "";
  button.addEventListener("click", () => show(place));
  const template = place.querySelector("template");
  if (!template) {
    place.append(button);
    if (!place.querySelector("img")?.getAttribute("src")) {
      show(place);
    }
  }
  const look = (/** @type {boolean} */ isUsedUp) => {
    const wasPutAway = place.hidden;
    place.hidden = isSpared(boardOf(form));
    if (place.hidden) {
      return;
    }
    if (template?.isConnected) {
      template.replaceWith(template.content, button);
      show(place);
    } else if (isUsedUp || wasPutAway) {
      show(place);
    }
  };
  form.addEventListener("focusin", () => look(false));
  // It was sent by a script and the page stays: its letters are used up.
  form.addEventListener("answered", () => look(true));
  // Somebody comes back to a page that was left by sending the form: its letters are used up.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && place.querySelector("img")) {
      show(place);
    }
  });
}

/** @param {HTMLElement} place */
async function show(place) {
  const [image, text, id] = ["img", "[name=captcha_text]", "[name=captcha_id]"].map((found) =>
    place.querySelector(found),
  );
  const picture = await fetched(place.dataset.picture || "");
  if (picture) {
    /** @type {HTMLImageElement} */ (image).src = picture.image;
    /** @type {HTMLInputElement} */ (id).value = picture.id;
    /** @type {HTMLInputElement} */ (text).value = "";
  } else {
    place.textContent = place.dataset.missing || "";
  }
}

/**
 * @param {string} address
 * @returns {Promise<Picture | null>} null: there is none just now
 */
async function fetched(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
