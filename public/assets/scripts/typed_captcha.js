/**
 * Shows the letters or the question of a captcha in the form, as soon as somebody begins to write in
 * it, and others to whoever can't read or answer them. Without it, or if anything fails, the form is
 * sent as it is, and the writer's answer asks.
 */

import { boardOf, isSpared } from "./captcha_pass.js";

/** @typedef {{id: string, image?: string, audio?: string, question?: string}} Challenge */

for (const place of document.querySelectorAll(".captcha[data-typed]")) {
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
    if (!place.querySelector("[name=captcha_id]")?.getAttribute("value")) {
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
  // It was sent by a script and the page stays: its challenge is used up.
  form.addEventListener("answered", () => look(true));
  // Somebody comes back to a page that was left by sending the form: its challenge is used up.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && !template?.isConnected) {
      show(place);
    }
  });
}

/** @param {HTMLElement} place */
async function show(place) {
  const challenge = await fetched(place.dataset.typed || "");
  const id = /** @type {HTMLInputElement | null} */ (place.querySelector("[name=captcha_id]"));
  const text = /** @type {HTMLInputElement | null} */ (place.querySelector("[name=captcha_text]"));
  if (!challenge || !id || !text) {
    place.textContent = place.dataset.missing || "";
    return;
  }
  const image = place.querySelector("img");
  const sound = place.querySelector("audio");
  const question = place.querySelector(".captcha-question label");
  if (image) {
    image.src = challenge.image ?? "";
  }
  if (sound) {
    sound.src = challenge.audio ?? "";
  }
  if (question) {
    question.textContent = challenge.question ?? "";
  }
  id.value = challenge.id;
  text.value = "";
}

/**
 * @param {string} address
 * @returns {Promise<Challenge | null>} null: there is none just now
 */
async function fetched(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
