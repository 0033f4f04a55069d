/**
 * Solves the captcha of a form by itself: whoever begins to write is found to be no robot by the
 * time the form is sent. Without it, or if anything fails, the form is sent as it is, and the
 * writer's answer has a picture to read.
 *
 * The sums are done here and not by crypto.subtle, which pages without TLS do not have, and which
 * takes longer for so short a text. In slices, so that the page stays usable, on any phone.
 *
 * https://altcha.org/docs/v2/proof-of-work-v1/ (read 2026-11-28)
 */

import { boardOf, isSpared } from "./captcha_pass.js";

/** @typedef {{algorithm: string, challenge: string, maxnumber: number, salt: string, signature: string}} Challenge */

const SLICE_MS = 12;
/** An answer that is nearly too old when it arrives is made anew. */
const SPARE_S = 60;
/** A second press so soon sends the same form, which is on its way. */
const DOUBLE_CLICK_MS = 3000;

for (const place of document.querySelectorAll(".captcha[data-challenge]")) {
  const form = place.closest("form");
  if (form) {
    watch(form, /** @type {HTMLElement} */ (place));
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} place where the answer and a line about it stand
 */
export function watch(form, place) {
  const answer = document.createElement("input");
  answer.type = "hidden";
  answer.name = "altcha";
  const line = document.createElement("p");
  line.className = "hint";
  line.setAttribute("role", "status");
  place.textContent = "";
  place.append(answer, line);

  /** @type {Promise<void> | null} */
  let solving = null;
  let expiresS = 0;
  /** What becomes of the next press of the button. @type {"judged" | "waits" | "goes"} */
  let press = "judged";
  let sentMs = -Infinity;

  function begin() {
    if (solving === null) {
      line.textContent = place.dataset.solving || "";
      solving = solve(place.dataset.challenge || "").then(
        (solved) => {
          answer.value = solved.answer;
          delete place.dataset.failed;
          expiresS = solved.expiresS;
          line.textContent = place.dataset.solved || "";
        },
        () => {
          // Whoever shows a refusal without leaving the page offers letters then.
          place.dataset.failed = "";
          forget();
        },
      );
    }
    return solving;
  }

  function forget() {
    solving = null;
    answer.value = "";
    line.textContent = "";
  }

  form.addEventListener("focusin", (event) => {
    // Not by the press of a button: the line that appears would move it away from under the press.
    if (!(event.target instanceof HTMLButtonElement) && !isSpared(boardOf(form))) {
      begin();
    }
  });
  form.addEventListener("submit", (event) => {
    if (press === "goes" || isReady() || (isSpared(boardOf(form)) && !isDoubleClick())) {
      press = "judged";
      sentMs = performance.now();
      return;
    }
    event.preventDefault();
    if (press === "waits" || isDoubleClick()) {
      return;
    }
    if (answer.value) {
      forget();
    }
    press = "waits";
    const { submitter } = event;
    begin().then(() => {
      // Solved or not. The same button is pressed again, since its name is sent along.
      press = "goes";
      form.requestSubmit(submitter);
    });
  });
  // It was sent by a script and the page stays: the next press needs another answer.
  form.addEventListener("answered", () => {
    press = "judged";
    sentMs = -Infinity;
    forget();
  });

  /** An answer is good for one try: after a form was sent, another is needed. */
  function isReady() {
    return answer.value && sentMs === -Infinity && Date.now() / 1000 < expiresS - SPARE_S;
  }

  function isDoubleClick() {
    return performance.now() - sentMs < DOUBLE_CLICK_MS;
  }

  // Somebody comes back to a page that was left by sending the form.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      press = "judged";
      forget();
    }
  });
}

/**
 * @param {string} address
 * @returns {Promise<{answer: string, expiresS: number}>}
 */
async function solve(address) {
  const fetched = await fetch(address, { headers: { Accept: "application/json" } });
  if (!fetched.ok) {
    throw new Error(`no challenge: ${fetched.status}`);
  }
  /** @type {Challenge} */
  const { algorithm, challenge, maxnumber, salt, signature } = await fetched.json();
  const number = await numberOf(challenge, salt, maxnumber);
  const found = /[?&]expires=(\d+)/.exec(salt);
  return {
    answer: btoa(JSON.stringify({ algorithm, challenge, number, salt, signature })),
    expiresS: found ? Number(found[1]) : Infinity,
  };
}

/**
 * The number for which SHA-256(salt + number) is `challenge`.
 *
 * @param {string} challenge hexadecimal digits
 * @param {string} salt ASCII
 * @param {number} max
 */
async function numberOf(challenge, salt, max) {
  const wanted = wordsOf(challenge);
  const hash = hasher(salt);
  let paused = performance.now();
  for (let number = 0; number <= max; number++) {
    const words = hash(number);
    if (words[0] === wanted[0] && words.every((word, place) => word === wanted[place])) {
      return number;
    }
    if (number % 256 === 0 && performance.now() - paused > SLICE_MS) {
      await pause();
      paused = performance.now();
    }
  }
  throw new Error("no number fits");
}

/** Whatever else the page has to do comes first. A timer would wait 4 ms each time. */
function pause() {
  return new Promise((resume) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resume(undefined);
    };
    port2.postMessage(null);
  });
}

/** @param {string} digits 64 of them */
function wordsOf(digits) {
  return Int32Array.from({ length: 8 }, (_, n) => parseInt(digits.substr(8 * n, 8), 16) | 0);
}

// --- SHA-256 (FIPS 180-4, section 6.2) ---

const PRIMES = /** @type {number[]} */ ([]);
for (let n = 2; PRIMES.length < 64; n++) {
  if (PRIMES.every((prime) => n % prime)) {
    PRIMES.push(n);
  }
}
/** @param {number} root the first 32 bits of its fraction */
const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const ROUND = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/**
 * A function that hashes `salt` followed by a number. Its result is good until the next call.
 *
 * @param {string} salt
 */
function hasher(salt) {
  const head = Array.from(salt, (char) => char.charCodeAt(0));
  // The number has ten digits at most; then a bit that is set, and the length in eight bytes.
  const blocks = new Uint8Array(64 * Math.ceil((head.length + 10 + 9) / 64));
  const view = new DataView(blocks.buffer);
  const state = new Int32Array(8);
  blocks.set(head);
  return (/** @type {number} */ number) => {
    const digits = String(number);
    for (let n = 0; n < digits.length; n++) {
      blocks[head.length + n] = digits.charCodeAt(n);
    }
    const length = head.length + digits.length;
    const whole = 64 * Math.ceil((length + 9) / 64);
    blocks.fill(0, length);
    blocks[length] = 0x80;
    view.setUint32(whole - 4, length * 8);
    state.set(START);
    for (let block = 0; block < whole; block += 64) {
      compress(state, view, block);
    }
    return state;
  };
}

const schedule = new Int32Array(64);

/**
 * @param {Int32Array} state
 * @param {DataView} view
 * @param {number} block where it begins
 */
function compress(state, view, block) {
  for (let n = 0; n < 16; n++) {
    schedule[n] = view.getInt32(block + 4 * n);
  }
  for (let n = 16; n < 64; n++) {
    const a = schedule[n - 15];
    const b = schedule[n - 2];
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    schedule[n] = (schedule[n - 16] + s0 + schedule[n - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let n = 0; n < 64; n++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[n] + schedule[n]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}
