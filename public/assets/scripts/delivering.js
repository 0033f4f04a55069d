/**
 * One try to bring a post to the server. It ends with the server's word, or with none; a slow network
 * may take as long as it likes, while anything moves.
 */

/** Nothing has moved for so long: there will be no answer. */
const SILENCE_MS_MAX = 60_000;
/** Of a proxy before a server that is not there, of a CDN without one. */
const TO_BE_TRIED_AGAIN = new Set([0, 408, 502, 503, 504, 520, 521, 522, 523, 524]);

/** @typedef {{posts: number, expires: number}} Pass spares the next captchas; expires: seconds since 1970 */
/** @typedef {{id: string, thread: string, redirect: string, noko: boolean, html: string, captcha_pass?: Pass}} Stored */
/**
 * @typedef {object} Refusal
 * @property {string} error a sentence
 * @property {string} [code]
 * @property {string} [field]
 * @property {number} [retry_after] seconds
 * @property {boolean} [banned]
 * @property {{id: number, board: string | null, reason: string, created: number, expires: number | null,
 *   may_appeal: boolean, appeal: {body: string, answer: string | null} | null}} [ban]
 * @property {{provider: string, site_key: string, challenge?: string}} [captcha]
 * @property {Pass} [captcha_pass]
 * @property {string} [request_id]
 */
/**
 * @typedef {{kind: "stored", stored: Stored} | {kind: "preview", html: string} |
 *   {kind: "held", sentence: string} | {kind: "refused", refusal: Refusal} | {kind: "no answer"} | {kind: "cancelled"}} Outcome
 */

/**
 * @param {string} address
 * @param {FormData} form
 * @param {{key?: string, signal?: AbortSignal, sent?: (part: number) => void}} how `sent` is told how
 *   much of the form has gone, from 0 to 1
 * @returns {Promise<Outcome>}
 */
export function deliver(address, form, how = {}) {
  return new Promise((resolve) => {
    // fetch does not tell how far an upload has come.
    const request = new XMLHttpRequest();
    /** @type {ReturnType<typeof setTimeout>} */
    let silence;
    const stop = () => request.abort();
    const end = (/** @type {Outcome} */ outcome) => {
      clearTimeout(silence);
      how.signal?.removeEventListener("abort", stop);
      resolve(outcome);
    };
    const moved = () => {
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_MS_MAX);
    };
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    if (how.key) {
      request.setRequestHeader("Idempotency-Key", how.key);
    }
    request.upload.addEventListener("progress", (event) => {
      moved();
      how.sent?.(event.lengthComputable ? event.loaded / event.total : 0);
    });
    request.addEventListener("progress", moved);
    request.addEventListener("load", () => end(outcomeOf(request.status, request.responseText)));
    request.addEventListener("error", () => end({ kind: "no answer" }));
    request.addEventListener("abort", () => end({ kind: how.signal?.aborted ? "cancelled" : "no answer" }));
    how.signal?.addEventListener("abort", stop);
    moved();
    request.send(form);
  });
}

/**
 * @param {number} status
 * @param {string} text
 * @returns {Outcome}
 */
export function outcomeOf(status, text) {
  const answer = jsonIn(text);
  if (status === 200 && typeof answer.id === "string" && typeof answer.thread === "string") {
    return { kind: "stored", stored: /** @type {Stored} */ (answer) };
  }
  if (status === 202 && typeof answer.message === "string") {
    return { kind: "held", sentence: answer.message };
  }
  if (status === 200 && answer.preview === true && typeof answer.html === "string") {
    return { kind: "preview", html: answer.html };
  }
  if (status >= 400 && !TO_BE_TRIED_AGAIN.has(status) && typeof answer.error === "string") {
    return { kind: "refused", refusal: /** @type {Refusal} */ (answer) };
  }
  return { kind: "no answer" };
}

/**
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function jsonIn(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
