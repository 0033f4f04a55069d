/**
 * Begins what scripts add to a page: each feature of `features.js` that is for this kind of page and
 * that the reader has not switched off. The page works before, without and after each; one that
 * fails leaves the others as they are.
 */

import { FEATURES } from "./features.js";
import { page } from "./page.js";
import { settings } from "./settings.js";

for (const feature of FEATURES) {
  if (feature.pages.includes(page.kind) && settings.isOn(feature.name, feature.isOn)) {
    feature
      .load()
      .then((module) => module.start(FEATURES))
      .catch((error) => console.error(`${feature.name} did not begin`, error));
  }
}
