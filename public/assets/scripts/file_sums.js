/** The MD5 sums of the files on this page, which its JSON has: asked for only when a filter needs them. */

import { askForJson } from "./asking.js";
import { page } from "./page.js";

/** @type {Map<string, string>} by tim */
const sums = new Map();

/** @param {string} tim '1795500950388' */
export function sumOf(tim) {
  return sums.get(tim);
}

/**
 * @returns {Promise<void>} once they are known, as far as the board tells them
 */
export async function learn() {
  const address = addressOfJson();
  if (address) {
    gather(await askForJson(address), 0);
  }
}

/** @returns {string | null} */
function addressOfJson() {
  if (page.thread !== null) {
    return `/${page.board}/res/${page.thread}.json`;
  }
  const [, folder, name] = /^(.*\/)(?:(\w+)\.html)?$/.exec(location.pathname) ?? [];
  if (page.kind === "catalog") {
    return `${folder}catalog.json`;
  }
  return page.kind === "board" ? `${folder}${(Number(name) || 1) - 1}.json` : null;
}

/**
 * Whatever has a file's name and sum, wherever in the answer it stands.
 *
 * @param {unknown} value
 * @param {number} depth
 */
function gather(value, depth) {
  if (typeof value !== "object" || value === null || depth > 8) {
    return;
  }
  const { tim, md5 } = /** @type {Record<string, unknown>} */ (value);
  if (typeof tim === "string" && typeof md5 === "string") {
    sums.set(tim, md5);
  }
  for (const inner of Object.values(value)) {
    gather(inner, depth + 1);
  }
}

/**
 * @param {string} board
 * @param {number} no
 * @returns {Promise<string[]>} of the files of one post
 */
export async function sumsOfPost(board, no) {
  const post = /** @type {Record<string, unknown> | null} */ (await askForJson(`/${board}/post/${no}.json`));
  const extra = Array.isArray(post?.extra_files) ? post.extra_files : [];
  return [post, ...extra].map((file) => file?.md5).filter((sum) => typeof sum === "string");
}
