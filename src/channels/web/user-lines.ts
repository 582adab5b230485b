import type { Clock } from '../../clock.ts';
import type { Reply } from '../../reply.ts';
import type { TurnTaker } from '../turn-taker.ts';
import { userOf } from '../refusal.ts';
import type { Report } from '../report.ts';
import type { EventStream } from './event-stream.ts';
import type { ChatEvent } from './protocol.ts';
import { isSayable, unsayableHere } from './sayable.ts';
import { UserLine, closedError } from './user-line.ts';

/** The maximum of persons with a connected page; further ones are refused, and try again. */
const MAX_USERS = 10_000;

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
  open(openid: string): EventStream | undefined {
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
    const page = line.open(this.#working.has(openid));
    void this.deliver(openid);
    return page;
  }

  /** @throws DeliveryError `push_closed`, `unsayable_reply`, `unknown_openid` */
  async push(openid: string, reply: Reply, id: string): Promise<void> {
    const { prefix } = this.#options;
    const user = userOf(prefix, openid, `${prefix}<user>`);
    if (!isSayable(reply, user)) throw unsayableHere(openid);
    const line = this.#lines.get(openid);
    if (line === undefined) throw closedError(openid);
    await line.offer(id, reply);
  }

  /** A page of the person has shown these replies. */
  async acknowledge(openid: string, ids: readonly string[]): Promise<void> {
    const taken = this.#take(openid, ids);
    if (taken.length > 0) await this.deliver(openid, taken);
  }

  /** The same, and then delivers what waits for the person. */
  async catchUp(openid: string, ids: readonly string[]): Promise<void> {
    await this.deliver(openid, this.#take(openid, ids));
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
  #take(openid: string, ids: readonly string[]): readonly string[] {
    return this.#lines.get(openid)?.acknowledge(ids) ?? ids;
  }
}
