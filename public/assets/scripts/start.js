/**
 * Begins what scripts add to a page: each feature of `features.js` that is for this kind of page and
 * that the reader has not switched off. The page works before, without and after each; one that
 * fails leaves the others as they are. Whoever imports this waits until all have begun.
 */

import { FEATURES } from "./features.js";
import * as kept from "./kept.js";
import { page } from "./page.js";
import { settings } from "./settings.js";
import { rest } from "./slices.js";
import { load } from "./styles.js";

/** Those that have left something in the browser, and are to be told when they are switched off. */
const STAYING = "staying";

const begun = [];
for (const feature of FEATURES.filter(({ pages, isThere }) => pages.includes(page.kind) && (isThere?.() ?? true))) {
  // PERF: to ask for all modules in the task in which the page was read took a slow phone 50 ms more of it.
  await rest();
  if (settings.isOn(feature.name, feature.isOn)) {
    begun.push(begin(feature));
  } else {
    begun.push(end(feature));
  }
}
await Promise.all(begun);

/** @param {import("./features.js").Feature} feature */
async function begin(feature) {
  try {
    const module = await feature.load();
    await rest();
    await module.start(FEATURES);
    if (module.stop && !staying().includes(feature.name)) {
      kept.write(STAYING, [...staying(), feature.name]);
    }
  } catch (error) {
    console.error(`${feature.name} did not begin`, error);
  }
}

/** @param {import("./features.js").Feature} feature that is switched off */
async function end(feature) {
  if (feature.sheetWithout) {
    load(feature.sheetWithout);
  }
  if (staying().includes(feature.name)) {
    try {
      await (await feature.load()).stop?.();
      kept.write(STAYING, staying().filter((name) => name !== feature.name));
    } catch (error) {
      console.error(`${feature.name} did not end`, error);
    }
  }
}

/** @returns {string[]} */
function staying() {
  const names = /** @type {unknown} */ (kept.read(STAYING, null));
  return Array.isArray(names) ? names : [];
}
