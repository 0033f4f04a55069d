/**
 * The form of this page in which posts are written, and what features tell each other of it by
 * events: `answered` (the server has judged what was sent: a captcha's answer is used up), `posted`
 * (it is stored) and `restored` (a draft stands in it again).
 */

/** @typedef {{board: string, thread: number, no: number}} Posted the detail of `posted` */

/** @returns {HTMLFormElement | null} null: nobody can post from here */
export function postForm() {
  return document.querySelector('form[name="post"]');
}

/**
 * @param {HTMLFormElement} form
 * @returns {string} 'b/1' for a reply to thread 1 of /b/, 'b/new' for a thread
 */
export function placeOf(form) {
  return `${valueOf(form, "board")}/${valueOf(form, "thread") || "new"}`;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement | null} a field of one value
 */
export function fieldOf(form, name) {
  const found = form.elements.namedItem(name);
  const isField =
    found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement || found instanceof HTMLSelectElement;
  return isField ? found : null;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function valueOf(form, name) {
  return fieldOf(form, name)?.value ?? "";
}

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement | null} the field that takes all files of a post
 */
export function fileFieldOf(form) {
  return form.querySelector('input[type="file"][name="file"]');
}

/**
 * Puts files into the form, in place of those that were there.
 *
 * @param {HTMLInputElement} field
 * @param {readonly File[]} files
 */
export function setFiles(field, files) {
  const carrier = new DataTransfer();
  files.forEach((file) => carrier.items.add(file));
  field.files = carrier.files;
}

/**
 * Tells whoever listens to the form.
 *
 * @param {HTMLFormElement} form
 * @param {"answered" | "posted" | "restored"} event
 * @param {Posted} [detail]
 */
export function tellForm(form, event, detail) {
  form.dispatchEvent(new CustomEvent(event, { detail, bubbles: true }));
}
