/**
 * Whether this browser need not solve a captcha just now: whoever has solved one is spared the next
 * ones by a pass. The pass itself is a cookie that no script sees; what is kept here is for how many
 * posts it may be good. If that is wrong, one post is refused, and captchas are solved as ever.
 */

import { read, write } from "./kept.js";

/** @typedef {import("./delivering.js").Pass} Pass */

/** A post that is nearly too late is sent with an answer. */
const SPARE_S = 60;

/** @param {string} board */
export function isSpared(board) {
  const { posts, expires } = left(board);
  return posts > 0 && Date.now() / 1000 < expires - SPARE_S;
}

/**
 * @param {HTMLFormElement} form
 * @returns {string} its board's name
 */
export function boardOf(form) {
  return /** @type {HTMLInputElement | null} */ (form.querySelector("[name=board]"))?.value ?? "";
}

/**
 * What the server's answer to a post says of it.
 *
 * @param {string} board
 * @param {import("./delivering.js").Outcome} outcome
 */
export function note(board, outcome) {
  const earned =
    (outcome.kind === "stored" && outcome.stored.captcha_pass) ||
    (outcome.kind === "refused" && outcome.refusal.captcha_pass);
  if (earned) {
    write(nameFor(board), { posts: earned.posts, expires: earned.expires });
  } else if (outcome.kind === "refused" && outcome.refusal.captcha) {
    write(nameFor(board), undefined);
  } else if (outcome.kind === "stored" && isSpared(board)) {
    const { posts, expires } = left(board);
    write(nameFor(board), { posts: posts - 1, expires });
  }
}

/**
 * @param {string} board
 * @returns {Pass}
 */
function left(board) {
  const kept = /** @type {Partial<Pass> | null} */ (read(nameFor(board), null));
  return { posts: Number(kept?.posts) || 0, expires: Number(kept?.expires) || 0 };
}

/** @param {string} board */
function nameFor(board) {
  return `captcha-pass-${board}`;
}
