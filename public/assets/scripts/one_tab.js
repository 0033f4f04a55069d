/**
 * A job that one tab does for all: whoever has a thread open fifty times asks for it once. What the
 * tab that has the job finds out, it tells the others (`Channel`).
 *
 * Browsers without Web Locks, or a page without TLS, keep in localStorage who has the job and until
 * when; where nothing is kept, each tab does it for itself.
 */

import { read, write } from "./kept.js";

const PREFIX = "stillboard:";
const LEASE_MS = 15_000;
/** Two who take a free lease at once: the one who wrote last has it. */
const SETTLED_MS = 100;

/** The place of whoever does the job `name`. One stands in line for it, and leaves it to the next. */
export class Seat {
  /**
   * @param {string} name
   * @param {() => void} taken called when this tab has the job
   * @param {{lockManager?: LockManager | undefined}} [means] this browser's
   */
  constructor(name, taken, means = { lockManager: navigator.locks }) {
    this.name = name;
    this.taken = taken;
    this.locks = means.lockManager;
    this.isMine = false;
    /** @type {(() => void) | null} */
    this.stop = null;
  }

  /** Stand in line; nothing is done by whoever does so already. */
  join() {
    if (!this.stop) {
      this.stop = this.locks ? this.joinByLock(this.locks) : this.joinByLease();
    }
  }

  /** Leave the job, or the line, to others. */
  leave() {
    this.isMine = false;
    this.stop?.();
    this.stop = null;
  }

  take() {
    this.isMine = true;
    this.taken();
  }

  /** @param {LockManager} locks */
  joinByLock(locks) {
    const left = new AbortController();
    locks
      .request(PREFIX + this.name, { signal: left.signal }, () => {
        if (left.signal.aborted) {
          return undefined;
        }
        this.take();
        return new Promise((resolve) => left.signal.addEventListener("abort", resolve));
      })
      .catch(() => undefined);
    return () => left.abort();
  }

  joinByLease() {
    const own = `${Date.now()}-${Math.random()}`;
    const name = `lease:${this.name}`;
    const renew = () => {
      const lease = /** @type {unknown[]} */ ([read(name, [])].flat());
      const isFree = lease[0] === own || Number(lease[1] ?? 0) < Date.now();
      if (isFree) {
        write(name, [own, Date.now() + LEASE_MS]);
        setTimeout(() => {
          if (!this.isMine && this.stop && [read(name, [])].flat()[0] === own) {
            this.take();
          }
        }, SETTLED_MS);
      } else {
        this.isMine = false;
      }
    };
    const give = () => {
      clearInterval(timer);
      window.removeEventListener("pagehide", give);
      if ([read(name, [])].flat()[0] === own) {
        write(name, undefined);
      }
    };
    const timer = setInterval(renew, LEASE_MS / 3);
    window.addEventListener("pagehide", give);
    renew();
    return give;
  }
}

/**
 * Does a job while no other tab does the same; who comes second waits.
 *
 * @param {string} name
 * @param {() => Promise<void>} job
 */
export async function inTurn(name, job) {
  await (navigator.locks ? navigator.locks.request(PREFIX + name, job) : job());
}

/** What tabs of the same reader tell each other. @template T */
export class Channel {
  /**
   * @param {string} name
   * @param {(told: T) => void} hear what other tabs told
   */
  constructor(name, hear) {
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(PREFIX + name);
    this.channel?.addEventListener("message", (event) => hear(event.data));
  }

  /** @param {T} what */
  tell(what) {
    this.channel?.postMessage(what);
  }
}
