/** What a board allows, as boards.json has it: asked for once, when somebody writes or picks a file. */

import { askForJson } from "./asking.js";

/** @typedef {{linesMax: number, fileBytesMax: number, filesMax: number}} Limits Infinity: not known */

/** @type {Promise<unknown> | null} */
let asked = null;

/**
 * @param {string} board
 * @returns {Promise<Limits>}
 */
export async function limitsOf(board) {
  asked ??= askForJson("/boards.json").catch(() => {
    asked = null;
    return null;
  });
  return limitsIn(await asked, board);
}

/**
 * @param {unknown} list boards.json
 * @param {string} board
 * @returns {Limits}
 */
export function limitsIn(list, board) {
  const boards = /** @type {{boards?: Record<string, unknown>[]} | null} */ (list)?.boards;
  const found = Array.isArray(boards) ? boards.find((row) => row?.board === board) : undefined;
  const number = (/** @type {string} */ name) => (typeof found?.[name] === "number" ? found[name] : Infinity);
  return { linesMax: number("body_lines_max"), fileBytesMax: number("max_filesize"), filesMax: number("max_files") };
}
