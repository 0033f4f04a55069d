/** A word of the page that can be pressed: where a button would make its line higher, or not break. */

/**
 * @param {HTMLElement} word
 * @param {() => void} press by a pointer, Enter or the space bar
 */
export function makePressable(word, press) {
  word.tabIndex = 0;
  word.setAttribute("role", "button");
  word.addEventListener("click", press);
  word.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      press();
    }
  });
}
