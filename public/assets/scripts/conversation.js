/**
 * A post with what it answers and all that answers it, as one conversation: replies stand below and
 * within what they reply to.
 */

import { addMenuEntry } from "./menu_entries.js";
import { each } from "./posts.js";
import { makePressable } from "./pressable.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

export function start() {
  load(asset("reading.css"));
  addMenuEntry({ rank: 10, title: msg("Show the conversation"), isFor: () => true, press: show });
  each((post) => {
    const replies = post.element.querySelector(":scope > .mentioned");
    const word = replies?.firstChild;
    if (word instanceof Text) {
      const button = document.createElement("span");
      button.className = "conversation-button";
      button.textContent = word.data.trim();
      button.title = say(msg("Show the conversation"));
      makePressable(button, () => show(post));
      word.replaceWith(button, " ");
    }
  });
}

/** @param {import("./posts.js").Post} post */
async function show(post) {
  (await import("./conversation_view.js")).show(post);
}
