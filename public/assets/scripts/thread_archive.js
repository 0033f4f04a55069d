/**
 * Makes the ZIP of a thread: its page, its style sheet, its thumbnails and its files. Loaded when it
 * is asked for. The page in it runs nothing and loads nothing but what lies beside it.
 */

import { NoAnswer, ask } from "./asking.js";
import { filesWithin } from "./files.js";
import { tell } from "./notices.js";
import { page } from "./page.js";
import { asset, load } from "./styles.js";
import { msg, msgs, say } from "./words.js";
import { Zip, safeName } from "./zip.js";

const BYTES_MAX = 300 * 1024 * 1024;
const LEFT_OUT =
  "script, input, button, form, dialog, .stub, .preview, .inline-quote, .expanded, .image-search, .post-menu, .conversation-button, .unread-line";
/** What is true of this reader alone, or of this moment: others are given the file, and years later. */
const PASSING_CLASSES = ["own", "reply-to-you", "is-highlighted", "same-poster", "is-pointed-at", "has-expanded", "is-loading"];
const PASSING_ATTRIBUTES = ["hidden", "style", "data-ago", "data-you", "data-marks", "data-count"];

/** @typedef {{address: string, name: string}} Member a file of the board, and where it lies in the archive */

/** The archive is larger than a browser should hold. */
class TooLarge extends Error {}

let isRunning = false;

export async function save() {
  if (isRunning) {
    return;
  }
  isRunning = true;
  load(asset("reading.css"));
  const giveUp = new AbortController();
  const progress = progressDialog(() => giveUp.abort());
  try {
    const { html, members } = threadForOffline();
    const { zip, missing } = await gather(html, members, giveUp.signal, progress.tell);
    hand(zip.whole(), `${page.board}-${page.thread}.zip`);
    if (missing > 0) {
      const sentence = msgs("Saved, without {count} file that is gone.", "Saved, without {count} files that are gone.");
      tell(say(sentence, { count: missing }));
    }
  } catch (error) {
    if (error instanceof TooLarge) {
      tell(say(msg("The files of this thread are more than {megabytes} MB: save them one by one."), { megabytes: BYTES_MAX / 2 ** 20 }), { isBad: true });
    } else if (!giveUp.signal.aborted) {
      tell(say(msg("The board gives no answer just now: try again.")), { isBad: true });
    }
  } finally {
    progress.close();
    isRunning = false;
  }
}

/**
 * The thread's page with the addresses of the archive in it.
 *
 * @returns {{html: string, members: Member[]}}
 */
export function threadForOffline() {
  const thread = /** @type {HTMLElement} */ (/** @type {Node} */ (document.querySelector("section.thread")).cloneNode(true));
  for (const left of thread.querySelectorAll(LEFT_OUT)) {
    left.remove();
  }
  for (const element of thread.querySelectorAll("*")) {
    element.classList.remove(...PASSING_CLASSES);
    // A style too: the saved page's policy takes styles from its sheets alone.
    PASSING_ATTRIBUTES.forEach((name) => element.removeAttribute(name));
  }
  /** @type {Map<string, string>} by address */
  const names = new Map(styleSheets().map((address) => [address, `styles/${safeName(nameIn(address))}`]));
  for (const { address, name, tim } of filesWithin(thread)) {
    names.set(address, `files/${tim} ${safeName(name)}`.trimEnd());
  }
  for (const element of thread.querySelectorAll("[src], [poster], a[href]")) {
    for (const attribute of ["src", "poster", "href"]) {
      const value = element.getAttribute(attribute);
      if (value !== null) {
        element.setAttribute(attribute, addressOffline(value, attribute, names));
      }
    }
    element.removeAttribute("loading");
    // One thumbnail is enough: the picture itself lies beside it.
    element.removeAttribute("srcset");
  }
  const made = document.implementation.createHTMLDocument(document.title);
  for (const { name, value } of document.documentElement.attributes) {
    // The language and its direction, and the theme.
    made.documentElement.setAttribute(name, value);
  }
  // SECURITY: opened from a disk, the page must do no more than it did on the board.
  const policy = made.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "default-src 'none'; img-src 'self' file: data:; media-src 'self' file:; style-src 'self' file:";
  const charset = made.createElement("meta");
  charset.setAttribute("charset", "utf-8");
  const viewport = made.createElement("meta");
  viewport.name = "viewport";
  viewport.content = "width=device-width, initial-scale=1";
  const sheets = styleSheets().map((address) => {
    const sheet = made.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = names.get(address) ?? "";
    return sheet;
  });
  made.head.prepend(charset, policy, viewport, ...sheets);
  made.body.className = "thread-page archived";
  const main = made.createElement("main");
  const from = made.createElement("p");
  from.className = "hint";
  from.textContent = say(msg("Saved from {address}"), { address: location.href.replace(/#.*/, "") });
  main.append(from, made.adoptNode(thread));
  made.body.append(main);
  const members = [...names].map(([address, name]) => ({ address, name }));
  return { html: `<!DOCTYPE html>\n${made.documentElement.outerHTML}`, members };
}

/**
 * @param {string} value
 * @param {string} attribute
 * @param {Map<string, string>} names what is loaded is added to them
 * @returns {string} the address that it has in the archive
 */
function addressOffline(value, attribute, names) {
  const url = new URL(value, location.href);
  if (attribute === "href" && url.pathname === encodeURI(`/${page.board}/res/${page.thread}.html`)) {
    return url.hash || "#";
  }
  if (url.origin !== location.origin) {
    return attribute === "href" ? url.href : "";
  }
  const known = names.get(url.pathname);
  if (known !== undefined || attribute === "href") {
    return known === undefined ? url.href : encodeURI(known);
  }
  const name = `${/\/thumb\//.test(url.pathname) ? "thumbs" : "more"}/${safeName(nameIn(url.pathname))}`;
  names.set(url.pathname, name);
  return encodeURI(name);
}

/** @returns {string[]} the addresses of the page's own */
function styleSheets() {
  const links = /** @type {NodeListOf<HTMLLinkElement>} */ (document.head.querySelectorAll("link[rel=stylesheet]"));
  return [...links].map((link) => new URL(link.href).pathname);
}

/** @param {string} path '/b/thumb/1795500950388.webp' -> '1795500950388.webp' */
function nameIn(path) {
  return path.split("/").at(-1) ?? "";
}

/**
 * @param {string} html
 * @param {Member[]} members
 * @param {AbortSignal} signal
 * @param {(done: number, of: number) => void} told
 * @throws {TooLarge | NoAnswer}
 */
async function gather(html, members, signal, told) {
  const zip = new Zip(new Date());
  zip.add("index.html", new TextEncoder().encode(html));
  let missing = 0;
  for (const [done, { address, name }] of members.entries()) {
    told(done, members.length);
    const answer = await ask(address, { signal });
    if (answer.status === 404) {
      missing += 1;
      continue;
    }
    if (zip.bytes + Number(answer.headers.get("Content-Length") ?? 0) > BYTES_MAX) {
      throw new TooLarge(address);
    }
    const body = new Uint8Array(await answer.arrayBuffer());
    if (zip.bytes + body.length > BYTES_MAX) {
      throw new TooLarge(address);
    }
    zip.add(name, body);
  }
  if (signal.aborted) {
    throw new NoAnswer("given up");
  }
  return { zip, missing };
}

/**
 * @param {Blob} body
 * @param {string} name
 */
function hand(body, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(body);
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {() => void} cancel */
function progressDialog(cancel) {
  const dialog = document.createElement("dialog");
  dialog.className = "zip-progress";
  const sentence = document.createElement("p");
  sentence.setAttribute("role", "status");
  const bar = document.createElement("progress");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say(msg("Cancel"));
  button.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    cancel();
    dialog.remove();
  });
  dialog.append(sentence, bar, button);
  document.body.append(dialog);
  dialog.showModal();
  return {
    /**
     * @param {number} done
     * @param {number} of
     */
    tell(done, of) {
      bar.max = of;
      bar.value = done;
      sentence.textContent = say(msg("Saving: {done} of {of} files"), { done, of });
    },
    close() {
      dialog.close();
    },
  };
}
