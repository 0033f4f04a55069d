/** What a post says of itself, as text, for what looks at posts by their content. */

import { filesWithin, timOf } from "./files.js";

/** @typedef {import("./filter_rules.js").Facts} Facts */

/**
 * @param {Element} element a post
 * @param {string} board
 * @param {(tim: string) => string | undefined} md5Of
 * @returns {Facts}
 */
export function factsOf(element, board, md5Of = () => undefined) {
  const files = filesWithin(element);
  const named = (/** @type {string} */ name) => element.querySelector(`:scope > .intro ${name}`)?.textContent?.trim() ?? "";
  const flag = element.querySelector(":scope > .intro .flag");
  return {
    board,
    isOp: element.classList.contains("op"),
    text: textOf(element.querySelector(":scope > .body")),
    subject: named(".subject"),
    name: named(".name"),
    trip: named(".trip"),
    id: idOf(element),
    flag: flag?.getAttribute("title") ?? "",
    capcode: named(".capcode").replace(/^##\s*/, ""),
    email: named(".email"),
    filenames: files.map(({ name }) => name),
    md5s: files.map(({ tim }) => md5Of(tim)).filter((sum) => sum !== undefined),
  };
}

/**
 * A thread in the catalog.
 *
 * @param {Element} tile
 * @param {string} board
 * @param {(tim: string) => string | undefined} md5Of
 * @returns {Facts}
 */
export function factsOfTile(tile, board, md5Of) {
  const sum = md5Of(timOf(tile.querySelector("img.tile-image")?.getAttribute("src") ?? ""));
  return {
    board,
    isOp: true,
    text: textOf(tile.querySelector(".body")),
    subject: tile.querySelector(".tile-title")?.textContent?.trim() ?? "",
    name: "", trip: "", id: "", flag: "", capcode: "", email: "", filenames: [], md5s: sum === undefined ? [] : [sum],
  };
}

/**
 * @param {Element} element a post
 * @returns {string} '1a2b3c4d'
 */
export function idOf(element) {
  // "ID: 1a2b3c4d", in the page's language.
  return /([\w+/.-]+)(?:\s*\(.*\))?\s*$/.exec(element.querySelector(":scope > .intro .poster_id")?.textContent ?? "")?.[1] ?? "";
}

/**
 * @param {Element | null} body
 * @returns {string} its lines, without quoted posts that were opened in it
 */
function textOf(body) {
  if (!body) {
    return "";
  }
  let text = "";
  for (const node of body.childNodes) {
    if (node instanceof HTMLBRElement) {
      text += "\n";
    } else if (!(node instanceof Element && node.matches(".inline-quote"))) {
      text += node.textContent;
    }
  }
  return text;
}
