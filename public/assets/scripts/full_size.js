/** Pictures that are shown large have their full size, also where that is wider than the screen. */

export function start() {
  document.documentElement.classList.add("is-at-full-size");
}
