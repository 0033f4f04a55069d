/**
 * Posts hidden or highlighted by the reader's own rules: made from the menu of a post with one
 * press, or written in the panel.
 */

import * as curtain from "./curtain.js";
import { learn, sumOf, sumsOfPost } from "./file_sums.js";
import { RULES_KEPT as NAME, RULES_MAX, exactly, judge, readRules, titleOf } from "./filter_rules.js";
import * as kept from "./kept.js";
import { addMenuEntry } from "./menu_entries.js";
import { tell } from "./notices.js";
import { page } from "./page.js";
import { factsOf, factsOfTile } from "./post_facts.js";
import { each, within } from "./posts.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */
/** @typedef {import("./filter_rules.js").Rule} Rule */
/** @typedef {import("./filter_rules.js").Field} Field */

/** Rules that a press in the menu of a post makes. @type {[import("./words.js").Message, Field, "id" | "name" | "trip"][]} */
const ONE_PRESS = [
  [msg("Hide all by this ID"), "id", "id"],
  [msg("Hide all by this name"), "name", "name"],
  [msg("Hide all by this tripcode"), "trip", "trip"],
];

export function start() {
  for (const [title, field, fact] of ONE_PRESS) {
    addMenuEntry({
      rank: 50,
      title,
      isFor: ({ element, board }) => factsOf(element, board)[fact] !== "",
      press: ({ element, board }) => addRule(field, exactly(factsOf(element, board)[fact]), field === "id" ? [board] : []),
    });
  }
  addMenuEntry({
    rank: 51,
    title: msg("Hide its pictures everywhere"),
    isFor: ({ element }) => element.querySelector(".file a.postfilename") !== null,
    press: hideFilesOf,
  });
  addMenuEntry({ rank: 52, title: msg("Filters…"), isFor: () => true, press: openPanel });
  let judged = judge(rules());
  each((post) => apply(post, judged));
  const all = () => {
    judged = judge(rules());
    within(document).forEach((post) => apply(post, judged));
    applyToTiles(judged);
  };
  const allOnceSumsAreKnown = () => {
    all();
    if (rules().some(({ field }) => field === "md5")) {
      learn().then(all, () => undefined);
    }
  };
  kept.onChange(NAME, allOnceSumsAreKnown);
  applyToTiles(judged);
  if (rules().length > 0) {
    load(asset("reading.css"));
    allOnceSumsAreKnown();
  }
}

/** @returns {Rule[]} */
function rules() {
  return readRules(kept.read(NAME, []));
}

/**
 * @param {Field} field
 * @param {string} pattern
 * @param {string[]} boards
 */
function addRule(field, pattern, boards = []) {
  if (rules().length >= RULES_MAX) {
    tell(say(msg("There are {count} filters, as many as can be: remove one first."), { count: RULES_MAX }), { isBad: true });
    return;
  }
  /** @type {Rule} */
  const rule = { field, pattern, effect: "stub", only: "all", boards, replies: false };
  kept.change(NAME, /** @type {Rule[]} */ ([]), () => [...rules(), rule]);
}

/** @param {Post} post */
async function hideFilesOf({ board, no }) {
  try {
    for (const sum of await sumsOfPost(board, no)) {
      addRule("md5", sum);
    }
  } catch {
    tell(say(msg("The board gives no answer just now: try again.")), { isBad: true });
  }
}

async function openPanel() {
  const { openDialog } = await import("./filter_panel.js");
  openDialog();
}

/**
 * @param {Post} post
 * @param {ReturnType<typeof judge>} judged
 */
function apply(post, judged) {
  const { element } = post;
  const rule = judged(factsOf(element, post.board, sumOf));
  element.classList.toggle("is-highlighted", rule?.effect === "highlight");
  const no = String(post.no);
  // A thread is hidden as a whole where it is one of many; its own page was asked for.
  const thread = element.classList.contains("op") ? element.closest("section.thread") : null;
  const place = thread ?? element;
  if (!(place instanceof HTMLElement) || (thread && page.kind === "thread")) {
    return;
  }
  if (rule && rule.effect !== "highlight") {
    if (rule.replies && !curtain.wasShownAnyway(place)) {
      curtain.hideReplies(post);
    }
    const label = say(msg("Post {no} is hidden: {filter}."), { no, filter: titleOf(rule) });
    curtain.hide(place, { label, hasStub: rule.effect === "stub", lift: () => curtain.leaveReplies(post) });
  } else if (!thread && curtain.isReplyToHidden(post)) {
    curtain.hideReplies(post);
    curtain.hide(element, { label: say(msg("Post {no}, a reply to a hidden one."), { no }), hasStub: true });
  }
}

/** @param {ReturnType<typeof judge>} judged */
function applyToTiles(judged) {
  for (const tile of document.querySelectorAll("li.tile")) {
    const link = tile.querySelector(".tile-title a");
    const board = link instanceof HTMLAnchorElement ? new URL(link.href).pathname.split("/")[1] : "";
    const rule = judged(factsOfTile(tile, board));
    tile.classList.toggle("is-highlighted", rule?.effect === "highlight");
    if (rule && rule.effect !== "highlight" && tile instanceof HTMLElement) {
      const label = say(msg("A thread is hidden: {filter}."), { filter: titleOf(rule) });
      curtain.hide(tile, { label, hasStub: rule.effect === "stub" });
    }
  }
}
