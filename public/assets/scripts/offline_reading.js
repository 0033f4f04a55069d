/**
 * Threads that were read can be read again without a network: brings the program that keeps them
 * (`offline_worker.js`), and takes it away with all that it kept where this is switched off.
 */

import { page } from "./page.js";
import { programAddress } from "./safe_html.js";
import { asset } from "./styles.js";
import { language, msg, say } from "./words.js";

/** What the program calls the places where it keeps things. */
const KEPT = ["threads", "pictures", "assets"];

export function start() {
  const mark = document.querySelector("#kept-copy");
  const time = mark?.querySelector("time");
  if (mark && time) {
    const at = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time.dateTime));
    mark.textContent = say(msg("You are offline. This is the thread as of {time}."), { time: at });
    window.addEventListener("online", () => location.reload(), { once: true });
    return;
  }
  // Not there without TLS, and in some private windows.
  navigator.serviceWorker
    ?.register(programAddress(asset("scripts/offline_worker.js")), { scope: "/" })
    .then(async () => {
      if (page.thread !== null && !cameThroughProgram()) {
        (await navigator.serviceWorker.ready).active?.postMessage(location.pathname);
      }
    })
    .catch(() => {
      // Not allowed in this browser: it reads online as ever.
    });
}

/** Not whether this page has the program now: that may have come while the page was on its way. */
function cameThroughProgram() {
  const [way] = performance.getEntriesByType("navigation");
  return way instanceof PerformanceNavigationTiming && way.workerStart > 0;
}

export async function stop() {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  // Another program of the board's may stand beside no page at all (push.js).
  if (registration && new URL(registration.scope).pathname === "/") {
    await registration.unregister();
  }
  await Promise.all(KEPT.map((name) => globalThis.caches?.delete(name)));
}
