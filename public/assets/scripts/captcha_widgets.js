/**
 * A captcha of our own in a form that had none, because it is asked for under pressure alone, or
 * whose sum could not be solved.
 */

import { watch as watchSum } from "./altcha.js";
import { watch as watchPicture } from "./picture.js";
import { msg, say } from "./words.js";

/** Whose letters are taken where no sum could be solved. */
const STAND_IN = "/captcha/picture";

/**
 * @param {HTMLFormElement} form
 * @param {{provider: string, challenge?: string}} captcha as a refusal names it
 * @returns {Promise<boolean>} false: its widget can't be made here
 */
export async function needCaptcha(form, captcha) {
  if (form.querySelector(".captcha[data-failed]") && !form.elements.namedItem("captcha_text")) {
    captcha = { provider: "picture", challenge: STAND_IN };
  } else if (form.querySelector(".captcha, .g-recaptcha")) {
    return true;
  }
  const place = document.createElement("div");
  place.className = "captcha field-wide";
  if (captcha.provider === "altcha" && captcha.challenge) {
    place.dataset.challenge = captcha.challenge;
    place.dataset.solving = say(msg("Your browser is solving a small sum, to show that you are no robot…"));
    place.dataset.solved = say(msg("Your browser has shown that you are no robot."));
    form.querySelector(".field-send")?.before(place);
    watchSum(form, place);
    return true;
  }
  if (captcha.provider === "picture" && captcha.challenge) {
    place.dataset.picture = captcha.challenge;
    place.dataset.another = say(msg("Another picture"));
    place.dataset.missing = say(msg("The picture can't be fetched just now: you are shown one when you have sent the form."));
    place.append(pictureField());
    form.querySelector(".field-send")?.before(place);
    watchPicture(form, place);
    return true;
  }
  return false;
}

/** A widget of somebody else's is used up with the form that was sent. */
export function resetForeign() {
  /** @type {{grecaptcha?: {reset?: () => void}}} */ (globalThis).grecaptcha?.reset?.();
}

function pictureField() {
  const field = document.createElement("p");
  field.className = "field captcha-picture";
  const label = document.createElement("label");
  label.htmlFor = "captcha-text";
  label.textContent = say(msg("Letters of the picture"));
  const image = document.createElement("img");
  image.width = 280;
  image.height = 90;
  image.alt = say(msg("Six letters, distorted"));
  const text = document.createElement("input");
  Object.assign(text, { type: "text", id: "captcha-text", name: "captcha_text", maxLength: 20, autocomplete: "off", dir: "ltr" });
  const id = document.createElement("input");
  Object.assign(id, { type: "hidden", name: "captcha_id" });
  field.append(label, image, text, id);
  return field;
}
