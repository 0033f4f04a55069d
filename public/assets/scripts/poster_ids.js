/** A colour for each poster's ID; pressing one marks all posts of it, and says how many there are. */

import { each, within } from "./posts.js";
import { makePressable } from "./pressable.js";
import { asset, load } from "./styles.js";
import { msgs, say } from "./words.js";

/** @type {string | null} the ID that is marked */
let chosen = null;

export function start() {
  let isDressed = false;
  each((post) => {
    const label = post.element.querySelector(".poster_id");
    const id = idOf(post);
    if (label instanceof HTMLElement && id) {
      if (!isDressed) {
        isDressed = true;
        load(asset("live.css"));
      }
      label.style.setProperty("--id-hue", String(hueOf(id)));
      makePressable(label, () => choose(chosen === id ? null : id));
      mark(post);
    }
  });
}

/**
 * @param {string} id
 * @returns {number} of a colour wheel; the same for the same ID
 */
export function hueOf(id) {
  let sum = 0;
  for (const letter of id) {
    sum = (sum * 31 + letter.charCodeAt(0)) % 3600;
  }
  return sum % 360;
}

/** @param {import("./posts.js").Post} post */
function idOf({ element }) {
  return element.querySelector(".poster_id")?.textContent?.trim().split(" ").at(-1) ?? null;
}

/** @param {string | null} id */
function choose(id) {
  chosen = id;
  const posts = within(document);
  const count = posts.filter((post) => idOf(post) === id).length;
  for (const post of posts) {
    mark(post);
    const label = post.element.querySelector(".poster_id");
    if (label instanceof HTMLElement && idOf(post) === id) {
      label.dataset.count = say(msgs("({count} post)", "({count} posts)"), { count });
    } else if (label instanceof HTMLElement) {
      delete label.dataset.count;
    }
  }
}

/** @param {import("./posts.js").Post} post */
function mark(post) {
  const isChosen = chosen !== null && idOf(post) === chosen;
  post.element.classList.toggle("same-poster", isChosen);
  post.element.querySelector(".poster_id")?.setAttribute("aria-pressed", String(isChosen));
}
