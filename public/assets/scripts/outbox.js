/**
 * Posts that were sent off and of which nobody knows yet whether they arrived. They outlive the page:
 * whichever page of the board is open next sends them, under the key of the first try, by which the
 * server knows a form that it has stored already.
 */

import * as kept from "./kept.js";
import * as keptFiles from "./kept_files.js";

const FLAG = "outbox-waits";
/** Keys of letters whose page was left while it sent them: nobody has to wait for it. */
const LEFT = "outbox-left";
/** A tab that sends says so again and again; whoever is silent for so long has been closed. */
export const LEASE_MS = 15_000;
/** Afterwards the server no longer knows the key, and would store the post twice. */
const AGE_MS_MAX = 20 * 3600 * 1000;

/**
 * @typedef {object} Letter
 * @property {string} key for Idempotency-Key
 * @property {string} place as `placeOf` says
 * @property {string} board
 * @property {string} address to which it goes
 * @property {[string, string][]} fields
 * @property {{field: string, file: File}[]} files
 * @property {number} writtenAt
 * @property {number} takenUntil by the tab that sends it
 */

/** Those that this page sends. @type {Set<string>} */
const sending = new Set();

window.addEventListener("pagehide", () => {
  if (sending.size) {
    kept.write(LEFT, [...left(), ...sending]);
  }
});

/** Whether any may be there. */
export function waits() {
  return Boolean(kept.read(FLAG, false));
}

/** @param {Letter} letter taken by whoever adds it */
export async function add(letter) {
  kept.write(FLAG, true);
  await keptFiles.put("outbox", letter.key, { ...letter, takenUntil: Date.now() + LEASE_MS });
}

/** @param {string} key */
export async function remove(key) {
  await keptFiles.remove("outbox", key);
  if ((await keptFiles.keysOf("outbox")).length === 0) {
    forgetAll();
  }
}

/** Keeps it taken for as long as `work` takes.
 *
 * @template T
 * @param {string} key
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileTaken(key, work) {
  const renew = () =>
    keptFiles.change("outbox", key, (/** @type {Letter | undefined} */ letter) =>
      letter && { ...letter, takenUntil: Date.now() + LEASE_MS },
    );
  const timer = setInterval(renew, LEASE_MS / 3);
  sending.add(key);
  try {
    return await work();
  } finally {
    sending.delete(key);
    clearInterval(timer);
  }
}

/** @returns {Promise<Letter[]>} those that no tab sends; from now on this one does */
export async function takeAll() {
  const found = [];
  for (const key of await keptFiles.keysOf("outbox")) {
    const letter = sending.has(key) ? undefined : await take(key);
    if (letter && Date.now() - letter.writtenAt > AGE_MS_MAX) {
      await remove(key);
    } else if (letter) {
      found.push(letter);
    }
  }
  if (found.length === 0 && (await keptFiles.keysOf("outbox")).length === 0) {
    forgetAll();
  }
  return found;
}

/**
 * @param {string} key
 * @returns {Promise<Letter | undefined>}
 */
function take(key) {
  const now = Date.now();
  const isLeft = left().includes(key);
  if (isLeft) {
    kept.write(LEFT, left().filter((name) => name !== key));
  }
  return keptFiles.change("outbox", key, (/** @type {Letter | undefined} */ letter) =>
    letter && (isLeft || letter.takenUntil < now) ? { ...letter, takenUntil: now + LEASE_MS } : undefined,
  );
}

/** @returns {string[]} */
function left() {
  const keys = /** @type {unknown} */ (kept.read(LEFT, null));
  return Array.isArray(keys) ? keys : [];
}

function forgetAll() {
  kept.write(FLAG, undefined);
  kept.write(LEFT, undefined);
}

/** @returns {string} of which nobody has another */
export function aKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
