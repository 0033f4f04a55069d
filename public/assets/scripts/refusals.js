/**
 * What the server said to a form that it did not take, in the form itself: each refusal at its field,
 * a captcha where it was missing, a ban with all that its reader has to know, a wait that counts down.
 */

import { noteSent } from "./arrival.js";
import { needCaptcha } from "./captcha_widgets.js";
import { fieldOf } from "./post_forms.js";
import { elementsOf } from "./safe_html.js";
import { settings } from "./settings.js";
import { asset, load } from "./styles.js";
import { language, msg, msgs, say } from "./words.js";

const ID = "refusal-line";
const SENDS_ITSELF = "send-after-wait";

/** @typedef {import("./delivering.js").Refusal} Refusal */

/** @type {ReturnType<typeof setInterval> | undefined} */
let countdown;

/** @param {HTMLFormElement} form */
export function forgetRefusal(form) {
  clearInterval(countdown);
  form.querySelector(`#${ID}`)?.remove();
  form.querySelector(".preview-of-post")?.remove();
  for (const field of form.querySelectorAll(`[aria-describedby~="${ID}"]`)) {
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", (field.getAttribute("aria-describedby") ?? "").replace(ID, "").trim());
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Refusal} refusal
 * @param {() => void} again sends the form as it is then
 */
export async function showRefusal(form, refusal, again) {
  await load(asset("form.css"));
  forgetRefusal(form);
  const line = document.createElement("div");
  line.id = ID;
  line.className = "notice notice-bad field-wide";
  line.setAttribute("role", "alert");
  const sentence = document.createElement("p");
  sentence.textContent = refusal.error;
  line.append(sentence);
  if (refusal.ban) {
    line.append(aboutBan(refusal.ban));
    if (refusal.ban.may_appeal || refusal.ban.appeal) {
      line.append(wayToAppeal(form));
    }
  }
  if (refusal.request_id) {
    const number = document.createElement("p");
    number.textContent = say(msg("Name this number when you tell us of it: {id}"), { id: refusal.request_id });
    line.append(number);
  }
  const field = fieldToChange(form, refusal);
  const place = field?.closest(".field") ?? form.querySelector(".field-send");
  if (place) {
    place.before(line);
  } else {
    form.append(line);
  }
  if (refusal.captcha && !(await needCaptcha(form, refusal.captcha))) {
    // A widget of somebody else's, which stands on the page of a refusal alone.
    noteSent(form);
    form.submit();
    return;
  }
  if (typeof refusal.retry_after === "number") {
    countDown(line, refusal.retry_after, again);
  }
  if (field) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${ID}`.trim());
    field.addEventListener("input", () => forgetRefusal(form), { once: true });
    field.focus();
  } else {
    line.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} html of the post
 */
export function showPreview(form, html) {
  const place = document.createElement("section");
  place.className = "preview-of-post field-wide";
  place.setAttribute("aria-label", say(msg("Preview")));
  place.append(elementsOf(html));
  form.querySelector(".field-send")?.before(place);
  place.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLFormElement} form
 * @param {Refusal} refusal
 */
function fieldToChange(form, refusal) {
  const named = refusal.field?.startsWith("file") ? "file" : refusal.field;
  const field = named ? fieldOf(form, named) : null;
  return field && field.type !== "hidden" ? field : null;
}

/**
 * The seconds until the form may be sent again; whoever wants has it sent then.
 *
 * @param {HTMLElement} line
 * @param {number} seconds
 * @param {() => void} again
 */
function countDown(line, seconds, again) {
  const until = Date.now() + seconds * 1000;
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = settings.isOn(SENDS_ITSELF, false);
  box.addEventListener("change", () => settings.choose(SENDS_ITSELF, box.checked));
  label.append(box, " ", say(msg("Send it by itself then")));
  const left = document.createElement("p");
  line.append(left, label);
  const draw = () => {
    const count = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    left.textContent = say(msgs("{count} second left", "{count} seconds left"), { count });
    if (count === 0) {
      clearInterval(countdown);
      left.textContent = say(msg("Now it can be sent."));
      if (box.checked) {
        again();
      }
    }
  };
  draw();
  countdown = setInterval(draw, 500);
}

/**
 * To the page of the ban, which the server shows to whoever sends the form without a script.
 *
 * @param {HTMLFormElement} form
 */
function wayToAppeal(form) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say(msg("Appeal"));
  button.addEventListener("click", () => {
    noteSent(form);
    form.submit();
  });
  return button;
}

/** @param {NonNullable<Refusal["ban"]>} ban */
function aboutBan(ban) {
  const dates = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
  const moment = (/** @type {number} */ seconds) => dates.format(new Date(seconds * 1000));
  const list = document.createElement("dl");
  list.className = "facts";
  const rows = [
    [say(msg("Reason")), ban.reason],
    [say(msg("Since")), moment(ban.created)],
    [say(msg("Until")), ban.expires ? moment(ban.expires) : say(msg("for good: this ban does not expire"))],
    [say(msg("Number")), say(msg("{ban_id} (name it when you write to the staff)"), { ban_id: String(ban.id) })],
  ];
  for (const [name, value] of rows) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    term.textContent = name;
    const fact = document.createElement("dd");
    fact.textContent = value;
    row.append(term, fact);
    list.append(row);
  }
  return list;
}
