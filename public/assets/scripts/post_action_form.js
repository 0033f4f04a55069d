/** The form that reports or deletes a post, in a dialog. Loaded when it is asked for. */

import { tell } from "./notices.js";
import { remove } from "./posts.js";
import { send as sendForm } from "./small_forms.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */
/** @typedef {"delete" | "report"} Action */

/** @returns {HTMLFormElement | null} */
function pageForm() {
  return document.querySelector("form[name=postcontrols]");
}

/**
 * A dialog with the fields of the page's own form that are for this action.
 *
 * @param {Post} post
 * @param {Action} action
 */
export function ask(post, action) {
  load(asset("reading.css"));
  const fields = pageForm()?.querySelector(`[name=${action}]`)?.closest("fieldset");
  if (!fields) {
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "post-action";
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  const no = String(post.no);
  heading.textContent = action === "delete" ? say(msg("Delete post {no}"), { no }) : say(msg("Report post {no}"), { no });
  const own = /** @type {HTMLFieldSetElement} */ (fields.cloneNode(true));
  own.querySelector("legend")?.remove();
  for (const field of own.querySelectorAll("[id]")) {
    field.id = `${field.id}-of-dialog`;
  }
  for (const label of own.querySelectorAll("label[for]")) {
    label.setAttribute("for", `${label.getAttribute("for")}-of-dialog`);
  }
  // A clone of a field has what the page said, not what was typed or filled in since.
  const typed = fields.querySelectorAll("input, select");
  own.querySelectorAll("input, select").forEach((field, place) => {
    /** @type {HTMLInputElement} */ (field).value = /** @type {HTMLInputElement} */ (typed[place]).value;
  });
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.textContent = say(msg("Cancel"));
  cancel.addEventListener("click", () => dialog.close());
  const problem = document.createElement("p");
  problem.className = "notice-bad";
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  form.append(heading, own, problem, cancel);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => (button.disabled = true));
    const refusal = await send(form, post, action);
    buttons.forEach((button) => (button.disabled = false));
    problem.textContent = refusal;
    problem.hidden = !refusal;
    if (!refusal) {
      dialog.close();
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {HTMLFormElement} form
 * @param {Post} post
 * @param {Action} action
 * @returns {Promise<string>} why it was refused; '' when it was done
 */
async function send(form, post, action) {
  const sent = new FormData(form);
  sent.set("board", post.board);
  sent.set(action, action);
  sent.set(`delete_${post.no}`, "on");
  const refusal = await sendForm(sent, pageForm()?.getAttribute("action") ?? "/post");
  if (refusal) {
    return refusal;
  }
  if (action === "report") {
    tell(say(msg("Reported. Thank you: the staff will look at it.")));
  } else {
    tell(say(msg("Deleted. It disappears from the pages in a moment.")));
    if (!sent.has("file")) {
      remove(post);
    }
  }
  return "";
}
