/**
 * The reader's rules at work on this page. Loaded where there are any, or when the first one is made.
 */

import * as curtain from "./curtain.js";
import { learn, sumOf, sumsOfPost } from "./file_sums.js";
import { RULES_MAX, exactly, judge, readRules, titleOf } from "./filter_rules.js";
import * as kept from "./kept.js";
import { tell } from "./notices.js";
import { page } from "./page.js";
import { placeOf } from "./post_addresses.js";
import { factsOf, factsOfTile } from "./post_facts.js";
import { each, eachNow } from "./posts.js";
import { RULES_KEPT } from "./rules_kept.js";
import { asset, load } from "./styles.js";
import { msg, say } from "./words.js";

/** @typedef {import("./posts.js").Post} Post */
/** @typedef {import("./filter_rules.js").Rule} Rule */
/** @typedef {import("./filter_rules.js").Field} Field */

/** What a rule hides, until there is no such rule any more. @type {WeakSet<Element>} */
const hiddenByRule = new WeakSet();
let judged = judge(rules());

load(asset("reading.css"));
// What answers a hidden post stands below it.
each(apply, { inOrder: true });
kept.onChange(RULES_KEPT, allOnceSumsAreKnown);
allOnceSumsAreKnown();

function all() {
  judged = judge(rules());
  eachNow(apply, { inOrder: true });
  applyToTiles();
}

function allOnceSumsAreKnown() {
  all();
  if (rules().some(({ field }) => field === "md5")) {
    learn().then(all, () => undefined);
  }
}

/** @returns {Rule[]} */
function rules() {
  return readRules(kept.read(RULES_KEPT, []));
}

/**
 * @param {Field} field
 * @param {string} value exactly which
 * @param {string[]} boards
 */
export function hideAllBy(field, value, boards) {
  addRule(field, exactly(value), boards);
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
  kept.change(RULES_KEPT, /** @type {Rule[]} */ ([]), () => [...rules(), rule]);
}

/** @param {Post} post */
export async function hideFilesOf({ board, no }) {
  try {
    for (const sum of await sumsOfPost(board, no)) {
      addRule("md5", sum);
    }
  } catch {
    tell(say(msg("The board gives no answer just now: try again.")), { isBad: true });
  }
}

/** @param {Post} post */
function apply(post) {
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
    hide(place, { label, hasStub: rule.effect === "stub", lift: () => curtain.leaveReplies(post) });
    return;
  }
  if (hiddenByRule.delete(place)) {
    curtain.show(place);
    curtain.leaveReplies(post);
  }
  if (!thread && curtain.isReplyToHidden(post)) {
    curtain.hideReplies(post);
    hide(element, { label: say(msg("Post {no}, a reply to a hidden one."), { no }), hasStub: true });
  }
}

/**
 * @param {HTMLElement} element
 * @param {import("./curtain.js").Why} why
 */
function hide(element, why) {
  if (!element.hidden) {
    hiddenByRule.add(element);
  }
  curtain.hide(element, why);
}

function applyToTiles() {
  for (const tile of document.querySelectorAll("li.tile")) {
    const link = tile.querySelector(".tile-title a");
    const board = (link instanceof HTMLAnchorElement && placeOf(link.href)?.board) || "";
    const rule = judged(factsOfTile(tile, board, sumOf));
    tile.classList.toggle("is-highlighted", rule?.effect === "highlight");
    if (rule && rule.effect !== "highlight" && tile instanceof HTMLElement) {
      const label = say(msg("A thread is hidden: {filter}."), { filter: titleOf(rule) });
      hide(tile, { label, hasStub: rule.effect === "stub" });
    } else if (tile instanceof HTMLElement && hiddenByRule.delete(tile)) {
      curtain.show(tile);
    }
  }
}
