/**
 * What is kept in this browser and is no short text: the files of a draft, and posts that wait for a
 * network. In IndexedDB; where a browser has none (some private windows), for as long as the page is
 * open.
 */

const DATABASE = "stillboard";
const VERSION = 1;

/** @typedef {"drafts" | "outbox"} Shelf */
/** @type {readonly Shelf[]} */
const SHELVES = ["drafts", "outbox"];

/** @type {Map<string, unknown>} what the browser would not keep, by shelf and key */
const untilLeft = new Map();
/** @type {Promise<IDBDatabase | null> | null} */
let opened = null;

/**
 * @param {Shelf} shelf
 * @param {string} key
 * @param {unknown} value of what can be cloned, files too
 */
export async function put(shelf, key, value) {
  const kept = await on(shelf, "readwrite", (store) => store.put(value, key));
  if (kept === undefined) {
    untilLeft.set(`${shelf} ${key}`, value);
  }
}

/**
 * @param {Shelf} shelf
 * @param {string} key
 * @returns {Promise<unknown>} undefined: there is nothing
 */
export async function get(shelf, key) {
  return untilLeft.get(`${shelf} ${key}`) ?? (await on(shelf, "readonly", (store) => store.get(key)));
}

/**
 * @param {Shelf} shelf
 * @param {string} key
 */
export async function remove(shelf, key) {
  untilLeft.delete(`${shelf} ${key}`);
  await on(shelf, "readwrite", (store) => store.delete(key));
}

/** All of it, of every shelf. */
export async function removeAll() {
  untilLeft.clear();
  await Promise.all(SHELVES.map((shelf) => on(shelf, "readwrite", (store) => store.clear())));
}

/**
 * @param {Shelf} shelf
 * @returns {Promise<string[]>}
 */
export async function keysOf(shelf) {
  const here = [...untilLeft.keys()].filter((name) => name.startsWith(`${shelf} `));
  const kept = (await on(shelf, "readonly", (store) => store.getAllKeys())) ?? [];
  return [...here.map((name) => name.slice(shelf.length + 1)), ...kept.map(String)];
}

/**
 * Changes what is kept in one step: two tabs that try at once do it one after the other.
 *
 * @template T
 * @param {Shelf} shelf
 * @param {string} key
 * @param {(value: T | undefined) => T | undefined} change undefined: leave it as it is
 * @returns {Promise<T | undefined>} what `change` returned
 */
export async function change(shelf, key, change) {
  /** @type {T | undefined} */
  let after;
  const name = `${shelf} ${key}`;
  if (untilLeft.has(name)) {
    after = change(/** @type {T} */ (untilLeft.get(name)));
    if (after !== undefined) {
      untilLeft.set(name, after);
    }
    return after;
  }
  await on(shelf, "readwrite", (store) => {
    const read = store.get(key);
    read.onsuccess = () => {
      after = change(read.result);
      if (after !== undefined) {
        store.put(after, key);
      }
    };
    return read;
  });
  return after;
}

/**
 * @template T
 * @param {Shelf} shelf
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T | undefined>} when it is safe; undefined where nothing can be kept
 */
async function on(shelf, mode, work) {
  opened ??= open();
  const database = await opened;
  if (!database) {
    return undefined;
  }
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(shelf, mode);
      const request = work(transaction.objectStore(shelf));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => resolve(undefined);
    } catch {
      // Closed meanwhile, or no room for it.
      opened = null;
      resolve(undefined);
    }
  });
}

/** @returns {Promise<IDBDatabase | null>} */
function open() {
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open(DATABASE, VERSION);
      asked.onupgradeneeded = () => {
        for (const shelf of SHELVES) {
          if (!asked.result.objectStoreNames.contains(shelf)) {
            asked.result.createObjectStore(shelf);
          }
        }
      };
      asked.onsuccess = () => {
        // Another tab with newer scripts is not kept waiting.
        asked.result.onversionchange = () => {
          asked.result.close();
          opened = null;
        };
        resolve(asked.result);
      };
      asked.onerror = () => resolve(null);
      asked.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}
