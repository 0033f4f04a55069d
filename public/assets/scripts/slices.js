/**
 * Long work in slices, between which the browser answers whoever presses something, and draws: no
 * slice takes so long that it would be felt.
 */

/** By the clock: on a slow machine a slice does less. */
const SLICE_MS = 8;

/**
 * @param {() => boolean} step does a little; false: nothing is left to do
 */
export async function inSlices(step) {
  let end = performance.now() + SLICE_MS;
  while (step()) {
    if (performance.now() >= end) {
      await rest();
      end = performance.now() + SLICE_MS;
    }
  }
}

/** @returns {Promise<unknown>} once the browser has done what is more urgent */
export function rest() {
  const { scheduler } = /** @type {{scheduler?: {yield?: () => Promise<void>}}} */ (globalThis);
  return scheduler?.yield ? scheduler.yield() : aMessage();
}

/** Timers of a tab that nobody looks at ring once a second. */
function aMessage() {
  return new Promise((resume) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      resume(undefined);
    });
    port1.start();
    port2.postMessage(null);
  });
}
