/**
 * The line that says how sending goes, with a bar and a button that ends it: below the form, or, where
 * the reader may look elsewhere, at the edge of the page.
 */

import { msg, say } from "./words.js";

export class SendingLine {
  /**
   * @param {HTMLFormElement | null} form nothing can be changed in it meanwhile; null: the form of
   *   another page
   * @param {string} [heading] at the edge of the page it says first what is sent
   */
  constructor(form, heading = "") {
    this.form = form;
    this.isAtEdge = heading !== "";
    /** Whether all of it has gone once: then it may have arrived. */
    this.hasLeft = false;
    this.element = document.createElement("div");
    this.element.className = this.isAtEdge ? "sending-line sending-unseen" : "sending-line";
    this.words = document.createElement("p");
    this.words.setAttribute("role", "status");
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.bar.hidden = true;
    this.bar.setAttribute("aria-label", say(msg("Sent so far")));
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.textContent = say(msg("Cancel"));
    if (heading) {
      const line = document.createElement("p");
      line.textContent = heading;
      this.element.append(line);
    }
    this.element.append(this.words, this.bar, this.button);
  }

  /**
   * @param {string} sentence
   * @param {() => void} cancel
   */
  begin(sentence, cancel) {
    this.button.addEventListener("click", cancel, { once: true });
    if (this.form) {
      this.form.inert = true;
    }
    if (this.form && !this.isAtEdge) {
      this.form.after(this.element);
    } else {
      document.body.append(this.element);
    }
    this.say(sentence);
  }

  /** @param {string} sentence */
  say(sentence) {
    if (this.words.textContent !== sentence) {
      this.words.textContent = sentence;
    }
  }

  /** @param {number} part from 0 to 1 */
  progress(part) {
    this.hasLeft ||= part === 1;
    this.bar.hidden = part === 0;
    this.bar.value = part;
  }

  end() {
    if (this.form) {
      this.form.inert = false;
    }
    this.element.remove();
  }
}
