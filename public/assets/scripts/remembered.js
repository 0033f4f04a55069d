/**
 * Name, email and password stand in the form as they were when the reader last posted. The password
 * is thought up once for each browser, so that own posts can be deleted, and stands in the form that
 * deletes.
 */

import * as kept from "./kept.js";
import { fieldOf, postForm } from "./post_forms.js";

const NAME = "poster";
const FIELDS = ["name", "email", "password"];
const PASSWORD_CHARS = 12;
/** None that is taken for another, when somebody copies it by hand. */
const LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

export function start() {
  const form = postForm();
  fillIn(form);
  form?.addEventListener("submit", () => rememberWhat(form));
  form?.addEventListener("posted", () => fillIn(form));
}

/** @param {HTMLFormElement | null} form */
function fillIn(form) {
  const poster = remembered();
  if (!poster.password) {
    poster.password = aPassword();
    kept.write(NAME, poster);
  }
  for (const name of FIELDS) {
    const field = form && fieldOf(form, name);
    if (field && !field.value) {
      field.value = poster[name] ?? "";
    }
  }
  const deletes = document.querySelector("#delete-password");
  if (deletes instanceof HTMLInputElement && !deletes.value) {
    deletes.value = poster.password;
  }
}

/** @param {HTMLFormElement} form */
function rememberWhat(form) {
  const poster = remembered();
  for (const name of FIELDS) {
    const field = fieldOf(form, name);
    if (field) {
      poster[name] = field.value;
    }
  }
  kept.write(NAME, poster);
}

/** @returns {Record<string, string>} */
function remembered() {
  const value = kept.read(NAME, {});
  if (typeof value !== "object" || value === null) {
    return {};
  }
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === "string"));
}

function aPassword() {
  const chance = crypto.getRandomValues(new Uint32Array(PASSWORD_CHARS));
  return Array.from(chance, (number) => LETTERS[number % LETTERS.length]).join("");
}
