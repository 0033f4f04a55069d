/**
 * The page of settings: a switch for each thing that scripts add, what else can be chosen, the
 * reader's own CSS, and all of it as a file for another browser.
 */

import * as kept from "./kept.js";
import * as keptFiles from "./kept_files.js";
import { tell } from "./notices.js";
import * as offlineReading from "./offline_reading.js";
import { CSS_CHARS_MAX, FILE_CHARS_MAX, fileOf, readFile } from "./settings_file.js";
import { settings } from "./settings.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {{name: string, title: import("./words.js").Message, isOn: boolean}} Choice */

/** What features let readers choose beside whether they are on. @type {readonly Choice[]} */
const CHOICES = [
  { name: "live-auto", title: msg("Look for new posts without being asked"), isOn: true },
  { name: "watch-own", title: msg("Watch threads that I begin"), isOn: true },
  { name: "watch-replied", title: msg("Watch threads that I reply to"), isOn: false },
  { name: "reply-sound", title: msg("A sound when somebody replies to me"), isOn: false },
  { name: "reply-notification", title: msg("A note of the system when somebody replies to me"), isOn: false },
  { name: "random-file-names", title: msg("Send files without their names"), isOn: false },
  { name: "send-after-wait", title: msg("Send a post by itself after a wait that the board asks for"), isOn: false },
];

/** @type {readonly Choice[]} */
let features = [];

/** @param {readonly import("./features.js").Feature[]} all */
export async function start(all) {
  features = all.filter(({ name, isThere }) => name !== "settings-page" && (isThere?.() ?? true));
  // Here it is never applied: who hides the page with it finds the way back.
  document.adoptedStyleSheets = [];
  const place = document.querySelector("#settings");
  if (place) {
    await load(asset("live.css"));
    draw(place);
    settings.onChange(() => drawBoxes(place));
  }
}

/** @param {Element} place */
function draw(place) {
  place.replaceChildren(
    group(say(msg("What scripts add")), ...features.map(box)),
    group(say(msg("More choices")), ...CHOICES.map(box)),
    filters(),
    ownCss(),
    file(),
  );
}

/**
 * @param {string} title
 * @param {...Node} parts
 */
function group(title, ...parts) {
  const section = document.createElement("fieldset");
  section.className = "settings-group";
  const legend = document.createElement("legend");
  legend.textContent = title;
  section.append(legend, ...parts);
  return section;
}

/** @param {Choice} choice */
function box({ name, title, isOn }) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "checkbox";
  input.name = name;
  input.defaultChecked = isOn;
  input.checked = settings.isOn(name, isOn);
  input.addEventListener("change", async () => {
    if (name === "reply-notification" && input.checked && !(await mayNotify())) {
      input.checked = false;
      tell(say(msg("The browser does not allow it.")), { isBad: true });
    }
    settings.choose(name, input.checked === isOn ? undefined : input.checked);
  });
  label.append(input, " ", say(title));
  return label;
}

/** @param {Element} place */
function drawBoxes(place) {
  for (const input of place.querySelectorAll("input[type=checkbox]")) {
    if (input instanceof HTMLInputElement) {
      input.checked = settings.isOn(input.name, input.defaultChecked);
    }
  }
}

async function mayNotify() {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

function filters() {
  const panel = document.createElement("div");
  import("./filter_panel.js").then(({ draw: drawPanel }) => drawPanel(panel));
  return group(say(msg("Filters")), panel);
}

function ownCss() {
  const label = document.createElement("label");
  label.className = "settings-css";
  const text = document.createElement("textarea");
  text.rows = 8;
  text.name = "css";
  text.spellcheck = false;
  text.maxLength = CSS_CHARS_MAX;
  const css = kept.read("css", "");
  text.value = typeof css === "string" ? css : "";
  label.append(say(msg("Applied on all pages but this one; it can load nothing from elsewhere.")), text);
  const save = button(say(msg("Keep the CSS")), () => {
    kept.write("css", text.value || undefined);
    tell(say(msg("Kept. The next page has it.")));
  });
  return group(say(msg("Your own CSS")), label, save);
}

function file() {
  const choose = document.createElement("input");
  choose.type = "file";
  choose.accept = "application/json,.json";
  choose.setAttribute("aria-label", say(msg("A file with settings")));
  choose.addEventListener("change", async () => {
    const [chosen] = choose.files ?? [];
    if (chosen) {
      takeIn(chosen.size > FILE_CHARS_MAX ? "" : await chosen.text());
      choose.value = "";
    }
  });
  const note = document.createElement("p");
  note.className = "hint";
  note.textContent = say(msg("The file holds the password of your posts, your watched threads and your filters: keep it to yourself."));
  return group(
    say(msg("To another browser")),
    note,
    button(say(msg("Save all as a file")), save),
    choose,
    button(say(msg("Forget all that is kept here")), forget),
  );
}

function save() {
  const link = document.createElement("a");
  const blob = new Blob([fileOf(kept.all())], { type: "application/json" });
  link.href = URL.createObjectURL(blob);
  link.download = "stillboard-settings.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

/** @param {string} text */
function takeIn(text) {
  const read = readFile(text);
  if (!read) {
    tell(say(msg("This is no file with settings.")), { isBad: true });
    return;
  }
  for (const [name, value] of Object.entries(read.taken)) {
    kept.write(name, value);
  }
  redraw();
  tell(
    read.left.length > 0
      ? say(msg("Taken in, but for: {names}"), { names: read.left.join(", ") })
      : say(msg("The settings are taken in.")),
  );
}

function forget() {
  tell(say(msg("Forget your settings, watched threads, own posts and filters?")), {
    action: {
      label: say(msg("Forget them")),
      act: async () => {
        Object.keys(kept.all()).forEach((name) => kept.write(name, undefined));
        redraw();
        await keptFiles.removeAll();
        await offlineReading.stop();
      },
    },
  });
}

function redraw() {
  const place = document.querySelector("#settings");
  if (place) {
    draw(place);
  }
}

/**
 * @param {string} label
 * @param {() => void} press
 */
function button(label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}
