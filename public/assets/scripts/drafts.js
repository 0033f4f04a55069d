/**
 * What somebody writes is kept until it is posted: through refusals, reloads and closed tabs. Text in
 * this browser's short memory, files beside it; for each thread its own.
 */

import { arrivedFrom } from "./arrival.js";
import * as kept from "./kept.js";
import * as keptFiles from "./kept_files.js";
import { fileFieldOf, placeOf, postForm, setFiles, tellForm } from "./post_forms.js";

const PREFIX = "draft:";
const SAVE_MS = 300;
const DRAFTS_MAX = 50;
const AGE_MS_MAX = 30 * 24 * 3600 * 1000;
const FILES_BYTES_MAX = 64 * 1024 * 1024;

/** @typedef {{at: number, fields: Record<string, string>, ticks: string[], hasFiles: boolean}} Draft */

export function start() {
  const form = postForm();
  forgetOld();
  if (arrivedFrom) {
    forget(arrivedFrom);
  }
  if (form) {
    watch(form).catch((error) => console.error("the draft did not come back", error));
  }
}

/** @param {HTMLFormElement} form */
async function watch(form) {
  const place = placeOf(form);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const before = readDraft(kept.read(PREFIX + place, null));
  let last = before;
  /** What this tab has last kept: another one may be writing here too, and its draft stays. @type {string | null} */
  let own = before && bodyOf(before);
  const forgetOwn = () => own !== null && forget(place, own);
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    const draft = draftIn(form);
    if (draft) {
      keep(place, draft);
      own = bodyOf(draft);
    } else {
      forgetOwn();
    }
  };
  form.addEventListener("input", () => {
    timer ??= setTimeout(save, SAVE_MS);
  });
  form.addEventListener("change", (event) => {
    save();
    if (event.target === fileFieldOf(form)) {
      keepFiles(place, fileFieldOf(form)?.files ?? []);
    }
  });
  form.addEventListener("posted", () => {
    clearTimeout(timer);
    timer = undefined;
    forgetOwn();
  });
  window.addEventListener("pagehide", () => timer && save());
  kept.onChange(PREFIX + place, () => {
    const now = readDraft(kept.read(PREFIX + place, null));
    if (!now && last && own !== null && bodyOf(last) !== own) {
      // Another tab had written over this one's, and is done.
      save();
    }
    last = now;
  });
  if (before) {
    await restore(form, place, before);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} place
 * @param {Draft} draft
 */
async function restore(form, place, draft) {
  fillIn(form, draft);
  for (const select of form.querySelectorAll("select")) {
    select.value = draft.fields[select.name] ?? select.value;
  }
  const field = fileFieldOf(form);
  if (draft.hasFiles && field && !field.files?.length) {
    const files = await keptFiles.get("drafts", place);
    if (Array.isArray(files) && !field.files?.length) {
      setFiles(field, files.filter((file) => file instanceof File));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  // Those of the files too, which have only come with them.
  fillIn(form, draft);
  for (const box of boxes(form)) {
    if (box.checked !== draft.ticks.includes(box.name)) {
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  tellForm(form, "restored");
}

/**
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 */
function fillIn(form, draft) {
  for (const field of texts(form)) {
    // What was typed before the scripts were there counts.
    if (draft.fields[field.name] && field.value === field.defaultValue) {
      field.value = draft.fields[field.name];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {Draft | null} null: nothing that it would be a pity to lose
 */
function draftIn(form) {
  const fields = Object.fromEntries(texts(form).map((field) => [field.name, field.value]));
  for (const select of form.querySelectorAll("select")) {
    fields[select.name] = select.value;
  }
  const hasFiles = Boolean(fileFieldOf(form)?.files?.length);
  if (!fields.body && !fields.subject && !hasFiles) {
    return null;
  }
  const ticks = boxes(form).filter((box) => box.checked);
  return { at: Date.now(), fields, ticks: ticks.map((box) => box.name), hasFiles };
}

/**
 * @param {string} place
 * @param {Draft | null} draft
 */
function keep(place, draft) {
  kept.write(PREFIX + place, draft ?? undefined);
}

/**
 * @param {string} place
 * @param {Iterable<File>} files
 */
function keepFiles(place, files) {
  const all = [...files];
  const bytes = all.reduce((sum, file) => sum + file.size, 0);
  if (all.length && bytes <= FILES_BYTES_MAX) {
    keptFiles.put("drafts", place, all);
  } else {
    keptFiles.remove("drafts", place);
  }
}

/**
 * @param {string} place
 * @param {string} [body] that was posted: a draft of something else stays
 */
export function forget(place, body) {
  const draft = readDraft(kept.read(PREFIX + place, null));
  if (body === undefined || bodyOf(draft) === body) {
    keep(place, null);
    keptFiles.remove("drafts", place);
  }
}

/** @param {Draft | null} draft */
function bodyOf(draft) {
  return draft?.fields.body ?? "";
}

/** The oldest go, and those that nobody came back to for a month. */
function forgetOld() {
  const drafts = Object.entries(kept.all())
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, value]) => ({ name, at: readDraft(value)?.at ?? 0 }))
    .sort((one, other) => other.at - one.at);
  drafts.forEach(({ name, at }, place) => {
    if (place >= DRAFTS_MAX || Date.now() - at > AGE_MS_MAX) {
      kept.write(name, undefined);
      keptFiles.remove("drafts", name.slice(PREFIX.length));
    }
  });
}

/**
 * @param {unknown} value as it was kept
 * @returns {Draft | null}
 */
export function readDraft(value) {
  const draft = /** @type {Partial<Draft> | null} */ (typeof value === "object" ? value : null);
  if (!draft || typeof draft.at !== "number" || typeof draft.fields !== "object" || !Array.isArray(draft.ticks)) {
    return null;
  }
  const texts = Object.entries(draft.fields ?? {}).filter(([, text]) => typeof text === "string");
  return { at: draft.at, fields: Object.fromEntries(texts), ticks: draft.ticks, hasFiles: draft.hasFiles === true };
}

/**
 * What is typed, but for passwords, which are no part of a draft, and answers to captchas.
 *
 * @param {HTMLFormElement} form
 * @returns {(HTMLInputElement | HTMLTextAreaElement)[]}
 */
function texts(form) {
  const found = /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */ (
    form.querySelectorAll("textarea[name], input[type=text][name]")
  );
  return [...found].filter((field) => !field.closest(".captcha"));
}

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement[]}
 */
function boxes(form) {
  const found = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=checkbox][name]"));
  return [...found];
}
