/**
 * All that scripts add to the pages, a row each. A feature is a module with a function `start()`,
 * loaded only where it is for; the page of settings draws its switches from this table.
 */

import { asset } from "./styles.js";
import { msg } from "./words.js";

/** @typedef {"thread" | "board" | "catalog" | "overboard" | "front" | "archive" | "search" | "settings" | "message" | "written"} PageKind */

/**
 * @typedef {object} Feature
 * @property {string} name under which the settings keep it; never changed
 * @property {import("./words.js").Message} title what its switch says
 * @property {boolean} isOn for a reader who never opened the settings
 * @property {readonly PageKind[]} pages
 * @property {() => boolean} [isThere] whether this site has it; without, each does
 * @property {string} [sheetWithout] the style sheet of readers without scripts, for whoever has switched it off
 * @property {() => Promise<{start: (all: readonly Feature[]) => unknown, stop?: () => unknown}>} load `start` is given this
 *   table, which a module can't import; `stop` takes away what stays in the browser, once it is switched off
 */

/** @type {readonly PageKind[]} */
const WITH_POSTS = ["thread", "board", "overboard", "archive", "search"];

/** @type {readonly PageKind[]} */
const EVERYWHERE = [...WITH_POSTS, "catalog", "front", "settings", "message", "written"];

/** @type {readonly PageKind[]} */
const WITH_FORM = ["thread", "board"];

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
  // --- writing ---
  {
    name: "posting",
    title: msg("Send posts without leaving the page, and again by themselves when the network was gone"),
    isOn: true,
    pages: EVERYWHERE,
    load: () => import("./posting.js"),
  },
  {
    name: "quick-reply",
    title: msg("Quick reply: a press on a post’s number quotes it in a panel"),
    isOn: true,
    pages: ["thread"],
    sheetWithout: asset("answering.css"),
    load: () => import("./quick_reply.js"),
  },
  {
    name: "remembered",
    title: msg("Remember name, email and password in this browser"),
    isOn: true,
    pages: WITH_FORM,
    load: () => import("./remembered.js"),
  },
  {
    name: "drafts",
    title: msg("Keep what is being written until it is posted"),
    isOn: true,
    pages: WITH_FORM,
    load: () => import("./drafts.js"),
  },
  {
    name: "chosen-files",
    title: msg("Files: drag, drop and paste them, see and arrange them"),
    isOn: true,
    pages: WITH_FORM,
    load: () => import("./chosen_files.js"),
  },
  {
    name: "text-keys",
    title: msg("Keys while writing (Ctrl+Enter sends, Ctrl+B marks), and a count near the limits"),
    isOn: true,
    pages: WITH_FORM,
    load: () => import("./text_keys.js"),
  },
  // --- following ---
  {
    name: "live",
    title: msg("Threads bring themselves up to date"),
    isOn: true,
    pages: ["thread"],
    load: () => import("./live_thread.js"),
  },
  {
    name: "unread",
    title: msg("A line above unread posts, and their number in the tab"),
    isOn: true,
    pages: ["thread"],
    load: () => import("./unread.js"),
  },
  {
    name: "you",
    title: msg("Mark my posts, and tell me of replies to them"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./you.js"),
  },
  {
    name: "poster-ids",
    title: msg("Colours for posters' IDs, and all posts of one when it is pressed"),
    isOn: true,
    pages: ["thread", "board", "overboard"],
    load: () => import("./poster_ids.js"),
  },
  {
    name: "navigation-keys",
    title: msg("Keys from post to post and from page to page"),
    isOn: true,
    pages: [...WITH_POSTS, "catalog"],
    load: () => import("./navigation_keys.js"),
  },
  {
    name: "watcher",
    title: msg("Watch threads, and see in a list what is new in them"),
    isOn: true,
    pages: [...WITH_POSTS, "catalog", "front"],
    load: () => import("./watcher.js"),
  },
  {
    name: "push",
    title: msg("A button that has me told of replies while the board is closed"),
    isOn: true,
    isThere: () => "push" in document.body.dataset,
    pages: ["thread", "settings"],
    load: () => import("./push.js"),
  },
  {
    name: "catalog-tools",
    title: msg("Order, size and search in the catalog"),
    isOn: true,
    pages: ["catalog"],
    load: () => import("./catalog_tools.js"),
  },
  {
    name: "settings-page",
    title: msg("This page of settings"),
    isOn: true,
    pages: ["settings"],
    load: () => import("./settings_page.js"),
  },
  {
    name: "offline-reading",
    title: msg("Keep threads that were read in this browser, to be read without a network"),
    isOn: true,
    pages: EVERYWHERE,
    load: () => import("./offline_reading.js"),
  },
  // --- reading ---
  {
    name: "quote-previews",
    title: msg("A post beside the link to it, when you point at the link"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./quote_previews.js"),
  },
  {
    name: "quote-inline",
    title: msg("A press on a link to a post opens the post below the link"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./quote_inline.js"),
  },
  {
    name: "quote-jumps",
    title: msg("Links to posts of this page load nothing"),
    isOn: true,
    pages: ["thread"],
    load: () => import("./quote_jumps.js"),
  },
  {
    name: "quote-marks",
    title: msg("Marks on links: (You), (other thread), (gone)"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./quote_marks.js"),
  },
  {
    name: "conversation",
    title: msg("A post with all that it answers and that answers it"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./conversation.js"),
  },
  {
    name: "post-menu",
    title: msg("A menu at each post"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./post_menu.js"),
  },
  {
    name: "picture-expansion",
    title: msg("A press on a thumbnail shows the picture in its place"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./picture_expansion.js"),
  },
  {
    name: "full-size",
    title: msg("Pictures in their full size, also where the screen is smaller"),
    isOn: false,
    pages: WITH_POSTS,
    load: () => import("./full_size.js"),
  },
  {
    name: "gallery",
    title: msg("A gallery of all pictures of the page"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./gallery.js"),
  },
  {
    name: "picture-hover",
    title: msg("The picture in its full size when the mouse points at its thumbnail"),
    isOn: false,
    pages: WITH_POSTS,
    load: () => import("./picture_hover.js"),
  },
  {
    name: "players",
    title: msg("Films and sounds: one at a time, as loud as the last one"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./players.js"),
  },
  {
    name: "looping",
    title: msg("Films and sounds begin anew when they are over"),
    isOn: false,
    pages: WITH_POSTS,
    load: () => import("./looping.js"),
  },
  {
    name: "spoilers",
    title: msg("Spoilers are shown like anything else"),
    isOn: false,
    pages: WITH_POSTS,
    load: () => import("./spoilers.js"),
  },
  {
    name: "image-search",
    title: msg("Links to search engines for pictures"),
    isOn: false,
    pages: WITH_POSTS,
    load: () => import("./image_search.js"),
  },
  {
    name: "post-actions",
    title: msg("Reporting and deleting from the menu of a post"),
    isOn: true,
    pages: WITH_POSTS,
    load: () => import("./post_actions.js"),
  },
  {
    name: "desk",
    title: msg("For staff: a way from the menu of a post to the desk"),
    isOn: false,
    pages: WITH_POSTS,
    load: () => import("./desk_entry.js"),
  },
  {
    name: "hiding",
    title: msg("Hiding posts, threads and pictures one by one"),
    isOn: true,
    pages: [...WITH_POSTS, "catalog"],
    load: () => import("./hiding.js"),
  },
  {
    name: "filters",
    title: msg("Filters that hide or highlight posts"),
    isOn: true,
    pages: [...WITH_POSTS, "catalog"],
    load: () => import("./filtering.js"),
  },
  {
    name: "thread-zip",
    title: msg("A thread with its files as a ZIP, to be read offline"),
    isOn: true,
    pages: ["thread"],
    load: () => import("./thread_zip.js"),
  },
];
