/**
 * Films and sounds are as loud as the last one was, on every page, and play one at a time; nothing
 * plays before somebody presses it.
 */

import * as kept from "./kept.js";

const NAME = "volume";

export function start() {
  // These events don't rise through the page: they are heard on their way down.
  document.addEventListener("play", (event) => begun(event.target), true);
  document.addEventListener("volumechange", (event) => changed(event.target), true);
}

/** @param {EventTarget | null} target */
function begun(target) {
  if (!(target instanceof HTMLMediaElement)) {
    return;
  }
  for (const other of document.querySelectorAll("video, audio")) {
    if (other instanceof HTMLMediaElement && other !== target) {
      other.pause();
    }
  }
  const { volume, muted } = remembered();
  target.volume = volume;
  target.muted = muted;
}

/** @param {EventTarget | null} target */
function changed(target) {
  const before = remembered();
  if (target instanceof HTMLMediaElement && (target.volume !== before.volume || target.muted !== before.muted)) {
    const { volume, muted } = target;
    kept.write(NAME, { volume, muted });
  }
}

/** @returns {{volume: number, muted: boolean}} */
function remembered() {
  const { volume = 1, muted = false } = /** @type {Record<string, unknown>} */ (kept.read(NAME, {}) ?? {});
  const isVolume = typeof volume === "number" && volume >= 0 && volume <= 1;
  return { volume: isVolume ? volume : 1, muted: muted === true };
}
