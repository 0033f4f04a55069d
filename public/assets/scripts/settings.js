/** What the reader has chosen. Whoever never chose has each feature as its row says. */

import * as kept from "./kept.js";

const NAME = "settings";

/** @typedef {Record<string, unknown>} Chosen by the name of what was chosen */

export const settings = {
  /**
   * @param {string} name
   * @param {boolean} otherwise
   */
  isOn(name, otherwise) {
    const value = chosen()[name];
    return typeof value === "boolean" ? value : otherwise;
  },

  /**
   * @template {string | number} T
   * @param {string} name
   * @param {T} otherwise also where something of another type was chosen
   * @returns {T}
   */
  value(name, otherwise) {
    const value = chosen()[name];
    return typeof value === typeof otherwise ? /** @type {T} */ (value) : otherwise;
  },

  /**
   * @param {string} name
   * @param {boolean | string | number | undefined} value undefined: as it was at first
   */
  choose(name, value) {
    kept.change(NAME, {}, (before) => {
      const after = { ...(isChosen(before) ? before : {}), [name]: value };
      if (value === undefined) {
        delete after[name];
      }
      return after;
    });
  },

  /** @param {() => void} listener */
  onChange(listener) {
    kept.onChange(NAME, listener);
  },
};

/** @returns {Chosen} */
function chosen() {
  const value = kept.read(NAME, {});
  return isChosen(value) ? value : {};
}

/**
 * @param {unknown} value
 * @returns {value is Chosen}
 */
function isChosen(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
