/**
 * Files are dropped anywhere on the page, pasted into the form or chosen, and stand in a list
 * (`file_list.js`, which comes with the first of them, or when somebody begins to write).
 */

import { fileFieldOf, postForm, setFiles } from "./post_forms.js";

export function start() {
  const form = postForm();
  const field = form && fileFieldOf(form);
  if (!form || !field) {
    return;
  }
  // At once: what moves while somebody presses a button takes the button away from under the press.
  const apart = form.querySelector("details.files-apart");
  apart?.setAttribute("hidden", "");
  /** @type {Promise<import("./file_list.js").ChosenFiles | null> | null} */
  let loading = null;
  const list = () => {
    loading ??= import("./file_list.js").then(
      ({ ChosenFiles }) => new ChosenFiles(form, field),
      // No network for it: the field does as it is.
      () => {
        apart?.removeAttribute("hidden");
        return null;
      },
    );
    return loading;
  };
  form.addEventListener("focusin", list, { once: true });
  field.addEventListener("change", list, { once: true });
  const take = async (/** @type {Event} */ event, /** @type {FileList | undefined} */ found) => {
    const files = [...(found ?? [])];
    if (files.length) {
      event.preventDefault();
      const there = await list();
      if (there) {
        await there.add(files);
      } else {
        setFiles(field, files);
      }
    }
  };
  form.addEventListener("paste", (event) => {
    const { clipboardData } = event;
    // Office programs put a picture of the text beside it: the text is meant.
    const isText = ["text/plain", "text/html"].every((type) => clipboardData?.types.includes(type));
    if (!isText) {
      take(event, clipboardData?.files);
    }
  });
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      list();
    }
  });
  document.addEventListener("drop", (event) => {
    if (event.dataTransfer?.files.length) {
      form.closest("details")?.setAttribute("open", "");
    }
    take(event, event.dataTransfer?.files);
  });
}
