import type { Clock } from '../../clock.ts';
import type { Reply } from '../../reply.ts';
import type { TurnTaker } from '../turn-taker.ts';
import { userOf } from '../refusal.ts';
import type { Report } from '../report.ts';
import type { EventStream } from './event-stream.ts';
import type { ChatEvent } from './protocol.ts';
import { RoomLog } from './room-log.ts';
import { isSayable, unsayableHere } from './sayable.ts';
import { type ForPerson, UserLine, closedError } from './user-line.ts';
import { type Visitor, isRoom } from './visitors.ts';

/** The maximum of persons with a connected page; further ones are refused, and try again. */
const MAX_USERS = 10_000;
/** The maximum of rooms of which it is kept what was said lately. The one of which it was kept longest ago leaves. */
const MAX_ROOMS = 1000;

interface UserLinesOptions {
  readonly runner: TurnTaker;
  readonly prefix: string;
  readonly clock: Clock;
  readonly report: Report;
}

/** Hears the drafts of a person. */
type DraftFollower = (text: string) => void;

/** The connected pages of all persons. */
export class UserLines {
  readonly #options: UserLinesOptions;
  readonly #lines = new Map<string, UserLine>();
  /** What was said in rooms lately, by their openids. */
  readonly #logs = new Map<string, RoomLog>();
  /** The persons for whom services run. */
  readonly #working = new Set<string>();
  /** The clients of the AI SDK that wait for an answer, by their persons. */
  readonly #followers = new Map<string, ReadonlySet<DraftFollower>>();

  constructor(options: UserLinesOptions) {
    this.#options = options;
    const { runner, prefix } = options;
    runner.on('working', ({ openid, isWorking }) => {
      if (!openid.startsWith(prefix)) return;
      if (isWorking) this.#working.add(openid);
      else this.#working.delete(openid);
      this.send(openid, { type: 'typing', isTyping: isWorking });
    });
  }

  /** Whether a page of the person is connected. */
  has(openid: string): boolean {
    return (this.#lines.get(openid)?.size ?? 0) > 0;
  }

  of(openid: string): UserLine | undefined {
    return this.#lines.get(openid);
  }

  send(openid: string, event: ChatEvent): void {
    this.#lines.get(openid)?.send(event);
  }

  /** Tells each person of a room what is for them, and those who connect later. @param key once for each thing that is sent */
  tell(openid: string, key: string, eventFor: ForPerson, content: object): void {
    this.#lines.get(openid)?.tell(eventFor);
    this.#keep(openid, key, eventFor, content);
  }

  /** Shows the person the text of a reply that is being made. */
  draft(openid: string, text: string): void {
    this.#lines.get(openid)?.draft(text);
    for (const hear of this.#followers.get(openid) ?? []) hear(text);
  }

  /**
   * Tells a client without a stream of events the drafts of the person.
   * @returns a function that ends it
   */
  follow(openid: string, hear: DraftFollower): () => void {
    const before = this.#followers.get(openid) ?? [];
    this.#followers.set(openid, new Set([...before, hear]));
    return () => {
      const left = [...(this.#followers.get(openid) ?? [])].filter((each) => each !== hear);
      if (left.length === 0) this.#followers.delete(openid);
      else this.#followers.set(openid, new Set(left));
    };
  }

  /** Connects a page of the person, and sends it what waits for them; undefined if there is no room for it. */
  open({ openid, id }: Pick<Visitor, 'openid' | 'id'>): EventStream | undefined {
    let line = this.#lines.get(openid);
    if (line === undefined) {
      if (this.#lines.size >= MAX_USERS) return undefined;
      line = new UserLine({
        openid,
        clock: this.#options.clock,
        // Another process may have said something to the person, who is connected here.
        onBeat: () => void this.deliver(openid),
        onEmpty: () => this.#lines.delete(openid),
      });
      this.#lines.set(openid, line);
    }
    const missed = this.#logs.get(openid)?.eventsFor(id) ?? [];
    const page = line.open(id, this.#working.has(openid), missed);
    void this.deliver(openid);
    return page;
  }

  /** @throws DeliveryError `push_closed`, `unsayable_reply`, `unknown_openid` */
  async push(openid: string, reply: Reply, id: string): Promise<void> {
    const user = this.#userOf(openid);
    if (!isSayable(reply, user)) throw unsayableHere(openid);
    const line = this.#lines.get(openid);
    if (line === undefined) throw closedError(openid);
    if (isRoom(user)) this.#keep(openid, id, () => ({ type: 'reply', id, reply }), reply);
    await line.offer(id, reply);
  }

  /**
   * Sends a reply for one person of a room. The others do not wait for a person who is not there, who gets it when they come.
   * @throws DeliveryError `push_closed`, `unsayable_reply`, `unknown_openid`
   */
  async aside(
    openid: string,
    reply: Reply,
    { id, to }: { readonly id: string; readonly to: string },
  ): Promise<void> {
    if (!isRoom(this.#userOf(openid))) throw unsayableHere(openid);
    const event = { type: 'reply', id, reply } as const;
    this.#keep(openid, id, (person) => (person === to ? event : undefined), reply);
    const line = this.#lines.get(openid);
    if (line?.has(to) === true) await line.offer(id, reply, to);
  }

  #userOf(openid: string): string {
    const { prefix } = this.#options;
    return userOf(prefix, openid, `${prefix}<user>`);
  }

  /** A page of the person has shown these replies. */
  async acknowledge(by: Pick<Visitor, 'openid' | 'id'>, ids: readonly string[]): Promise<void> {
    const taken = this.#take(by, ids);
    if (taken.length > 0) await this.deliver(by.openid, taken);
  }

  /** The same, and then delivers what waits for the person. */
  async catchUp(by: Pick<Visitor, 'openid' | 'id'>, ids: readonly string[]): Promise<void> {
    await this.deliver(by.openid, this.#take(by, ids));
  }

  /** Delivers what waits for the person. Never rejects. */
  async deliver(openid: string, taken: readonly string[] = []): Promise<void> {
    const { runner, report } = this.#options;
    try {
      await runner.deliver?.(openid, { taken });
    } catch (error) {
      report(error);
    }
  }

  /** Disconnects all pages. */
  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  /** @returns the ids of replies that this process has not sent: another one did, or this one before it was started again */
  #take({ openid, id }: Pick<Visitor, 'openid' | 'id'>, ids: readonly string[]): readonly string[] {
    const left = this.#lines.get(openid)?.acknowledge(id, ids) ?? ids;
    // One person of a room does not know whether the others have it.
    return isRoom(openid.slice(this.#options.prefix.length)) ? [] : left;
  }

  #keep(openid: string, key: string, eventFor: ForPerson, content: object): void {
    const log = this.#logs.get(openid) ?? new RoomLog();
    this.#logs.delete(openid);
    this.#logs.set(openid, log);
    log.add(key, eventFor, content);
    const [oldest] = this.#logs.keys();
    if (this.#logs.size > MAX_ROOMS && oldest !== undefined) this.#logs.delete(oldest);
  }
}
