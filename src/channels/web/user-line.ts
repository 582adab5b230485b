import type { Cancel, Clock } from '../../clock.ts';
import { DeliveryError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import { EventStream } from './event-stream.ts';
import type { ChatEvent, SentReply } from './protocol.ts';

/** The maximum of pages of one person. One more closes the page that connected first. */
const MAX_PAGES = 8;
/** How long a page has to acknowledge a reply. A push may take ten seconds. */
const ACKNOWLEDGE_MS = 8000;

/** How often a page hears that the connection lives. Proxies close connections on which a minute passes in silence. */
const BEAT_MS = 15_000;

interface Offer extends SentReply {
  readonly taken: () => void;
  readonly refused: (error: DeliveryError) => void;
}

interface UserLineOptions {
  readonly openid: string;
  readonly clock: Clock;
  /** Called now and then, as long as a page is connected. */
  readonly onBeat: () => void;
  /** Called when no page is connected and nothing waits for an acknowledgement. */
  readonly onEmpty: () => void;
}

/** The connected pages of one person. A reply has arrived when one of them has acknowledged it. */
export class UserLine {
  readonly #options: UserLineOptions;
  /** In the order in which they connected. */
  readonly #pages = new Set<EventStream>();
  /** The replies that were sent and not acknowledged, in their order, by their ids. */
  readonly #offers = new Map<string, Offer>();
  #cancelBeat: Cancel | undefined;
  /** The text of the reply that is being made; empty if there is none to show. */
  #draft = '';

  constructor(options: UserLineOptions) {
    this.#options = options;
  }

  /** Number of connected pages. */
  get size(): number {
    return this.#pages.size;
  }

  /** What was sent and no page has acknowledged yet. */
  get unacknowledged(): readonly SentReply[] {
    return [...this.#offers.values()].map(({ id, reply }) => ({ id, reply }));
  }

  /** Connects a page; it gets what no page has acknowledged. */
  open(isTyping: boolean): EventStream {
    const [oldest] = this.#pages;
    const page = new EventStream((ended) => this.#forget(ended));
    this.#pages.add(page);
    if (this.#pages.size > MAX_PAGES) oldest?.close();
    page.send({ type: 'open', isTyping, beatMs: BEAT_MS });
    for (const sent of this.unacknowledged) page.send({ type: 'reply', ...sent });
    if (this.#draft !== '') page.send({ type: 'draft', text: this.#draft });
    this.#cancelBeat ??= this.#beatLater();
    return page;
  }

  send(event: ChatEvent): void {
    if (event.type === 'reply' || (event.type === 'answer' && event.replies.length > 0)) {
      this.#draft = '';
    }
    for (const page of this.#pages) page.send(event);
  }

  /** Shows the text of a reply that is being made; a page that reads slowly gets the next one. An empty one takes it off. */
  draft(text: string): void {
    this.#draft = text;
    const event: ChatEvent = { type: 'draft', text };
    for (const page of this.#pages) {
      if (text === '') page.send(event);
      else page.offer(event);
    }
  }

  /**
   * Sends a reply, and resolves when a page has acknowledged it.
   * @throws DeliveryError `push_closed` if no page is connected, or none acknowledges it in time
   */
  offer(id: string, reply: Reply): Promise<void> {
    if (this.#pages.size === 0) return Promise.reject(closedError(this.#options.openid));
    this.#offers.get(id)?.refused(closedError(this.#options.openid));
    return new Promise((resolve, reject) => {
      const { clock, openid } = this.#options;
      const settle = (then: () => void): void => {
        cancel();
        if (this.#offers.get(id) === offer) this.#offers.delete(id);
        then();
        this.#check();
      };
      const offer: Offer = {
        id,
        reply,
        taken: () => settle(resolve),
        refused: (error) => settle(() => reject(error)),
      };
      // A page that is frozen, or whose network is gone, connects again when it wakes up.
      const onTime = (): void => {
        offer.refused(closedError(openid));
        this.close();
      };
      const cancel = clock.wake(clock.now() + ACKNOWLEDGE_MS, onTime);
      this.#offers.set(id, offer);
      this.send({ type: 'reply', id, reply });
    });
  }

  /** A page has shown these. @returns the ids of replies that do not wait for it here */
  acknowledge(ids: readonly string[]): readonly string[] {
    return ids.filter((id) => {
      const offer = this.#offers.get(id);
      offer?.taken();
      return offer === undefined;
    });
  }

  /** Disconnects all pages; they connect again. */
  close(): void {
    for (const page of this.#pages) page.close();
  }

  #forget(page: EventStream): void {
    this.#pages.delete(page);
    if (this.#pages.size > 0) return;
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
    // The outbox keeps them until a page connects, or the person writes.
    for (const offer of this.#offers.values()) offer.refused(closedError(this.#options.openid));
    this.#check();
  }

  #beatLater(): Cancel {
    const { clock, onBeat } = this.#options;
    return clock.wake(clock.now() + BEAT_MS, () => {
      this.#cancelBeat = this.#beatLater();
      this.send({ type: 'beat' });
      onBeat();
    });
  }

  #check(): void {
    if (this.#pages.size === 0 && this.#offers.size === 0) this.#options.onEmpty();
  }
}

/** For a reply that waits in the outbox until a page connects. */
export function closedError(openid: string): DeliveryError {
  return new DeliveryError(
    'push_closed',
    'No page of the user is connected that acknowledges replies, so a reply waits until one is, or until the user writes.',
    { openid },
  );
}
