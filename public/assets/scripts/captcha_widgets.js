/**
 * A captcha of our own in a form that had none, because it is asked for under pressure alone, or
 * whose sum could not be solved.
 */

import { watch as watchSum } from "./altcha.js";
import { boardOf, isSpared } from "./captcha_pass.js";
import { watch as watchTyped } from "./typed_captcha.js";
import { msg, say } from "./words.js";

/** Whose letters are taken where no sum could be solved. */
const STAND_IN = "/captcha/picture";

/** Widgets of somebody else's. */
const FOREIGN = ".g-recaptcha, .h-captcha, .cf-turnstile";
/** Those that people answer by typing. */
const TYPED = {
  picture: {
    another: msg("Another picture"),
    missing: msg("The picture can't be fetched just now: you are shown one when you have sent the form."),
    field: pictureField,
  },
  question: {
    another: msg("Another question"),
    missing: msg("The question can't be fetched just now: you are asked one when you have sent the form."),
    field: questionField,
  },
};

/**
 * @param {HTMLFormElement} form
 * @param {{provider: string, challenge?: string}} captcha as a refusal names it
 * @returns {Promise<boolean>} false: its widget can't be made here
 */
export async function needCaptcha(form, captcha) {
  if (form.querySelector(".captcha[data-failed]") && !form.elements.namedItem("captcha_text")) {
    captcha = { provider: "picture", challenge: STAND_IN };
  } else if (form.querySelector(".captcha") || (form.querySelector(FOREIGN) && !captcha.challenge)) {
    // There already. But where somebody else's is away, letters of our own are asked for instead.
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
  if (captcha.provider in TYPED && captcha.challenge) {
    const { another, missing, field } = TYPED[/** @type {keyof typeof TYPED} */ (captcha.provider)];
    place.dataset.typed = captcha.challenge;
    place.dataset.another = say(another);
    place.dataset.missing = say(missing);
    place.append(field());
    form.querySelector(".field-send")?.before(place);
    watchTyped(form, place);
    return true;
  }
  return false;
}

/**
 * A widget of somebody else's is used up with the form that was sent, and stands in the way of who
 * need not solve it.
 *
 * @param {HTMLFormElement} form
 */
export function resetForeign(form) {
  for (const provider of ["grecaptcha", "hcaptcha", "turnstile"]) {
    /** @type {Record<string, {reset?: () => void} | undefined>} */ (/** @type {unknown} */ (globalThis))[provider]?.reset?.();
  }
  const place = /** @type {HTMLElement | null} */ (form.querySelector(FOREIGN));
  if (place) {
    place.hidden = isSpared(boardOf(form));
  }
}

function pictureField() {
  const image = document.createElement("img");
  image.width = 280;
  image.height = 90;
  image.alt = say(msg("Six letters, distorted"));
  const field = typedField("captcha-picture", say(msg("Letters of the picture")), { maxLength: 20, dir: "ltr" });
  const sound = document.createElement("audio");
  sound.controls = true;
  sound.preload = "none";
  sound.setAttribute("aria-label", say(msg("The letters, spoken")));
  field.querySelector("label")?.after(image, sound);
  return field;
}

function questionField() {
  return typedField("captcha-question", "", { maxLength: 100 });
}

/**
 * @param {string} name of its kind
 * @param {string} asked
 * @param {{maxLength: number, dir?: string}} how its text is typed
 */
function typedField(name, asked, how) {
  const field = document.createElement("p");
  field.className = `field ${name}`;
  const label = document.createElement("label");
  label.htmlFor = "captcha-text";
  label.textContent = asked;
  const text = document.createElement("input");
  Object.assign(text, { type: "text", id: "captcha-text", name: "captcha_text", autocomplete: "off" }, how);
  const id = document.createElement("input");
  Object.assign(id, { type: "hidden", name: "captcha_id" });
  field.append(label, text, id);
  return field;
}
