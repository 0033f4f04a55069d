/** A colour for each poster's ID; pressing one marks all posts of it, and says how many there are. */

import { each } from "./posts.js";
import { makePressable } from "./pressable.js";
import { asset, load } from "./styles.js";
import { msgs, say } from "./words.js";

/** @type {string | null} the ID that is marked */
let chosen = null;
/** The labels of each ID. @type {Map<string, Set<HTMLElement>>} */
const labelsOf = new Map();

export function start() {
  let isDressed = false;
  each(({ element }) => {
    const label = element.querySelector(".poster_id");
    const id = idOf(element);
    if (label instanceof HTMLElement && id) {
      if (!isDressed) {
        isDressed = true;
        load(asset("live.css"));
      }
      const labels = labelsOf.get(id) ?? new Set();
      labelsOf.set(id, labels);
      if (!labels.has(label)) {
        labels.add(label);
        label.style.setProperty("--id-hue", String(hueOf(id)));
        makePressable(label, () => choose(chosen === id ? null : id));
        mark(label, chosen === id);
      }
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

/** @param {HTMLElement} element a post */
function idOf(element) {
  return element.querySelector(".poster_id")?.textContent?.trim().split(" ").at(-1) ?? null;
}

/** @param {string | null} id */
function choose(id) {
  for (const label of labelsOn(chosen)) {
    mark(label, false);
    delete label.dataset.count;
  }
  chosen = id;
  const labels = labelsOn(id);
  for (const label of labels) {
    mark(label, true);
    label.dataset.count = say(msgs("({count} post)", "({count} posts)"), { count: labels.length });
  }
}

/** @param {string | null} id */
function labelsOn(id) {
  return [...(labelsOf.get(id ?? "") ?? [])].filter((label) => label.isConnected);
}

/**
 * @param {HTMLElement} label
 * @param {boolean} isChosen
 */
function mark(label, isChosen) {
  label.closest("article.post")?.classList.toggle("same-poster", isChosen);
  label.setAttribute("aria-pressed", String(isChosen));
}
