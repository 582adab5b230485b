import type { ChatEvent, ChatWelcome } from '../protocol.ts';
import { Pauses, post } from './post.ts';

/**
 * - `lost`: it tries again and again.
 * - `no_session`: the person has to log in.
 * - `refused`: the server does not take this page.
 */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'no_session' | 'refused';

export interface ConnectionListener {
  welcome(welcome: ChatWelcome): void;
  /**
   * Whether messages may be sent: the stream is open, or none gets through. What was said before comes by the stream, so an answer
   * that was faster would stand before it.
   */
  ready(isReady: boolean): void;
  event(event: ChatEvent): void;
  state(state: ConnectionState): void;
}

/**
 * A hidden page lets its stream go: browsers open six connections to a host over HTTP/1.1, for all tabs together.
 * What is said meanwhile is there when it is seen again.
 */
const UNSEEN_FOR_MS = 60_000;
/** A stream that ends sooner counts as a failed attempt: the server may have too many pages of this person. */
const STEADY_MS = 10_000;
/** A stream that has not opened by then may be held back by a proxy: messages do not wait for it. */
const OPENS_WITHIN_MS = 3000;
/** A person may log in meanwhile, in another tab. */
const NEXT_LOGIN_MS = 15_000;

/**
 * The stream from the server. It says hello, opens the stream, and whenever it ends opens it again, after growing pauses; at once
 * when the browser is online again or the page is looked at again.
 */
export class Connection {
  readonly #endpoint: string;
  readonly #listener: ConnectionListener;
  readonly #pauses = new Pauses();
  #source: EventSource | undefined;
  /** The next attempt, or the moment from which the stream counts as dead. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unseenTimer: ReturnType<typeof setTimeout> | undefined;
  #readyTimer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the last stream ended before it was open, though the server had said hello. */
  #isBarred = false;
  #beatMs = 60_000;
  #isGreeting = false;
  #isOpen = false;

  constructor(endpoint: string, listener: ConnectionListener) {
    this.#endpoint = endpoint;
    this.#listener = listener;
  }

  /** Opens the stream now: a person who says something does not wait for the next attempt. */
  open(): void {
    if (this.#isOpen) {
      if (this.#source === undefined) void this.#begin();
      return;
    }
    this.#isOpen = true;
    addEventListener('online', this.#hurry);
    addEventListener('pageshow', this.#hurry);
    document.addEventListener('visibilitychange', this.#seen);
    this.#listener.state('connecting');
    void this.#begin();
  }

  close(): void {
    this.#isOpen = false;
    removeEventListener('online', this.#hurry);
    removeEventListener('pageshow', this.#hurry);
    document.removeEventListener('visibilitychange', this.#seen);
    clearTimeout(this.#unseenTimer);
    this.#drop();
  }

  /** The session is over: says hello again. */
  renew(): void {
    if (this.#isOpen) void this.#begin();
  }

  readonly #seen = (): void => {
    clearTimeout(this.#unseenTimer);
    if (document.visibilityState === 'visible') this.#hurry();
    else this.#unseenTimer = setTimeout(() => this.#drop(), UNSEEN_FOR_MS);
  };

  readonly #hurry = (): void => {
    if (document.visibilityState === 'hidden' || this.#source?.readyState === EventSource.OPEN) {
      return;
    }
    this.#pauses.reset();
    void this.#begin();
  };

  async #begin(): Promise<void> {
    if (this.#isGreeting) return;
    this.#isGreeting = true;
    this.#drop();
    const posted = await post<ChatWelcome>(this.#endpoint, { type: 'hello' });
    this.#isGreeting = false;
    if (!this.#isOpen) return;
    if (posted.is === 'taken') {
      this.#listener.welcome(posted.body);
      this.#readyTimer = setTimeout(
        () => this.#listener.ready(true),
        this.#isBarred ? 0 : OPENS_WITHIN_MS,
      );
      this.#stream();
      return;
    }
    this.#isBarred = false;
    this.#listener.state(posted.is === 'again' ? 'lost' : posted.is);
    this.#beginAfter(posted.is === 'again' ? this.#pauses.next(posted.afterMs) : NEXT_LOGIN_MS);
  }

  #stream(): void {
    const source = new EventSource(this.#endpoint, { withCredentials: true });
    this.#source = source;
    let openedAt = Infinity;
    const lost = (): void => {
      this.#drop();
      this.#isBarred = openedAt === Infinity;
      if (!this.#isBarred) this.#listener.ready(false);
      if (Date.now() - openedAt > STEADY_MS) this.#pauses.reset();
      this.#listener.state('lost');
      this.#beginAfter(this.#pauses.next());
    };
    // The browser's own attempts do not say hello.
    source.addEventListener('error', lost);
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const event = eventIn(data);
      if (event?.type === 'open') {
        this.#beatMs = event.beatMs;
        openedAt = Date.now();
        this.#isBarred = false;
        clearTimeout(this.#readyTimer);
        this.#listener.state('live');
        this.#listener.ready(true);
      }
      clearTimeout(this.#timer);
      this.#timer = setTimeout(lost, this.#beatMs * 2);
      if (event !== undefined) this.#listener.event(event);
    });
    this.#timer = setTimeout(lost, this.#beatMs * 2);
  }

  #beginAfter(pauseMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#begin(), pauseMs);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#readyTimer);
    this.#source?.close();
    this.#source = undefined;
  }
}

function eventIn(data: string): ChatEvent | undefined {
  try {
    return JSON.parse(data) as ChatEvent;
  } catch {
    return undefined;
  }
}
