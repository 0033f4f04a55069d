/** The files of the posts on this page: what each is, where it lies, what it is called. */

/** @typedef {"picture" | "film" | "sound"} FileKind */
/** @typedef {{kind: FileKind, address: string, name: string, tim: string, thumb: string | null, place: HTMLElement}} PostedFile */

/** @type {[FileKind, RegExp][]} */
const KINDS = [
  ["picture", /\.(?:jpe?g|png|gif|webp|avif|bmp|jxl)$/],
  ["film", /\.(?:webm|mp4|mov|ogv|m4v|mkv)$/],
  ["sound", /\.(?:mp3|ogg|oga|opus|flac|m4a|wav)$/],
];

/**
 * @param {string} path '/b/src/1795500950388.jpg'
 * @returns {FileKind | null} null: a browser shows it in no page
 */
export function kindOf(path) {
  return KINDS.find(([, ending]) => ending.test(path.toLowerCase()))?.[0] ?? null;
}

/**
 * @param {Element} place a `figure.file`
 * @returns {PostedFile | null} null: it is gone, or not there yet
 */
export function fileAt(place) {
  const named = place.querySelector("a.postfilename");
  if (!(named instanceof HTMLAnchorElement) || !(place instanceof HTMLElement)) {
    return null;
  }
  const { pathname } = new URL(named.href);
  const kind = kindOf(pathname);
  const thumb = place.querySelector("img.post-image:not(.expanded)");
  const poster = place.querySelector("video.post-film")?.getAttribute("poster");
  return kind && {
    kind,
    address: pathname,
    name: named.download || (named.textContent ?? ""),
    tim: timOf(pathname),
    thumb: thumb instanceof HTMLImageElement ? new URL(thumb.src).pathname : (poster ?? null),
    place,
  };
}

/**
 * @param {ParentNode} within
 * @returns {PostedFile[]} in the order of the page
 */
export function filesWithin(within) {
  const found = [...within.querySelectorAll("figure.file")].map(fileAt);
  return found.filter((file) => file !== null);
}

/**
 * @param {string} path
 * @returns {string} '/b/src/1795500950388-1.jpg' -> '1795500950388-1'
 */
export function timOf(path) {
  return /\/(\d[\d-]*)\.\w+$/.exec(path)?.[1] ?? "";
}
