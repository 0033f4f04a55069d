/**
 * Asks the board's server, patiently: a limit of time for each answer, and longer and longer pauses
 * while it gives none.
 */

const ANSWER_MS_MAX = 20_000;

/** The server gave no answer, or none that can be used: offline, too slow, an error of its own. */
export class NoAnswer extends Error {
  /**
   * @param {string} why
   * @param {number} status 0: none came
   */
  constructor(why, status = 0) {
    super(why);
    this.status = status;
  }
}

/**
 * @param {string} address
 * @param {RequestInit} [how]
 * @returns {Promise<Response>} of status 200 to 299, 304 or 404
 * @throws {NoAnswer}
 */
export async function ask(address, how = {}) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), ANSWER_MS_MAX);
  try {
    const answer = await fetch(address, { ...how, signal: how.signal ?? giveUp.signal });
    if (!answer.ok && answer.status !== 304 && answer.status !== 404) {
      throw new NoAnswer(`${address}: ${answer.status}`, answer.status);
    }
    return answer;
  } catch (error) {
    throw error instanceof NoAnswer ? error : new NoAnswer(`${address}: ${error}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {string} address
 * @param {RequestInit} [how] `{ cache: "no-cache" }`: what the browser has is used only if it is still so
 * @returns {Promise<unknown>} null: it isn't there (any more)
 * @throws {NoAnswer}
 */
export async function askForJson(address, how = {}) {
  const answer = await ask(address, { ...how, headers: { Accept: "application/json" } });
  if (answer.status === 404) {
    return null;
  }
  try {
    return await answer.json();
  } catch (error) {
    throw new NoAnswer(`${address}: ${error}`, answer.status);
  }
}

/** Longer and longer pauses, up to a limit; each is spread, so that not all come back at once. */
export class Pauses {
  /**
   * @param {number} firstMs
   * @param {number} longestMs
   * @param {() => number} [chance] from 0 to 1
   */
  constructor(firstMs, longestMs, chance = Math.random) {
    this.firstMs = firstMs;
    this.longestMs = longestMs;
    this.chance = chance;
    this.tries = 0;
  }

  /** @returns {number} milliseconds until the next try */
  next() {
    const whole = Math.min(this.longestMs, this.firstMs * 2 ** this.tries);
    this.tries += 1;
    return whole * (0.75 + this.chance() / 2);
  }

  /** It went well: begin with short ones again. */
  reset() {
    this.tries = 0;
  }
}
