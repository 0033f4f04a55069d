/**
 * When to look at a thread again: every two seconds while the reader is there or something happens,
 * then more and more seldom; after a failure more seldom still.
 */

import { Pauses } from "./asking.js";

/** A look while nothing happened is 175 bytes: what comes is seen within three seconds. */
export const SHORTEST_MS = 2200;
export const LONGEST_MS = 60_000;
/** For how long after the reader's last move, or the last post, the pauses stay short. */
export const LIVELY_MS = 120_000;
const SLOWER = 1.3;

export class Rhythm {
  /**
   * @param {number} nowMs
   * @param {() => number} [chance] from 0 to 1
   */
  constructor(nowMs, chance = Math.random) {
    this.livelyMs = nowMs;
    this.pauseMs = SHORTEST_MS;
    this.failures = new Pauses(5000, 2 * LONGEST_MS, chance);
  }

  /** @param {number} nowMs the reader moved, or a post came */
  liven(nowMs) {
    this.livelyMs = nowMs;
    this.pauseMs = SHORTEST_MS;
  }

  /**
   * @param {number} nowMs
   * @returns {number} milliseconds until the next look, after one that went well
   */
  next(nowMs) {
    this.failures.reset();
    if (nowMs - this.livelyMs > LIVELY_MS) {
      this.pauseMs = Math.min(LONGEST_MS, this.pauseMs * SLOWER);
    }
    return this.pauseMs;
  }

  /** @returns {number} milliseconds until the next look, after one without an answer */
  nextAfterFailure() {
    return this.failures.next();
  }
}
