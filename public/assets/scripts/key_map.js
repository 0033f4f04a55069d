/** The list of keys, on "?". */

import { addKey, allKeys } from "./keys.js";
import { msg, say } from "./words.js";

export function start() {
  addKey({ key: "?", title: msg("Show this list"), press: show });
}

function show() {
  const dialog = document.createElement("dialog");
  dialog.className = "key-map";
  const heading = document.createElement("h2");
  heading.textContent = say(msg("Keys"));
  const list = document.createElement("dl");
  for (const { key, title } of allKeys()) {
    const line = document.createElement("div");
    const name = document.createElement("dt");
    const pressed = document.createElement("kbd");
    pressed.textContent = key;
    name.append(pressed);
    const what = document.createElement("dd");
    what.textContent = say(title);
    line.append(name, what);
    list.append(line);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = say(msg("Close"));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "?") {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(heading, list, close);
  document.body.append(dialog);
  dialog.showModal();
}
