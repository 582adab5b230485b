import type { TurnTaker } from '../turn-taker.ts';
import type { Visitor } from './visitors.ts';
import type { ChatWelcome } from './protocol.ts';
import type { Turns } from './turns.ts';

interface GreeterOptions {
  readonly runner: Pick<TurnTaker, 'standing'>;
  readonly turns: Turns;
  /** Whether the dialogue speaks first. */
  readonly greets: boolean;
}

const MINUTE_MS = 60_000;

/** Welcomes a person whose page opens. */
export class Greeter {
  readonly #options: GreeterOptions;

  constructor(options: GreeterOptions) {
    this.#options = options;
  }

  /** The welcome; undefined if the page has to say hello again. */
  async welcome(visitor: Visitor, receivedAt: number): Promise<ChatWelcome | undefined> {
    const { runner, turns, greets } = this.#options;
    const { openid, user } = visitor;
    const minute = Math.floor(receivedAt / MINUTE_MS);
    const ids = [greetingOf(minute), greetingOf(minute - 1)] as const;
    const standing = visitor.isNew ? undefined : await runner.standing?.(openid, ids.map(countOf));
    const isNew = standing === undefined ? visitor.isNew : !standing.isKept;
    const welcome = { type: 'welcome', user, isNew } as const;
    if (!greets || visitor.isInRoom || (!isNew && standing?.hasHeard !== true))
      return { ...welcome, replies: [] };
    const id = isNew ? ids[0] : await this.#heardOf(openid, ids);
    const countsAs = countOf(id);
    const message = { type: 'event.follow', key: 'web' } as const;
    const about = { from: visitor, id, countsAs, message, receivedAt, isAlone: false };
    const answer = await turns.take(about);
    return answer && { ...welcome, replies: answer.replies };
  }

  /** Two pages that open at the same time, and a page whose welcome was lost, get the same greeting, also over the minute. */
  async #heardOf(openid: string, [now, before]: readonly [string, string]): Promise<string> {
    const standing = await this.#options.runner.standing?.(openid, [countOf(now)]);
    return standing?.hasHeard === true ? now : before;
  }
}

function greetingOf(minute: number): string {
  return `hello-${minute}`;
}

/** What it counts by: ids of pages never equal it. */
function countOf(id: string): string {
  return `web:${id}`;
}
