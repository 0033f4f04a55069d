/**
 * HTML that came from the board's own server, made into elements: the one place where text becomes
 * HTML. Whatever the server said, only what a post is made of comes out of here.
 *
 * SECURITY: the text is read into a document of its own, in which nothing runs and nothing is
 * loaded; from there only elements and attributes of the lists below are taken over. Browsers that
 * enforce Trusted Types let no other module read text as HTML.
 */

const ELEMENTS = new Set(
  (
    "a article aside audio b bdi br button code dd details div dl dt em figcaption figure footer h1 h2 h3 h4 " +
    "header hr i img input label li nav ol option p pre q s section select small source span strike strong sub " +
    "summary sup table tbody td th thead time tr u ul var video"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "alt aria-hidden aria-label aria-labelledby aria-describedby class colspan controls datetime decoding dir download " +
    "form height href id lang loading muted name open playsinline poster preload rel role rowspan src " +
    "srcset tabindex title type value width"
  ).split(" "),
);
const ADDRESSES = new Set(["href", "src", "poster"]);
/** A name may take the place of a function of the document, `<img name=getElementById>`. */
const NAMES = /^delete_\d+(?:_\d+)?$/;
/** A post's only inputs are the ticks of those who choose it. */
const INPUT_TYPES = new Set(["checkbox"]);

/** A program that works beside the pages is one of the board's own scripts, as published. */
const PROGRAM = /^\/assets\/scripts\/[a-z_]+\.[0-9a-f]{12}\.js$/;

/** @typedef {{createHTML: (text: string) => string, createScriptURL: (address: string) => string}} Policy */

const policies = /** @type {{trustedTypes?: {createPolicy: (name: string, rules: Policy) => Policy}}} */ (
  /** @type {unknown} */ (globalThis)
).trustedTypes;
/** @type {Policy} */
const rules = {
  // Read into a document that never becomes the page's: what is taken over is chosen below.
  createHTML: (text) => text,
  createScriptURL(address) {
    if (!PROGRAM.test(address)) {
      throw new TypeError(`no program of the board: ${address}`);
    }
    return address;
  },
};
const policy = policies?.createPolicy("stillboard", rules) ?? rules;

/**
 * @param {string} address `asset("scripts/….js")`
 * @returns {string} as a browser with Trusted Types wants it
 */
export function programAddress(address) {
  return policy.createScriptURL(address);
}

/**
 * @param {string} text HTML of a post, as a page or the delta feed has it
 * @returns {DocumentFragment}
 */
export function elementsOf(text) {
  const read = new DOMParser().parseFromString(policy.createHTML(text), "text/html");
  return safeCopy(read.body);
}

/**
 * @param {string} text a whole page of the board
 * @returns {Document} nothing in it runs; to show a part of it, take a `safeCopy`
 */
export function pageFrom(text) {
  return new DOMParser().parseFromString(policy.createHTML(text), "text/html");
}

/**
 * @param {Element} element of another document
 * @returns {DocumentFragment} what it holds
 */
export function safeCopy(element) {
  const made = document.createDocumentFragment();
  copyInto(made, element);
  return made;
}

/**
 * @param {Node} to
 * @param {Element} from
 */
function copyInto(to, from) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.appendChild(document.createTextNode(node.nodeValue ?? ""));
    } else if (node instanceof Element && isShown(node)) {
      const copy = document.createElement(node.localName);
      for (const { name, value } of node.attributes) {
        if (isKept(name, value)) {
          copy.setAttribute(name, value);
        }
      }
      copyInto(copy, node);
      to.appendChild(copy);
    }
  }
}

/** @param {Element} element */
function isShown(element) {
  return (
    element.namespaceURI === "http://www.w3.org/1999/xhtml" &&
    ELEMENTS.has(element.localName) &&
    (element.localName !== "input" || INPUT_TYPES.has(element.getAttribute("type") ?? "text"))
  );
}

/**
 * @param {string} name
 * @param {string} value
 */
function isKept(name, value) {
  if (!ATTRIBUTES.has(name) && !name.startsWith("data-")) {
    return false;
  }
  if (name === "name") {
    return NAMES.test(value);
  }
  if (name === "srcset") {
    // One picture, for dense screens.
    return /^[^\s,]+ 2x$/.test(value) && isAddress(value.slice(0, -3), false);
  }
  return !ADDRESSES.has(name) || isAddress(value, name === "href");
}

/**
 * @param {string} value
 * @param {boolean} leadsAway a link may lead anywhere on the web; what is loaded is the board's own
 */
function isAddress(value, leadsAway) {
  let url;
  try {
    url = new URL(value, location.href);
  } catch {
    return false;
  }
  return url.origin === location.origin || (leadsAway && /^(https?|ftp|magnet|mailto|gopher|gemini):$/.test(url.protocol));
}
