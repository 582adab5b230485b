import type { Cancel, Clock } from '../../clock.ts';
import { DeliveryError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import { EventStream } from './event-stream.ts';
import type { ChatEvent, SentReply } from './protocol.ts';

/** The maximum of pages of one person. One more closes the page that connected first. */
const MAX_PAGES = 8;
/** The maximum of pages in one room, of all its persons. One more closes the page that connected first. */
const MAX_ROOM_PAGES = 256;
/** How long a page has to acknowledge a reply. A push may take ten seconds. */
const ACKNOWLEDGE_MS = 8000;

/** How often a page hears that the connection lives. Proxies close connections on which a minute passes in silence. */
const BEAT_MS = 15_000;

interface Offer extends SentReply {
  /** The one person of a room who sees it; undefined for all. */
  readonly to: string | undefined;
  /** Who has it and has not acknowledged it. */
  readonly awaited: Set<string>;
  /** Whether anybody has acknowledged it. */
  hasArrived: boolean;
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

/** What the server sends to a person's page; undefined for nothing. */
export type ForPerson = (person: string) => ChatEvent | undefined;

/**
 * The connected pages of one conversation: those of one person, or in a room those of several. A reply has arrived when a page of
 * each person who is connected has acknowledged it.
 */
export class UserLine {
  readonly #options: UserLineOptions;
  /** In the order in which they connected, each with its person. */
  readonly #pages = new Map<EventStream, string>();
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

  /** Whether a page of the person is connected. */
  has(person: string): boolean {
    return [...this.#pages.values()].includes(person);
  }

  /** What was sent to a person and not acknowledged yet. */
  unacknowledged(person: string): readonly SentReply[] {
    return [...this.#offers.values()]
      .filter(({ to }) => to === undefined || to === person)
      .map(({ id, reply }) => ({ id, reply }));
  }

  /**
   * Connects a page of a person; it gets what was not acknowledged.
   * @param missed what the page gets before
   */
  open(person: string, isTyping: boolean, missed: readonly ChatEvent[] = []): EventStream {
    const page = new EventStream((ended) => this.#forget(ended));
    this.#pages.set(page, person);
    const own = [...this.#pages].filter(([, each]) => each === person);
    if (own.length > MAX_PAGES) own[0]?.[0].close();
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MAX_ROOM_PAGES) oldest?.close();
    page.send({ type: 'open', isTyping, beatMs: BEAT_MS });
    for (const event of missed) page.send(event);
    for (const { id, reply, to, awaited } of this.#offers.values()) {
      if (to !== undefined && to !== person) continue;
      awaited.add(person);
      page.send({ type: 'reply', id, reply });
    }
    if (this.#draft !== '') page.send({ type: 'draft', text: this.#draft });
    this.#cancelBeat ??= this.#beatLater();
    return page;
  }

  send(event: ChatEvent): void {
    if (event.type === 'reply' || (event.type === 'answer' && event.replies.length > 0)) {
      this.#draft = '';
    }
    for (const page of this.#pages.keys()) page.send(event);
  }

  /** Tells each person of a room what is for them. */
  tell(eventFor: ForPerson): void {
    for (const [page, person] of this.#pages) {
      const event = eventFor(person);
      if (event !== undefined) page.send(event);
    }
  }

  /** Shows the text of a reply that is being made; a page that reads slowly gets the next one. An empty one takes it off. */
  draft(text: string): void {
    this.#draft = text;
    const event: ChatEvent = { type: 'draft', text };
    for (const page of this.#pages.keys()) {
      if (text === '') page.send(event);
      else page.offer(event);
    }
  }

  /**
   * Sends a reply, and resolves when each person who is connected has acknowledged it.
   * @param to the one person of a room who sees it
   * @throws DeliveryError `push_closed` if no page is connected, or none acknowledges it in time
   */
  offer(id: string, reply: Reply, to?: string): Promise<void> {
    const people = [...this.#pages.values()].filter((each) => to === undefined || each === to);
    if (people.length === 0) return Promise.reject(closedError(this.#options.openid));
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
        to,
        awaited: new Set(people),
        hasArrived: false,
        taken: () => settle(resolve),
        refused: (error) => settle(() => reject(error)),
      };
      // A page that is frozen, or whose network is gone, connects again when it wakes up.
      const onTime = (): void => {
        if (offer.hasArrived) offer.taken();
        else offer.refused(closedError(openid));
        for (const [page, person] of this.#pages) if (offer.awaited.has(person)) page.close();
      };
      const cancel = clock.wake(clock.now() + ACKNOWLEDGE_MS, onTime);
      this.#offers.set(id, offer);
      if (to === undefined) this.send({ type: 'reply', id, reply });
      else this.tell((each) => (each === to ? { type: 'reply', id, reply } : undefined));
    });
  }

  /** A page of a person has shown these. @returns the ids of replies that do not wait for it here */
  acknowledge(person: string, ids: readonly string[]): readonly string[] {
    return ids.filter((id) => {
      const offer = this.#offers.get(id);
      if (offer === undefined) return true;
      offer.hasArrived = true;
      offer.awaited.delete(person);
      if (offer.awaited.size === 0) offer.taken();
      return false;
    });
  }

  /** Disconnects all pages; they connect again. */
  close(): void {
    for (const page of this.#pages.keys()) page.close();
  }

  #forget(page: EventStream): void {
    const person = this.#pages.get(page) ?? '';
    this.#pages.delete(page);
    if (!this.has(person)) this.#leave(person);
    if (this.#pages.size > 0) return;
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
    // The outbox keeps them until a page connects, or the person writes.
    for (const offer of this.#offers.values()) offer.refused(closedError(this.#options.openid));
    this.#check();
  }

  /** If the others have a reply, it does not wait for a person who left the room. */
  #leave(person: string): void {
    for (const offer of this.#offers.values()) {
      offer.awaited.delete(person);
      if (offer.hasArrived && offer.awaited.size === 0) offer.taken();
    }
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
