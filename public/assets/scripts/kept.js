/**
 * What is kept in this browser between visits: small values as JSON, each under a name of its own.
 *
 * Where a browser keeps nothing (a private window, cookies forbidden, no room left), all of it goes
 * on working for as long as the page is open.
 */

const PREFIX = "stillboard:";
/** @type {Map<string, string>} what the browser would not keep */
const untilLeft = new Map();
/** @type {Map<string, Set<() => void>>} */
const listeners = new Map();

/**
 * @template T
 * @param {string} name
 * @param {T} otherwise what it is while nothing, or nothing that can be read, is kept
 * @returns {T} checked by nobody: whoever reads it expects anything
 */
export function read(name, otherwise) {
  const text = untilLeft.get(name) ?? stored(name);
  if (text === null) {
    return otherwise;
  }
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/**
 * @param {string} name
 * @param {unknown} value undefined: nothing any more
 */
export function write(name, value) {
  untilLeft.delete(name);
  try {
    if (value === undefined) {
      localStorage.removeItem(PREFIX + name);
    } else {
      localStorage.setItem(PREFIX + name, JSON.stringify(value));
    }
  } catch {
    if (value !== undefined) {
      untilLeft.set(name, JSON.stringify(value));
    }
  }
  tellListeners(name);
}

/**
 * Changes what is kept by what is kept now, which another tab may have changed meanwhile.
 *
 * @template T
 * @param {string} name
 * @param {T} otherwise
 * @param {(value: T) => T} change
 */
export function change(name, otherwise, change) {
  write(name, change(read(name, otherwise)));
}

/**
 * @param {string} name
 * @param {() => void} listener called after a change, in this tab or in another
 */
export function onChange(name, listener) {
  const known = listeners.get(name) ?? new Set();
  known.add(listener);
  listeners.set(name, known);
}

/** @returns {Record<string, unknown>} all that is kept, by name */
export function all() {
  const names = new Set(untilLeft.keys());
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX)) {
        names.add(key.slice(PREFIX.length));
      }
    }
  } catch {
    // Nothing is kept here.
  }
  return Object.fromEntries([...names].sort().map((name) => [name, read(name, null)]));
}

/**
 * @param {string} name
 * @returns {string | null}
 */
function stored(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** @param {string} name */
function tellListeners(name) {
  for (const listener of listeners.get(name) ?? []) {
    listener();
  }
}

// What other tabs changed while this page lay in the browser's memory it was not told.
window.addEventListener("pageshow", (event) => event.persisted && [...listeners.keys()].forEach(tellListeners));
window.addEventListener("storage", (event) => {
  if (event.key?.startsWith(PREFIX)) {
    tellListeners(event.key.slice(PREFIX.length));
  }
});
