/**
 * Style sheets for what only scripts show: a reader without it, or who never asks for it, does not
 * load them.
 */

/** @type {Map<string, Promise<void>>} by address */
const loading = new Map();

/**
 * The address of a file of public/assets/ by its plain name: the published script has the hashed
 * address in the name's place.
 *
 * @param {string} name 'reading.css'
 */
export function asset(name) {
  return name.startsWith("/") ? name : `/assets/${name}`;
}

/**
 * @param {string} address `asset("reading.css")`
 * @returns {Promise<void>} kept once it is there, or can't be had: what it dresses can be used undressed
 */
export function load(address) {
  const known = loading.get(address);
  if (known) {
    return known;
  }
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  const loaded = new Promise((resolve) => {
    link.addEventListener("load", () => resolve(undefined));
    link.addEventListener("error", () => resolve(undefined));
  });
  loading.set(address, /** @type {Promise<void>} */ (loaded));
  document.head.append(link);
  return /** @type {Promise<void>} */ (loaded);
}
