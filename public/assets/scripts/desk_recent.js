/**
 * New posts come by themselves to the desk's list of recent ones, while somebody looks at it: the page is asked
 * for again, and answered only if a board has changed. What is ticked stays so; what was removed goes. Without
 * this, or logged out meanwhile, the page stays as it was when it was opened.
 */

import { pageFrom } from "./safe_html.js";

const EVERY_MS = 5000;

const list = document.querySelector("[data-live]");
let version = list?.getAttribute("data-live") ?? "";
if (list !== null && version !== "") {
  setTimeout(look, EVERY_MS);
}

async function look() {
  if (document.visibilityState === "visible" && !(await bring())) {
    return;
  }
  setTimeout(look, EVERY_MS);
}

/** False: we are led to the log-in, or may not look any more. */
async function bring() {
  try {
    const answer = await fetch(location.href, {
      headers: { "If-None-Match": `"${version}"` },
      cache: "no-store",
      redirect: "manual",
    });
    const found = answer.ok ? pageFrom(await answer.text()).querySelector("[data-live]") : null;
    if (found !== null) {
      show(found);
    }
    return answer.ok || answer.status === 304 || answer.status >= 500;
  } catch {
    // The network is gone for a moment.
    return true;
  }
}

/** @param {Element} found */
function show(found) {
  const here = new Map([...(list?.children ?? [])].map((post) => [post.id, post]));
  list?.replaceChildren(...[...found.children].map((post) => here.get(post.id) ?? document.adoptNode(post)));
  version = found.getAttribute("data-live") ?? version;
}
