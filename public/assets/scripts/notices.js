/** Short notes to the reader, at the edge of the page; read aloud by whoever has pages read out. */

const SHOWN_MS = 6000;

/** @type {HTMLElement | null} */
let place = null;

/**
 * @param {string} sentence
 * @param {{isBad?: boolean, action?: {label: string, act: () => void}}} [more] what went wrong
 *   stays until it is pressed away
 */
export function tell(sentence, more = {}) {
  const note = document.createElement("p");
  note.className = more.isBad ? "note note-bad" : "note";
  note.textContent = sentence;
  if (more.action) {
    const { label, act } = more.action;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      note.remove();
      act();
    });
    note.append(" ", button);
  }
  note.addEventListener("click", () => note.remove());
  placeOfNotes().append(note);
  if (!more.isBad && !more.action) {
    setTimeout(() => note.remove(), SHOWN_MS);
  }
}

/** @returns {HTMLElement} */
function placeOfNotes() {
  if (!place) {
    place = document.createElement("div");
    place.className = "notes";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  return place;
}
