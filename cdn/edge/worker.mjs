/**
 * The board at the CDN's edge: reads come from the bucket, the rest goes to the board's own nginx.
 *
 * It runs on every request for the board's host name. A page is fetched from the bucket's public
 * address (FILES_URL), and Cloudflare keeps a copy of that answer under that address: this is what
 * cdn/purger.py purges. The Cache API would be nearer at hand, but what a Worker keeps there under
 * a key of its own can't be purged by URL
 * (https://developers.cloudflare.com/workers/reference/how-the-cache-works/, read 2026-11-24).
 *
 * Which files exist is told by tables.mjs, which headers an answer has is the story of
 * nginx/templates/, told again. A test asks both and compares.
 *
 * Settings (wrangler.toml): SITE_URL, where readers are; FILES_URL, the bucket's public address;
 * CAPTCHA, the providers whose widgets pages may load, with blanks between; RENAMED_BOARDS, boards
 * that came under another name, as STILLBOARD_RENAMED_BOARDS has them: "b=random".
 */

import { env } from "cloudflare:workers";
import {
  ASK_EACH_TIME,
  CAPTCHA_SOURCES,
  FOREVER_S,
  FRESH_S,
  KEEP_FOREVER,
  MEDIA_TYPES,
  MISSING_S,
  OF_A_RENAMED_BOARD,
  OLD_ADDRESSES,
  OLD_BOARD,
  OLD_FILE,
  OWN_SOURCES,
  RULES,
  SENTENCES,
  THUMBNAIL_ENDINGS,
  TRUSTED_TYPES,
} from "./tables.mjs";

export default {
  fetch(request) {
    return answer(request);
  },
};

async function answer(request) {
  const url = new URL(request.url);
  if (url.host === new URL(env.FILES_URL).host) {
    // The bucket's own address is for the edge. Readers who found it get no second board.
    return redirect(new URL(url.pathname, env.SITE_URL).href, "folder");
  }
  if (isForWriter(url.pathname)) {
    return fetch(new Request(request, { headers: toOrigin(request) }));
  }
  const path = decoded(url.pathname);
  const file = fileAt(path);
  if (!file && !mayBeFolder(path)) {
    return missing(request, url);
  }
  if (request.method === "OPTIONS") {
    const kind = isShared(file) ? "preflight" : "options";
    return new Response(null, { status: 204, headers: headersOf(kind) });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refusal(405, SENTENCES.READ_ONLY, { Allow: ALLOWED });
  }
  if (!file) {
    return (await leadIntoFolder(path)) ?? missing(request, url);
  }
  const spelling = escaped(oneSpelling(path));
  if (request.url === url.origin + spelling) {
    return read(request, url, file);
  }
  if (isForPoster(url, file) && request.url === url.origin + spelling + url.search) {
    return readOwn(request, url, file);
  }
  return redirect(ledTo(url) ?? spelling, isShared(file) ? "shared_folder" : "folder");
}

/** One thing has one address, so that a removal reaches every copy of it. */
function oneSpelling(path) {
  return path.replace(/\/index\.html$/, "/");
}

/** Addresses of boards by the names that they had: of_renamed() of imageboard/old_addresses.py. */
const RENAMED = (env.RENAMED_BOARDS ?? "")
  .split(",")
  .map((pair) => pair.split("=").map((name) => encodeURI(name.trim())))
  .filter((pair) => pair.length === 2)
  .flatMap(([old, now]) =>
    [...OLD_ADDRESSES, ...OF_A_RENAMED_BOARD]
      .filter(({ pattern }) => pattern.includes(OLD_BOARD))
      .map(({ pattern, target }) => ({
        pattern: pattern.replaceAll(OLD_BOARD, () => old.replaceAll("$", String.raw`\$`)),
        target: target.replaceAll("{board}", () => now),
      })),
  );
const OLD = [...RENAMED, ...OLD_ADDRESSES].map(({ pattern, target }) => ({
  pattern: new RegExp(pattern),
  target,
}));

/** Where an address leads that another engine had, if nothing is there; null: none had it. */
function ledTo(url) {
  for (const { pattern, target } of OLD) {
    const found = pattern.exec(url.pathname + url.search);
    if (found) {
      return target.replace(/\{([a-z]+)\}/g, (_, name) => found.groups[name] ?? "");
    }
  }
  return null;
}

/** `?seen=124`: the poster of 124 is sent to the page that has it. No address has another query. */
function isForPoster(url, file) {
  return file.key.endsWith(".html") && /^\?seen=[0-9]{1,19}$/.test(url.search);
}

/** Read by pages of other sites too. */
function isShared(file) {
  return file?.sort === "data" || isUpload(file);
}

// --- Which addresses there are ---

/** Letters beyond ASCII are escaped, each byte once. */
const BOARD = "(?:[0-9A-Za-z$_]|%[89A-F][0-9A-F])+";
const WRITER = new RegExp(
  String.raw`^/(?:post|post\.php|captcha/.*|mod|mod/.*|mod\.php(?:/.*)?|healthz|readyz|(?:${BOARD}/)?search(?:\.json)?|(?!static/)${BOARD}/(?:post/[0-9]+\.json|res/[0-9]+\.zip|banner|flags/[a-z0-9_-]+\.png)|${OLD_FILE})$`,
);

function isForWriter(path) {
  return WRITER.test(path);
}

const PATHS = RULES.map(({ path, ...rule }) => ({ ...rule, path: new RegExp(path) }));

/**
 * '/b/' -> {key: 'b/index.html', sort: 'page', isKeptForever: false}; null: nothing can be there.
 */
function fileAt(path) {
  // 4chan's names for a thread's JSON.
  const renamed = path.replace(/^(\/[^/]+)\/thread\/([0-9]+(?:-tail)?\.json)$/, "$1/res/$2");
  const key = (renamed.endsWith("/") ? `${renamed}index.html` : renamed).slice(1);
  const rule = PATHS.find((rule) => rule.path.test(key));
  return rule?.sort ? { key, sort: rule.sort, isKeptForever: rule.isKeptForever } : null;
}

/** As nginx reads it: %2B is a plus, // is /. What can't be decoded is nowhere: '/.'. */
function decoded(rawPath) {
  try {
    const path = decodeURIComponent(rawPath).replace(/\/{2,}/g, "/");
    return /[\0-\x1f\x7f]/.test(path) ? "/." : path;
  } catch {
    return "/.";
  }
}

/** Letters beyond ASCII as browsers send them; all else stands for itself. */
function escaped(path) {
  return path.replace(/[^\x00-\x7f]+/g, encodeURIComponent);
}

/** As cdn/purger.py spells it: the copy is kept under this address, and purged by it. */
function addressInBucket(key) {
  const left = /%(?:2F|2B|24|26|2C|3B|3D|3A|40)/g;
  const escaped = encodeURIComponent(key).replace(left, decodeURIComponent);
  return `${env.FILES_URL.replace(/\/$/, "")}/${escaped}`;
}

// --- Reading ---

/**
 * The bucket first, then the board's own nginx: for a page that is too new to be in the bucket, or
 * while the bucket is down.
 */
function read(request, url, file) {
  const inBucket = [file, ...guessed(file)].map((file) => () => fromBucket(request, file));
  return firstOf([...inBucket, () => fromOrigin(request, url)], request, url);
}

/** The other way round: the board's page already has the post, while the bucket's may not. */
function readOwn(request, url, file) {
  const own = { ...file, headers: "own" };
  const sources = [() => fromOrigin(request, url), () => fromBucket(request, own)];
  return firstOf(sources, request, url);
}

/**
 * Apps guess a thumbnail's ending: they are sent the one that is there. A copy is kept by its own
 * name alone, so that a purge has one to reach.
 */
function guessed(file) {
  const [, thumbnail] = /^([^/]+\/thumb\/[^.]+)\./.exec(file.key) ?? [];
  const keys = thumbnail ? THUMBNAIL_ENDINGS.map((ending) => `${thumbnail}.${ending}`) : [];
  return keys.filter((key) => key !== file.key).map((key) => ({ ...file, key, headers: "guessed" }));
}

async function firstOf(sources, request, url) {
  let isKnownToBeMissing = false;
  for (const source of sources) {
    const found = await source();
    if (found && IS_AN_ANSWER.has(found.status)) {
      return found;
    }
    isKnownToBeMissing ||= found?.status === 404;
  }
  if (isKnownToBeMissing) {
    return missing(request, url);
  }
  return refusal(503, SENTENCES.NOT_REACHED, { "Retry-After": "30" });
}

/** 412 and 416 are about the reader's own conditions, and as good an answer as any. */
const IS_AN_ANSWER = new Set([200, 206, 304, 412, 416]);

const PASSED_TO_BUCKET = [
  "If-Match",
  "If-Modified-Since",
  "If-None-Match",
  "If-Range",
  "If-Unmodified-Since",
  "Range",
];
const PASSED_TO_READER = [
  "Accept-Ranges",
  "Age",
  "Cache-Control",
  "CF-Cache-Status",
  "Content-Length",
  "Content-Range",
  "Content-Type",
  "ETag",
  "Last-Modified",
];

async function fromBucket(request, file) {
  const found = await fetched(addressInBucket(file.key), {
    method: request.method,
    headers: picked(request.headers, PASSED_TO_BUCKET),
    cf: {
      cacheEverything: true,
      cacheTtlByStatus: {
        "200-299": file.isKeptForever ? FOREVER_S : FRESH_S,
        404: MISSING_S,
        "500-599": -1,
      },
    },
  });
  if (!found) {
    return null;
  }
  // SECURITY: a stranger's file is media or it is not served, whatever the bucket says it is.
  if (isUpload(file) && found.ok && !isMedia(found.headers.get("Content-Type"))) {
    return new Response(null, { status: 404 });
  }
  const kind = file.sort === "asset" && file.isKeptForever ? "hashed_asset" : file.sort;
  const headers = headersOf(file.headers ?? kind, picked(found.headers, PASSED_TO_READER));
  if (found.status >= 400) {
    // What is wrong with one reader's conditions must not be kept as the file would be.
    headers.delete("Cache-Control");
  }
  return new Response(found.body, { status: found.status, headers });
}

/** The answer as nginx gives it. Not kept: purges go to the bucket's addresses. */
function fromOrigin(request, url) {
  return fetched(url.href, {
    method: request.method,
    headers: toOrigin(request),
    cache: "no-store",
    redirect: "manual",
  });
}

/**
 * SECURITY: of a Worker's request Cloudflare makes CF-Connecting-IP, by which nginx knows the reader,
 * of its X-Real-IP (https://developers.cloudflare.com/workers/runtime-apis/headers/, read 2026-11-28).
 */
function toOrigin(request) {
  const headers = new Headers(request.headers);
  const reader = headers.get("CF-Connecting-IP");
  if (reader) {
    headers.set("X-Real-IP", reader);
  } else {
    headers.delete("X-Real-IP");
  }
  return headers;
}

const WAIT_MS_MAX = 10_000;

/** null: not reached, or not in time. */
async function fetched(address, init) {
  try {
    return await fetch(address, { ...init, signal: AbortSignal.timeout(WAIT_MS_MAX) });
  } catch {
    return null;
  }
}

function isImmutable(file) {
  return isUpload(file) || /^assets\/.+\.[0-9a-f]{8,64}\.[a-z0-9]+$/.test(file.key);
}

function isUpload(file) {
  return file?.sort === "media" || file?.sort === "download";
}

function isMedia(contentType) {
  return Object.values(MEDIA_TYPES).includes(contentType);
}

function mayBeFolder(path) {
  return /^(?:\/(?:[A-Za-z0-9_$-]|[^\x00-\x7f])+)+$/.test(path);
}

/** /b is /b/. Only where there is such a folder, so that a wrong address is 404 at once. */
async function leadIntoFolder(path) {
  const index = { key: `${path.slice(1)}/index.html`, sort: "page" };
  const found = await fromBucket(new Request(env.SITE_URL, { method: "HEAD" }), index);
  return found?.ok ? redirect(escaped(`${path}/`), "folder") : null;
}

function redirect(location, kind) {
  const headers = headersOf(kind, new Headers({ Location: location }));
  return new Response(null, { status: 301, headers });
}

async function missing(request, url) {
  const now = request.method === "GET" || request.method === "HEAD" ? ledTo(url) : null;
  if (now) {
    return redirect(now, "folder");
  }
  const page = await fromBucket(new Request(url), { key: "404.html", sort: "page" });
  const headers = headersOf("missing", new Headers({ "Content-Type": "text/html; charset=utf-8" }));
  if (/\.(?:json|rss|atom)$/.test(url.pathname)) {
    // So that a client on another site can tell a thread that is gone from a board that is down.
    headers.set("Access-Control-Allow-Origin", "*");
  }
  const body = page?.ok ? page.body : SENTENCES.NOT_FOUND;
  return new Response(request.method === "HEAD" ? null : body, { status: 404, headers });
}

function refusal(status, sentence, more) {
  const headers = headersOf("refusal", new Headers(more));
  headers.set("Content-Type", "text/plain; charset=utf-8");
  return new Response(sentence, { status, headers });
}

// --- What a browser may do with an answer: nginx/templates/headers.jinja has the reasons ---

const POLICIES = {
  "Content-Security-Policy": pagePolicy((env.CAPTCHA ?? "").split(" ")),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Permissions-Policy":
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};
const POLICIES_OF_DATA = {
  ...POLICIES,
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "cross-origin",
};
const POLICIES_OF_MEDIA = {
  ...POLICIES_OF_DATA,
  "Content-Security-Policy":
    "default-src 'none'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
};
const SHARED = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "ETag, Last-Modified",
};
/** What can be done to a file. */
const ALLOWED = "GET, HEAD, OPTIONS";
const PREFLIGHT = {
  Allow: ALLOWED,
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, HEAD",
  "Access-Control-Allow-Headers": "If-Modified-Since, If-None-Match",
  "Access-Control-Max-Age": "86400",
};
const COMPRESSED = { Vary: "Accept-Encoding" };

const HEADERS_BY_KIND = {
  page: { ...POLICIES, ...COMPRESSED },
  own: { ...POLICIES, ...COMPRESSED, "Cache-Control": toReaderAlone(ASK_EACH_TIME) },
  data: { ...POLICIES_OF_DATA, ...SHARED, ...COMPRESSED },
  preflight: { ...POLICIES_OF_DATA, ...PREFLIGHT, "Cache-Control": "no-store" },
  asset: { ...POLICIES, ...COMPRESSED },
  hashed_asset: { ...POLICIES, ...COMPRESSED, "Service-Worker-Allowed": "/" },
  media: { ...POLICIES_OF_MEDIA, ...SHARED },
  download: { ...POLICIES_OF_MEDIA, ...SHARED, "Content-Disposition": "attachment" },
  guessed: { ...POLICIES_OF_MEDIA, ...SHARED, "Cache-Control": toReaderAlone(KEEP_FOREVER) },
  folder: { ...POLICIES, "Cache-Control": "public, max-age=3600" },
  shared_folder: { ...POLICIES_OF_DATA, ...SHARED, "Cache-Control": "public, max-age=3600" },
  options: { ...POLICIES, Allow: ALLOWED, "Cache-Control": "no-store" },
  missing: { ...POLICIES, ...COMPRESSED, "Cache-Control": "public, max-age=0, must-revalidate" },
  refusal: { ...POLICIES, "Cache-Control": "no-store" },
};

/** `own` and what belongs to the kind; the kind's word wins. */
function headersOf(kind, own = new Headers()) {
  for (const [name, value] of Object.entries(HEADERS_BY_KIND[kind])) {
    own.set(name, value);
  }
  return own;
}

/** What a page may load: the board's own, and what the captchas that are switched on need. */
function pagePolicy(captchas) {
  const added = captchas.flatMap((name) => Object.entries(CAPTCHA_SOURCES[name] ?? {}));
  const isOursAlone = !added.some(([directive]) => directive === "script-src");
  const own = isOursAlone ? { ...OWN_SOURCES, ...TRUSTED_TYPES } : OWN_SOURCES;
  const directives = new Map(Object.entries(own));
  for (const [directive, sources] of added) {
    directives.set(directive, [...new Set([...(directives.get(directive) ?? []), ...sources])]);
  }
  return [...directives].map(([name, sources]) => [name, ...sources].join(" ")).join("; ");
}

/** Kept by the browser that asked, and by nobody on the way: no purge would find it. */
function toReaderAlone(cacheControl) {
  return cacheControl.replace("public", "private");
}

function picked(headers, names) {
  const found = names.filter((name) => headers.has(name));
  return new Headers(found.map((name) => [name, headers.get(name)]));
}
