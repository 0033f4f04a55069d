/** A document for modules that touch one a little: made before the module is imported. */

import { parseHTML } from "linkedom";

/**
 * @param {string} body
 * @param {{lang?: string, path?: string}} [more]
 */
export function aPage(body = "", more = {}) {
  const { window } = parseHTML(`<!DOCTYPE html><html lang="${more.lang ?? "en"}"><body>${body}</body></html>`);
  const kept = new Map();
  const twin = {
    window,
    document: window.document,
    location: new URL(more.path ?? "/b/res/1.html", "https://board.example"),
    localStorage: keeping(kept),
    Node: window.Node,
    Element: window.Element,
    HTMLElement: window.HTMLElement,
    DOMParser: window.DOMParser,
    navigator: {},
    // Node has one, which would keep it from ending.
    BroadcastChannel: undefined,
  };
  for (const [name, value] of Object.entries(twin)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return twin;
}

/**
 * As a browser's, whose values are its own properties too.
 *
 * @param {Map<string, string>} kept
 */
function keeping(kept) {
  return new Proxy(
    {
      getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, String(value)),
      removeItem: (/** @type {string} */ key) => void kept.delete(key),
    },
    {
      ownKeys: () => [...kept.keys()],
      getOwnPropertyDescriptor: (_target, key) =>
        kept.has(String(key)) ? { enumerable: true, configurable: true, value: kept.get(String(key)) } : undefined,
    },
  );
}
