/** The catalog in another order, larger or smaller, and only the threads that hold some words. */

import { settings } from "./settings.js";
import { asset, load } from "./styles.js";
import { msg, msgs, say } from "./words.js";

/** @typedef {{no: number, replies: number, images: number, text: string}} Tile `text` in small letters */

/** @type {Record<string, {title: import("./words.js").Message, before: ((one: Tile, other: Tile) => number) | null}>} */
const ORDERS = {
  bump: { title: msg("Last bump"), before: null },
  newest: { title: msg("Newest"), before: (one, other) => other.no - one.no },
  replies: { title: msg("Most replies"), before: (one, other) => other.replies - one.replies },
  images: { title: msg("Most images"), before: (one, other) => other.images - one.images },
};
const SIZES = { small: msg("Small"), plain: msg("As ever"), large: msg("Large") };

/** @type {{element: HTMLElement, tile: Tile}[]} in the order of the page */
let tiles = [];

export async function start() {
  const list = document.querySelector("ul.catalog");
  if (!(list instanceof HTMLElement)) {
    return;
  }
  // Its controls move nothing when their sheet comes.
  await load(asset("live.css"));
  tiles = [...list.querySelectorAll(":scope > li.tile")].map((element) => ({
    element: /** @type {HTMLElement} */ (element),
    tile: tileOf(element),
  }));
  const search = searchBox();
  const told = document.createElement("span");
  told.className = "hint";
  told.setAttribute("role", "status");
  const find = () => {
    const found = tiles.filter(({ element, tile }) => {
      const isFound = holds(tile.text, search.value);
      element.classList.toggle("not-found", !isFound);
      return isFound;
    });
    told.textContent = search.value ? say(msgs("{count} thread", "{count} threads"), { count: found.length }) : "";
  };
  search.addEventListener("input", () => {
    find();
    history.replaceState(null, "", search.value ? `#q=${encodeURIComponent(search.value)}` : location.pathname);
  });
  const fromAddress = () => {
    const wanted = wordsIn(location.hash);
    if (wanted !== null) {
      search.value = wanted;
      find();
    }
  };
  window.addEventListener("hashchange", fromAddress);
  const titles = Object.fromEntries(Object.entries(ORDERS).map(([name, { title }]) => [name, title]));
  const order = choice("catalog-order", say(msg("Order")), titles, "bump", (name) => sort(list, name));
  const size = choice("catalog-size", say(msg("Size")), SIZES, "plain", (name) => {
    list.classList.toggle("catalog-small", name === "small");
    list.classList.toggle("catalog-large", name === "large");
  });
  const bar = document.createElement("div");
  bar.className = "catalog-bar";
  bar.append(search, order, size, told);
  list.before(bar);
  fromAddress();
}

/**
 * @param {string} hash "#q=tea%20pots"
 * @returns {string | null} null: it asks for none
 */
export function wordsIn(hash) {
  const found = /^#q=(.*)$/.exec(hash);
  try {
    return found && decodeURIComponent(found[1].replace(/\+/g, " "));
  } catch {
    return null;
  }
}

/**
 * @param {string} text in small letters
 * @param {string} wanted words in any order
 */
export function holds(text, wanted) {
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** @param {Element} element */
function tileOf(element) {
  const counts = element.querySelector(".tile-counts > span:last-of-type")?.textContent ?? "";
  const [replies = 0, images = 0] = (counts.match(/\d[\d.,\u00a0\u202f]*/g) ?? []).map((number) => Number(number.replace(/\D/g, "")));
  const text = [".tile-title", ".body"].map((part) => element.querySelector(part)?.textContent ?? "");
  return { no: Number(/\d+$/.exec(element.id)?.[0]), replies, images, text: text.join("\n").toLowerCase() };
}

/**
 * @param {HTMLElement} list
 * @param {string} name
 */
function sort(list, name) {
  const before = ORDERS[name]?.before;
  const sorted = before ? [...tiles].sort((one, other) => before(one.tile, other.tile)) : tiles;
  list.append(...sorted.flatMap(({ element }) => withStub(element)));
}

/**
 * @param {HTMLElement} element
 * @returns {Element[]} what says before a hidden thread that it is hidden goes where it goes
 */
function withStub(element) {
  const before = element.previousElementSibling;
  return before?.matches(".stub") ? [before, element] : [element];
}

function searchBox() {
  const search = document.createElement("input");
  search.type = "search";
  search.placeholder = say(msg("Search the catalog"));
  search.setAttribute("aria-label", search.placeholder);
  search.maxLength = 100;
  return search;
}

/**
 * @param {string} name under which it is remembered
 * @param {string} label
 * @param {Record<string, import("./words.js").Message>} choices
 * @param {string} otherwise
 * @param {(name: string) => void} apply
 */
function choice(name, label, choices, otherwise, apply) {
  const place = document.createElement("label");
  const select = document.createElement("select");
  for (const [value, title] of Object.entries(choices)) {
    const option = document.createElement("option");
    option.value = value;
    option.textContent = say(title);
    select.append(option);
  }
  const chosen = settings.value(name, otherwise);
  select.value = chosen in choices ? chosen : otherwise;
  select.addEventListener("change", () => {
    settings.choose(name, select.value === otherwise ? undefined : select.value);
    apply(select.value);
  });
  if (select.value !== otherwise) {
    apply(select.value);
  }
  place.append(label, " ", select);
  return place;
}
