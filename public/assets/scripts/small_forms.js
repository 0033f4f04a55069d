/** A small form, sent without leaving the page: what the board says of it, and nothing else. */

import { msg, say } from "./words.js";

const ANSWER_MS_MAX = 30_000;

/**
 * @param {FormData} form
 * @param {string} [to]
 * @returns {Promise<string>} why it was refused; '' when it was done
 */
export async function send(form, to = "/post") {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), ANSWER_MS_MAX);
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(to, { method: "POST", body: form, headers, signal: giveUp.signal });
    const said = await answer.json();
    if (!answer.ok) {
      return typeof said.error === "string" ? said.error : say(msg("The board refused it, and didn't say why."));
    }
    return "";
  } catch {
    return say(msg("The board gives no answer just now: try again."));
  } finally {
    clearTimeout(timer);
  }
}
