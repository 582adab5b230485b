import type { Clock } from '../clock.ts';
import { ColloquyError, DeliveryError } from '../errors.ts';
import { untilAborted } from '../internal/async.ts';
import type { Channel, DraftOptions } from './channel.ts';
import type { TurnTakerEvents } from './turn-taker.ts';
import type { Report } from './report.ts';

/**
 * How long after the first draft a webhook shows it. Before, it would be a call for what ends sooner than a person looks; and
 * a call beside the reply may arrive behind it, and remain on the screen.
 */
const FIRST_AFTER_MS = 300;
/** A platform that has not answered a call until then shows no other draft of this service. */
const LONGEST_CALL_MS = 10_000;
/** The least time between two calls, also for a channel that asks for less. */
const LEAST_MS = 200;
/** How long a draft that is over waits for the reply that takes its place. */
const WITHDRAWN_AFTER_MS = 2000;

interface DraftsShown {
  readonly show: NonNullable<Channel['draft']>;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly report: Report;
}

/**
 * Shows users of a channel the drafts of services: of each user the one that began first, until it is over. Nothing waits for
 * a call, and a reply to the user takes the place of the draft.
 */
export class DraftDisplays {
  readonly #shown: DraftsShown;
  /** By openid, as long as there is a draft. */
  readonly #displays = new Map<string, DraftDisplay>();

  constructor({ limits }: Pick<Channel, 'limits'>, shown: Omit<DraftsShown, 'everyMs'>) {
    this.#shown = { ...shown, everyMs: Math.max(limits?.draftMs ?? 1000, LEAST_MS) };
  }

  /** A service of the user has another draft, or its draft is over. */
  change({ openid, id, text }: TurnTakerEvents['draft']): void {
    let display = this.#displays.get(openid);
    if (display === undefined) {
      if (text === '') return;
      display = new DraftDisplay(openid, this.#shown, () => this.#displays.delete(openid));
      this.#displays.set(openid, display);
    }
    display.change(id, text);
  }

  /** The user got a reply, and it took the draft off the screen. */
  said(openid: string): void {
    this.#displays.get(openid)?.replaced();
  }
}

/** What one user sees. At most one call is under way. */
class DraftDisplay {
  readonly #openid: string;
  readonly #shown: DraftsShown;
  readonly #onEnd: () => void;
  #id = '';
  /** What the user should see. Empty: the draft is over. */
  #text = '';
  /** What the last call showed; undefined if nothing of it is on the screen. */
  #onScreen: string | undefined;
  #call: AbortController | undefined;
  #cancel: (() => void) | undefined;
  #nextAt: number;
  #hasFailed = false;

  constructor(openid: string, shown: DraftsShown, onEnd: () => void) {
    this.#openid = openid;
    this.#shown = shown;
    this.#onEnd = onEnd;
    this.#nextAt = shown.clock.now() + FIRST_AFTER_MS;
  }

  change(id: string, text: string): void {
    if (id !== this.#id) {
      // Another service shows its own when the draft of this one is over.
      if (text === '' || this.#text !== '') return;
      this.#id = id;
      this.#hasFailed = false;
      this.#stop();
    }
    this.#text = text;
    if (text === '') this.#over();
    else this.#schedule();
  }

  /** A reply took its place. The draft of a service that still runs comes back. */
  replaced(): void {
    this.#onScreen = undefined;
    if (this.#text === '') return this.#end();
    const { clock } = this.#shown;
    this.#nextAt = Math.max(this.#nextAt, clock.now() + FIRST_AFTER_MS);
    this.#stop();
    this.#schedule();
  }

  #over(): void {
    // What is on its way would arrive beside the reply.
    this.#call?.abort();
    this.#stop();
    if (this.#onScreen === undefined) return this.#end();
    this.#cancel = this.#after(WITHDRAWN_AFTER_MS, () => void this.#withdraw());
  }

  async #withdraw(): Promise<void> {
    this.#end();
    await this.#attempt('');
  }

  #schedule(): void {
    if (this.#call !== undefined || this.#cancel !== undefined || this.#hasFailed) return;
    if (this.#text === this.#onScreen) return;
    const ms = Math.max(this.#nextAt - this.#shown.clock.now(), 0);
    this.#cancel = this.#after(ms, () => {
      this.#cancel = undefined;
      void this.#show();
    });
  }

  async #show(): Promise<void> {
    const { clock, everyMs } = this.#shown;
    const id = this.#id;
    const before = this.#onScreen;
    this.#onScreen = this.#text;
    const pauseMs = await this.#attempt(this.#text);
    this.#nextAt = clock.now() + Math.max(everyMs, pauseMs ?? 0);
    // What was not taken is not there, and what was there still is, unless a reply has replaced it.
    if (pauseMs !== 0 && this.#onScreen !== undefined) this.#onScreen = before;
    if (pauseMs === undefined && id === this.#id) this.#hasFailed = true;
    if (this.#text !== '') this.#schedule();
  }

  /** @returns for how long the platform wants no other call; undefined if it shall get none */
  async #attempt(text: string): Promise<number | undefined> {
    const { show, report } = this.#shown;
    const call = new AbortController();
    this.#call = call;
    const isLate = this.#after(LONGEST_CALL_MS, () => call.abort(lateError(this.#openid)));
    try {
      const options: DraftOptions = { id: this.#id, text, signal: call.signal };
      await untilAborted(Promise.resolve(show(this.#openid, options)), call.signal);
      return 0;
    } catch (error) {
      // It is over, or the platform asks for a pause.
      if (call.signal.aborted && !ColloquyError.is(call.signal.reason)) return 0;
      const pauseMs = pauseOf(error);
      if (pauseMs === undefined) report(error);
      return pauseMs;
    } finally {
      isLate();
      if (this.#call === call) this.#call = undefined;
    }
  }

  #end(): void {
    this.#stop();
    this.#onEnd();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** No wait of these keeps the process alive. */
  #after(ms: number, then: () => void): () => void {
    const { clock } = this.#shown;
    return clock.wake(clock.now() + ms, then);
  }
}

function pauseOf(error: unknown): number | undefined {
  const pauseMs = ColloquyError.is(error, 'rate_limited')
    ? error.details['retryAfterMs']
    : undefined;
  return typeof pauseMs === 'number' ? pauseMs : undefined;
}

function lateError(openid: string): DeliveryError {
  return new DeliveryError(
    'push_timeout',
    `A call that shows a draft had no outcome after ${LONGEST_CALL_MS} ms; the webhook shows no other draft of this service.`,
    { openid },
  );
}
