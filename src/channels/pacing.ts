import type { Clock } from '../clock.ts';
import { DeliveryError } from '../errors.ts';

/** A limit of a platform for what a bot sends, and what a push counts against it. */
export interface Pace {
  /** What is limited, such as a chat. Pushes with the same key count together. */
  readonly key: string;
  /** The maximum of messages in any `perMs` milliseconds. */
  readonly count: number;
  /** Milliseconds. */
  readonly perMs: number;
  /** The number of messages that the push sends. Default 1. */
  readonly cost?: number;
}

/** The longest wait of a push in this process, less than a runner waits for pushes when it stops. */
const LONGEST_WAIT_MS = 3000;
/** The maximum of limits that are being counted; the one that was used least recently is then counted from zero. */
const MAX_KEYS = 10_000;

/** One limit, as far as it is this process's. */
interface Window {
  readonly count: number;
  readonly perMs: number;
  readonly cost: number;
  readonly sent: Sent;
}

/** What goes out under a key. */
interface Sent {
  /** When messages went out or will go, in order, as far back as it matters. */
  readonly at: number[];
  /** When the last of those that were sent back may try again. */
  laterAt: number;
}

interface PacerOptions {
  readonly clock: Clock;
  /** The part of each limit that is for this process, above 0 and up to 1. */
  readonly share: number;
}

/**
 * Holds pushes until the platform's limits have room for them: in no span of a limit more than it allows. A push waits here for
 * a moment. For one that would wait longer there is an error that says for how long, so that it waits in its record; those that
 * are sent back are spread over the time that they need.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #sent = new Map<string, Sent>();

  constructor({ clock, share }: PacerOptions) {
    this.#clock = clock;
    this.#share = share;
  }

  /**
   * Resolves when the push may go out.
   * @throws DeliveryError `paced`, with `details.retryAfterMs`
   */
  async take(openid: string, paces: readonly Pace[]): Promise<void> {
    const now = this.#clock.now();
    const at = this.#reserve(openid, paces, now);
    if (at > now) await new Promise<void>((resolve) => this.#clock.wake(at, resolve));
  }

  /** Gives the push the first place in time at which all of its limits have room, in epoch milliseconds. */
  #reserve(openid: string, paces: readonly Pace[], now: number): number {
    const windows = paces.map((pace) => this.#windowOf(pace, now));
    let at = now;
    let tight: Window | undefined;
    for (let before = Number.NaN; at !== before;) {
      before = at;
      for (const window of windows) {
        const fit = fitting(window, at);
        if (fit > at) tight = window;
        at = fit;
      }
    }
    if (tight !== undefined && at - now > LONGEST_WAIT_MS) {
      const { sent, perMs, count } = tight;
      sent.laterAt = Math.max(sent.laterAt, at) + perMs / count;
      throw paced(openid, Math.ceil(sent.laterAt - now));
    }
    for (const window of windows) {
      // Its other messages follow the first at once; who comes next waits for as long as if they had waited.
      for (let message = 0; message < window.cost; message += 1) {
        insert(window.sent.at, fitting(window, at));
      }
    }
    return at;
  }

  /** The part of a limit that is this process's: fewer messages or, where that would be less than one, in a longer time. */
  #windowOf({ key, count, perMs, cost = 1 }: Pace, now: number): Window {
    const own = count * this.#share;
    const whole = Math.max(1, Math.floor(own));
    const window = { count: whole, perMs: (perMs * whole) / own, cost, sent: this.#sentUnder(key) };
    const { at } = window.sent;
    while (at[0] !== undefined && at[0] <= now - window.perMs) at.shift();
    return window;
  }

  #sentUnder(key: string): Sent {
    const sent = this.#sent.get(key) ?? { at: [], laterAt: 0 };
    this.#sent.delete(key);
    this.#sent.set(key, sent);
    const [oldest] = this.#sent.keys();
    if (this.#sent.size > MAX_KEYS && oldest !== undefined) this.#sent.delete(oldest);
    return sent;
  }
}

/** The first moment from `from` on at which one more message leaves no more than `count` in any span. */
function fitting({ count, perMs, sent: { at: times } }: Window, from: number): number {
  let at = from;
  for (let first = 0; first + count <= times.length; first += 1) {
    const earliest = times[first] as number;
    const latest = times[first + count - 1] as number;
    // With these, which are as many as are allowed, it would be in one span.
    if (Math.max(latest, at) - Math.min(earliest, at) < perMs) at = Math.max(at, earliest + perMs);
  }
  return at;
}

function insert(times: number[], at: number): void {
  let place = times.length;
  while (place > 0 && (times[place - 1] as number) > at) place -= 1;
  times.splice(place, 0, at);
}

function paced(openid: string, retryAfterMs: number): DeliveryError {
  return new DeliveryError(
    'paced',
    `A push would go over what the platform allows, so the reply waits ${retryAfterMs} ms in its record.`,
    { openid, retryable: true, details: { retryAfterMs } },
  );
}
