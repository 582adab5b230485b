import type { Clock } from '../clock.ts';
import { DeliveryError, UsageError } from '../errors.ts';
import { atRest } from '../internal/async.ts';
import type { Reply } from '../reply.ts';
import type { Channel, TurnTaker } from './channel.ts';

/** So long a push may take. A platform that has not answered by then is asked again, under the same id. */
const LONGEST_PUSH_MS = 10_000;

/** Who says what a runner has to say outside of an answer. */
export type Late =
  /** The channel pushes it; where it cannot, it is kept for the user's next message. */
  | 'push'
  /** Left to a listener of the program's own. */
  | 'leave';

interface Route {
  readonly channel: Channel;
  readonly clock: Clock;
  readonly late: Late;
}

/** Answers to one user that are on their way. */
interface Pause {
  holders: number;
  /** Pushes that wait for the last of them. */
  readonly waiting: (() => void)[];
}

const POSTS = new WeakMap<TurnTaker, Post>();

/** The one post of a runner, which all its webhooks share. */
export function postOf(runner: TurnTaker): Post {
  let post = POSTS.get(runner);
  if (post === undefined) POSTS.set(runner, (post = new Post(runner)));
  return post;
}

/**
 * Takes what a runner says outside of an answer to the channel whose user it is for: the one with the longest prefix
 * that the openid begins with. What is for no channel of it is left to other listeners.
 */
export class Post {
  readonly #runner: TurnTaker;
  /** By prefix, the longest first. */
  #routes: readonly Route[] = [];
  #isListening = false;
  #canPush = false;
  readonly #pauses = new Map<string, Pause>();
  /** Whose answers are in the hands of their hosts once the event loop has come round. */
  #leaving: string[] = [];

  constructor(runner: TurnTaker) {
    this.#runner = runner;
  }

  /** @throws UsageError `channel_taken` */
  add(route: Route): void {
    const { name, prefix } = route.channel;
    if (this.#routes.some(({ channel }) => channel.prefix === prefix)) {
      throw new UsageError(
        'channel_taken',
        `Another webhook on this runner has the openids that begin with '${prefix}', as this one of '${name}' would: their users would be one. Give the channels different prefixes, or each a runner.`,
      );
    }
    this.#routes = [...this.#routes, route].toSorted(
      (a, b) => b.channel.prefix.length - a.channel.prefix.length,
    );
    if (route.late === 'leave') return;
    this.#canPush ||= route.channel.push !== undefined;
    if (this.#isListening) return;
    this.#isListening = true;
    this.#runner.on('reply', ({ openid, reply, id }) => this.#take(openid, reply, id));
  }

  /**
   * Nothing is pushed to this user until `resume`: an answer is being made for them.
   * @returns false where nothing is ever pushed, and there is nothing to resume
   */
  pause(openid: string): boolean {
    if (!this.#canPush) return false;
    const pause = this.#pauses.get(openid);
    if (pause === undefined) this.#pauses.set(openid, { holders: 1, waiting: [] });
    else pause.holders += 1;
    return true;
  }

  /** By the time the event loop has come round, the host has the answer in its hands. */
  resume(openid: string): void {
    this.#leaving.push(openid);
    if (this.#leaving.length > 1) return;
    void atRest().then(() => {
      const gone = this.#leaving;
      this.#leaving = [];
      for (const each of gone) this.#release(each);
    });
  }

  #release(openid: string): void {
    const pause = this.#pauses.get(openid);
    if (pause === undefined) return;
    pause.holders -= 1;
    if (pause.holders > 0) return;
    this.#pauses.delete(openid);
    for (const go of pause.waiting) go();
  }

  async #take(openid: string, reply: Reply, id: string): Promise<void> {
    const route = this.#routes.find(({ channel }) => openid.startsWith(channel.prefix));
    if (route === undefined || route.late === 'leave') return;
    const pause = this.#pauses.get(openid);
    if (pause !== undefined) await new Promise<void>((go) => pause.waiting.push(go));
    await pushTo(route, openid, reply, id);
  }
}

async function pushTo(
  { channel, clock }: Route,
  openid: string,
  reply: Reply,
  id: string,
): Promise<void> {
  if (channel.push === undefined) {
    throw new DeliveryError(
      'push_closed',
      `The channel ${channel.name} only answers, so a reply waits for the user's next message.`,
      { openid },
    );
  }
  const limit = new AbortController();
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.wake(clock.now() + LONGEST_PUSH_MS, () => {
      const error = new DeliveryError(
        'push_timeout',
        `A push by the channel ${channel.name} had no outcome after ${LONGEST_PUSH_MS} ms.`,
        { openid, retryable: true },
      );
      limit.abort(error);
      reject(error);
    });
  });
  try {
    await Promise.race([channel.push(openid, reply, { id, signal: limit.signal }), late]);
  } finally {
    cancel();
  }
}
