/**
 * All that scripts add to the pages, a row each. A feature is a module with a function `start()`,
 * loaded only where it is for; the page of settings draws its switches from this table.
 */

import { msg } from "./words.js";

/** @typedef {"thread" | "board" | "catalog" | "overboard" | "front" | "archive" | "search" | "settings" | "message" | "written"} PageKind */

/**
 * @typedef {object} Feature
 * @property {string} name under which the settings keep it; never changed
 * @property {import("./words.js").Message} title what its switch says
 * @property {boolean} isOn for a reader who never opened the settings
 * @property {readonly PageKind[]} pages
 * @property {() => Promise<{start: () => void}>} load
 */

/** @type {readonly PageKind[]} */
const WITH_POSTS = ["thread", "board", "overboard", "archive", "search"];

/** @type {readonly PageKind[]} */
const EVERYWHERE = [...WITH_POSTS, "catalog", "front", "settings", "message", "written"];

/** @type {readonly Feature[]} */
export const FEATURES = [
  {
    name: "relative-times",
    title: msg("Times as “5 minutes ago”"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./relative_times.js"),
  },
  {
    name: "keys",
    title: msg("Keys for what is done often: press ? for the list"),
    isOn: true,
    pages: EVERYWHERE,
    load: () => import("./key_map.js"),
  },
  // --- following ---
  {
    name: "live",
    title: msg("Threads bring themselves up to date"),
    isOn: true,
    pages: ["thread"],
    load: () => import("./live_thread.js"),
  },
];
