import type { Clock } from '../clock.ts';
import type { Channel } from './channel.ts';

/**
 * How long a user has waited when a webhook shows for the first time that a reply is being made. Before, it would be a call
 * for what ends sooner than a person looks; and a call beside the reply may arrive behind it, and remain on the screen.
 */
const FIRST_AFTER_MS = 300;
/** A platform that has not answered a call until then does not show it any more. */
const LONGEST_CALL_MS = 10_000;
/** The least time between two calls, also for a channel that asks for less. */
const LEAST_MS = 1000;
/** After this time the user sees “typing…” no longer for a service: the user has stopped watching. */
const LONGEST_MS = 120_000;

interface TypingShown {
  readonly show: NonNullable<Channel['typing']>;
  /** After how long it is shown again. */
  readonly everyMs: number | undefined;
  readonly clock: Clock;
}

/**
 * Shows users of a channel that a reply is being made, while services of theirs run. A call that fails ends it until the
 * next service starts. It is not reported: what is wrong with the platform, the reply will report.
 */
export class TypingIndicators {
  readonly #shown: TypingShown;
  /** By openid, while its work runs and is shown. */
  readonly #indicators = new Map<string, TypingIndicator>();

  constructor(
    { limits }: Pick<Channel, 'limits'>,
    { show, clock }: Pick<TypingShown, 'show' | 'clock'>,
  ) {
    const { typingMs } = limits ?? {};
    const everyMs = typingMs === undefined ? undefined : Math.max(typingMs, LEAST_MS);
    this.#shown = { show, clock, everyMs };
  }

  /** Services of the user run from now on, or run no more. */
  change(openid: string, isWorking: boolean): void {
    this.#indicators.get(openid)?.end();
    if (!isWorking) return;
    const indicator = new TypingIndicator(openid, this.#shown, () =>
      this.#indicators.delete(openid),
    );
    this.#indicators.set(openid, indicator);
  }

  /** The user got a reply, and the platform took the indicator off the screen. */
  said(openid: string): void {
    this.#indicators.get(openid)?.renew();
  }
}

/** One time of work. At most one call is under way. */
class TypingIndicator {
  readonly #openid: string;
  readonly #shown: TypingShown;
  readonly #onEnd: () => void;
  readonly #startedAt: number;
  readonly #over = new AbortController();
  #cancel: () => void;
  #isCalling = false;

  constructor(openid: string, shown: TypingShown, onEnd: () => void) {
    this.#openid = openid;
    this.#shown = shown;
    this.#onEnd = onEnd;
    this.#startedAt = shown.clock.now();
    this.#cancel = this.#after(FIRST_AFTER_MS, () => void this.#show());
  }

  end(): void {
    if (this.#over.signal.aborted) return;
    this.#cancel();
    this.#onEnd();
    this.#over.abort();
  }

  /** The next call comes as soon as the first one did, unless one is under way. */
  renew(): void {
    if (this.#isCalling) return;
    this.#cancel();
    this.#cancel = this.#after(FIRST_AFTER_MS, () => void this.#show());
  }

  async #show(): Promise<void> {
    const { show, everyMs, clock } = this.#shown;
    const { signal } = this.#over;
    this.#isCalling = true;
    this.#cancel = this.#after(LONGEST_CALL_MS, () => this.end());
    try {
      await show(this.#openid, { signal });
    } catch {
      return this.end();
    }
    if (signal.aborted) return;
    this.#isCalling = false;
    this.#cancel();
    const isLast = everyMs === undefined || clock.now() + everyMs > this.#startedAt + LONGEST_MS;
    if (isLast) this.end();
    else this.#cancel = this.#after(everyMs, () => void this.#show());
  }

  /** No wait of these keeps the process alive. */
  #after(ms: number, then: () => void): () => void {
    const { clock } = this.#shown;
    return clock.wake(clock.now() + ms, then);
  }
}
