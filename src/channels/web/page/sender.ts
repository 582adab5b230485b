import type { ChatAnswer } from '../protocol.ts';
import type { ChatLog, SaidEntry } from './chat-log.ts';
import { Pauses, type Posted, post } from './post.ts';

export interface SenderListener {
  answer(answer: ChatAnswer): void;
  /** Say hello; call `ready` after it. */
  needsSession(): void;
}

/** How long a message of another page of this browser may wait before this page sends it, too. */
const ADOPTED_AFTER_MS = 5000;
/** Replies that come together are acknowledged together. */
const ACK_AFTER_MS = 150;
const ACK_AGAIN_MS = 10_000;
/** The most ids in one request. */
const MAX_IDS = 256;

/**
 * Sends the messages that wait, one at a time and in order, each until it is answered; and acknowledges replies. A message
 * that two pages send counts once, as it has one id.
 */
export class Sender {
  readonly #endpoint: string;
  readonly #log: ChatLog;
  readonly #listener: SenderListener;
  readonly #pauses = new Pauses();
  /** Of the messages that wait: those that this page sends. */
  #own: ReadonlySet<string> = new Set();
  /** Ids of replies whose acknowledgement was not answered; the oldest are left out, and come again. */
  #acks: readonly string[] = [];
  #isSending = false;
  #isReady = false;
  /** The server has asked for a pause until then, in epoch milliseconds. */
  #pausesUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #adoptTimer: ReturnType<typeof setTimeout> | undefined;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(endpoint: string, log: ChatLog, listener: SenderListener) {
    this.#endpoint = endpoint;
    this.#log = log;
    this.#listener = listener;
  }

  /** Whether what waits can be sent: there is a session, and what was said before has its way to the page. */
  ready(isReady: boolean): void {
    this.#isReady = isReady;
    if (!isReady) return;
    this.#acknowledge();
    void this.#send();
  }

  close(): void {
    this.#isReady = false;
    clearTimeout(this.#timer);
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#adoptTimer);
  }

  /** Sends messages of this page that wait. */
  send(...ids: readonly string[]): void {
    const waiting = this.#log.waiting.map(({ id }) => id);
    this.#own = new Set(waiting.filter((id) => ids.includes(id) || this.#own.has(id)));
    void this.#send();
  }

  /** Messages of other pages have come: one that is closed will not send its own. */
  adopt(): void {
    this.#adoptTimer ??= setTimeout(() => {
      this.#adoptTimer = undefined;
      this.send(...this.#log.waiting.map(({ id }) => id));
    }, ADOPTED_AFTER_MS);
  }

  acknowledge(ids: readonly string[]): void {
    this.#acks = [...new Set([...this.#acks, ...ids])].slice(-MAX_IDS);
    this.#acknowledge();
  }

  #acknowledge(): void {
    clearTimeout(this.#ackTimer);
    if (this.#acks.length > 0) {
      this.#ackTimer = setTimeout(() => void this.#postAcks(), ACK_AFTER_MS);
    }
  }

  async #postAcks(): Promise<void> {
    const ids = this.#acks;
    if (!this.#isReady || ids.length === 0) return;
    const { is } = await post<undefined>(this.#endpoint, { type: 'ack', shown: ids });
    if (is === 'taken' || is === 'refused') this.#acknowledged(ids);
    // Without a session, the next one does it; so may the next message before.
    else if (is === 'again') this.#ackTimer = setTimeout(() => this.#acknowledge(), ACK_AGAIN_MS);
  }

  #acknowledged(ids: readonly string[]): void {
    const gone = new Set(ids);
    this.#acks = this.#acks.filter((id) => !gone.has(id));
  }

  async #send(): Promise<void> {
    if (this.#isSending || !this.#isReady) return;
    clearTimeout(this.#timer);
    const restMs = this.#pausesUntil - Date.now();
    if (restMs > 0) {
      this.#timer = setTimeout(() => void this.#send(), restMs);
      return;
    }
    this.#isSending = true;
    for (;;) {
      const [entry] = this.#log.waiting.filter(({ id }) => this.#own.has(id));
      if (entry === undefined || !this.#isReady) break;
      const { id, message } = entry;
      // A server that was killed may not have stored what was acknowledged, and would put it into this answer again.
      const ids = [...new Set([...this.#log.pushed, ...this.#acks])].slice(-MAX_IDS);
      const posted = await post<ChatAnswer>(this.#endpoint, {
        type: 'message',
        id,
        message,
        ...(ids.length > 0 && { shown: ids }),
      });
      if (posted.is === 'taken') this.#acknowledged(ids);
      if (!this.#settle(entry, posted)) break;
    }
    this.#isSending = false;
  }

  /** @returns whether the next message can be sent now */
  #settle({ id }: SaidEntry, posted: Posted<ChatAnswer>): boolean {
    switch (posted.is) {
      case 'taken':
        this.#pauses.reset();
        this.#listener.answer(posted.body);
        return true;
      case 'refused':
        this.#log.settle(id, posted.error === 'too_large' ? 'too_long' : 'refused');
        return true;
      case 'no_session':
        this.#isReady = false;
        // A browser that keeps no cookies gets a session each time, and has none with the message.
        this.#timer = setTimeout(() => this.#listener.needsSession(), this.#pauses.next());
        return false;
      case 'again':
        this.#pausesUntil = Date.now() + posted.afterMs;
        this.#timer = setTimeout(() => void this.#send(), this.#pauses.next(posted.afterMs));
        return false;
    }
  }
}
