/**
 * Begins what scripts add to a page: each feature of `features.js` that is for this kind of page and
 * that the reader has not switched off. The page works before, without and after each; one that
 * fails leaves the others as they are.
 */

import { FEATURES } from "./features.js";
import * as kept from "./kept.js";
import { page } from "./page.js";
import { settings } from "./settings.js";
import { load } from "./styles.js";

/** Those that have left something in the browser, and are to be told when they are switched off. */
const STAYING = "staying";

for (const feature of FEATURES.filter((feature) => feature.pages.includes(page.kind))) {
  const isOn = settings.isOn(feature.name, feature.isOn);
  if (!isOn && feature.sheetWithout) {
    load(feature.sheetWithout);
  }
  if (isOn) {
    feature
      .load()
      .then((module) => {
        module.start(FEATURES);
        if (module.stop && !staying().includes(feature.name)) {
          kept.write(STAYING, [...staying(), feature.name]);
        }
      })
      .catch((error) => console.error(`${feature.name} did not begin`, error));
  } else if (staying().includes(feature.name)) {
    feature
      .load()
      .then((module) => module.stop?.())
      .then(() => kept.write(STAYING, staying().filter((name) => name !== feature.name)))
      .catch((error) => console.error(`${feature.name} did not end`, error));
  }
}

/** @returns {string[]} */
function staying() {
  const names = /** @type {unknown} */ (kept.read(STAYING, null));
  return Array.isArray(names) ? names : [];
}
