/**
 * The files of a post, in a list: each with its picture, described and hidden or not, in any order,
 * and taken out again. What the board would not take is said at once, and a picture that is too large
 * is made smaller.
 */

import { limitsOf } from "./limits.js";
import { fieldOf, setFiles, valueOf } from "./post_forms.js";
import { settings } from "./settings.js";
import { asset, load } from "./styles.js";
import { msg, msgs, say } from "./words.js";

const RANDOM_NAMES = "random-file-names";
const THUMB_PX = 64;

/** @typedef {{file: File, isHidden: boolean, alt: string}} Chosen `alt` describes it */

export class ChosenFiles {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLInputElement} field
   */
  constructor(form, field) {
    this.form = form;
    this.field = field;
    this.isNeeded = field.required;
    /** While the list is put into the field, which says that it has changed. */
    this.isOurs = false;
    /** @type {Chosen[]} */
    this.chosen = [];
    this.filesMax = 1 + form.querySelectorAll(".files-apart input[type=file]").length;
    /** 0: the board takes no descriptions. */
    this.altCharsMax = Number(fieldOf(form, "file_alt")?.getAttribute("maxlength") ?? 0);
    this.list = document.createElement("ul");
    this.list.className = "chosen-files field-wide";
    this.told = document.createElement("p");
    this.told.className = "hint chosen-told field-wide";
    this.told.setAttribute("role", "status");
    /** What got a random name, as it was chosen. @type {WeakMap<File, File>} */
    this.namedBefore = new WeakMap();
    this.randomly = this.switchOfNames();
    this.list.hidden = this.told.hidden = true;
    (field.closest(".field") ?? field).after(this.list, this.told);
    field.addEventListener("change", () => this.onChosen());
    this.takeOver();
  }

  /** The fields for one file after the other are not needed; what was chosen in them is. */
  takeOver() {
    const apart = this.form.querySelector(".files-apart");
    const fields = /** @type {NodeListOf<HTMLInputElement>} */ (this.form.querySelectorAll("input[type=file]"));
    const files = [...fields].flatMap((field) => [...(field.files ?? [])]);
    const there = files.map((file, place) => ({
      file: this.named(file),
      isHidden: apart?.querySelector(`[name="spoiler${place + 1}"]:checked`) instanceof HTMLInputElement,
      alt: fieldOf(this.form, altField(place))?.value ?? "",
    }));
    apart?.remove();
    if (there.length) {
      this.addChosen(there);
    }
  }

  /** The browser has put what was just chosen in the place of all that was there. */
  onChosen() {
    const now = [...(this.field.files ?? [])];
    if (this.isOurs) {
      return;
    }
    if (now.length === 0) {
      this.chosen = [];
      this.told.textContent = "";
      this.show();
    } else {
      this.add(now);
    }
  }

  /** @param {File[]} files */
  async add(files) {
    await this.addChosen(files.map((file) => ({ file: this.named(file), isHidden: false, alt: "" })));
  }

  /** @param {Chosen[]} added */
  async addChosen(added) {
    // At once, so that whoever sends the form now sends them too.
    this.chosen = this.filesMax === 1 ? added.slice(0, 1) : [...this.chosen, ...added].slice(0, this.filesMax);
    const left = this.filesMax === 1 ? added.length - 1 : added.filter((one) => !this.chosen.includes(one)).length;
    const told = left
      ? [say(msgs("{count} file too many: it was left out.", "{count} files too many: they were left out."), { count: left })]
      : [];
    this.show();
    for (const one of added.filter((one) => this.chosen.includes(one))) {
      told.push(...(await this.fitted(one)));
    }
    this.told.textContent = told.join(" ");
    this.told.hidden = told.length === 0;
    this.show();
  }

  /**
   * Makes a file fit for the board, or takes it out.
   *
   * @param {Chosen} one
   * @returns {Promise<string[]>} what its poster has to know
   */
  async fitted(one) {
    const { fileBytesMax } = await limitsOf(valueOf(this.form, "board"));
    const { accept, dataset } = this.field;
    const isTaken = !one.file.type || kindsOf(`${accept},${dataset.also ?? ""}`).includes(one.file.type);
    if (isTaken && one.file.size <= fileBytesMax) {
      return [];
    }
    const shrinking = await import("./shrinking.js").catch(() => null);
    const made = shrinking && (await shrinking.smaller(one.file, fileBytesMax));
    const name = one.file.name;
    if (made) {
      const told = say(msg("{name} is sent as {kind}, {size} instead of {before}."), {
        name,
        kind: made.type.replace("image/", "").toUpperCase(),
        size: megabytes(made.size),
        before: megabytes(one.file.size),
      });
      one.file = made;
      return [told];
    }
    this.chosen = this.chosen.filter((other) => other !== one);
    return [
      isTaken
        ? say(msg("{name} is too large: {size}, and {max} at most."), {
            name,
            size: megabytes(one.file.size),
            max: megabytes(fileBytesMax),
          })
        : say(msg("{name} is of a kind that this board does not take."), { name }),
    ];
  }

  /** Puts the list into the form, and draws it. */
  show() {
    setFiles(
      this.field,
      this.chosen.map(({ file }) => file),
    );
    this.field.required = this.isNeeded && this.chosen.length === 0;
    this.list.textContent = "";
    this.list.hidden = this.chosen.length === 0;
    this.chosen.forEach((one, place) => this.list.append(this.row(one, place)));
    if (this.chosen.length) {
      load(asset("form.css"));
      this.told.after(this.randomly);
    } else {
      this.randomly.remove();
    }
    this.isOurs = true;
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.isOurs = false;
  }

  /**
   * @param {Chosen} one
   * @param {number} place
   */
  row(one, place) {
    const { name, size } = one.file;
    const row = document.createElement("li");
    const words = document.createElement("span");
    words.className = "chosen-name";
    words.dir = "auto";
    words.textContent = `${name}, ${megabytes(size)}`;
    row.append(picture(one.file), words);
    if (this.filesMax > 1 && this.form.elements.namedItem("spoiler")) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.name = `spoiler${place + 1}`;
      box.checked = one.isHidden;
      box.addEventListener("change", () => {
        one.isHidden = box.checked;
      });
      label.append(box, " ", say(msg("Spoiler")));
      row.append(label);
    }
    if (this.chosen.length > 1) {
      row.append(
        button("↑", say(msg("Move {name} forward"), { name }), () => this.move(place, -1)),
        button("↓", say(msg("Move {name} back"), { name }), () => this.move(place, 1)),
      );
    }
    row.append(
      button("✕", say(msg("Remove {name}"), { name }), () => {
        this.chosen.splice(place, 1);
        this.told.textContent = "";
        this.show();
      }),
    );
    if (this.altCharsMax > 0) {
      row.append(this.description(one, place));
    }
    return row;
  }

  /**
   * @param {Chosen} one
   * @param {number} place
   */
  description(one, place) {
    const text = document.createElement("input");
    text.type = "text";
    text.name = altField(place);
    text.maxLength = this.altCharsMax;
    text.autocomplete = "off";
    text.dir = "auto";
    text.value = one.alt;
    text.placeholder = say(msg("Describe it for those who can't see it"));
    text.setAttribute("aria-label", say(msg("Description of {file}"), { file: one.file.name }));
    text.addEventListener("input", () => {
      one.alt = text.value;
    });
    return text;
  }

  /**
   * @param {number} place
   * @param {number} by
   */
  move(place, by) {
    const to = place + by;
    if (to >= 0 && to < this.chosen.length) {
      [this.chosen[place], this.chosen[to]] = [this.chosen[to], this.chosen[place]];
      this.show();
    }
  }

  switchOfNames() {
    const line = document.createElement("p");
    line.className = "field-check field-wide";
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = settings.isOn(RANDOM_NAMES, false);
    box.addEventListener("change", () => {
      settings.choose(RANDOM_NAMES, box.checked);
      this.chosen.forEach((one) => {
        one.file = this.named(this.namedBefore.get(one.file) ?? one.file);
      });
      this.show();
    });
    label.append(box, " ", say(msg("Give files random names")));
    line.append(label);
    return line;
  }

  /** @param {File} file */
  named(file) {
    if (!settings.isOn(RANDOM_NAMES, false) || /^\d{13}\./.test(file.name)) {
      return file;
    }
    const ending = /\.[A-Za-z0-9]{1,5}$/.exec(file.name)?.[0] ?? "";
    // As cameras of boards name them: thirteen digits.
    const chance = crypto.getRandomValues(new Uint32Array(2));
    const digits = String(10 ** 12 + ((chance[0] * 2 ** 20 + (chance[1] % 2 ** 20)) % (9 * 10 ** 12)));
    const named = new File([file], digits + ending, { type: file.type, lastModified: 0 });
    this.namedBefore.set(named, file);
    return named;
  }
}

/** @param {number} place from 0 */
function altField(place) {
  return place === 0 ? "file_alt" : `file_alt${place + 1}`;
}

/** @param {string} accept 'image/png,video/mp4' */
function kindsOf(accept) {
  return accept.split(",").map((kind) => kind.trim());
}

/** @param {number} bytes */
function megabytes(bytes) {
  const size = bytes / 1024 / 1024;
  return size < 0.1
    ? say(msg("{kilobytes} KB"), { kilobytes: Math.ceil(bytes / 1024) })
    : say(msg("{megabytes} MB"), { megabytes: Math.round(size * 10) / 10 });
}

/**
 * @param {string} sign
 * @param {string} label
 * @param {() => void} press
 */
function button(sign, label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", press);
  return made;
}

/**
 * Drawn, and not shown by an address of the file: for that the page's policy would have to let in
 * pictures that no server has.
 *
 * @param {File} file
 */
function picture(file) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = THUMB_PX;
  canvas.setAttribute("aria-hidden", "true");
  if (file.type.startsWith("image/")) {
    createImageBitmap(file).then(
      (bitmap) => {
        const scale = Math.min(1, THUMB_PX / bitmap.width, THUMB_PX / bitmap.height);
        const [width, height] = [bitmap.width * scale, bitmap.height * scale];
        canvas.getContext("2d")?.drawImage(bitmap, (THUMB_PX - width) / 2, (THUMB_PX - height) / 2, width, height);
        bitmap.close();
      },
      () => canvas.classList.add("no-picture"),
    );
  }
  return canvas;
}
