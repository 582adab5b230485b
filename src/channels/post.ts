import type { Clock } from '../clock.ts';
import { DeliveryError, UsageError } from '../errors.ts';
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

interface Pause {
  readonly ended: Promise<void>;
  readonly end: () => void;
  holders: number;
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
  readonly #pauses = new Map<string, Pause>();

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
    if (route.late === 'leave' || this.#isListening) return;
    this.#isListening = true;
    this.#runner.on('reply', ({ openid, reply, id }) => this.#take(openid, reply, id));
  }

  /** Nothing is pushed to this user until the function returned is called: an answer is on its way to them. */
  pause(openid: string): () => void {
    let pause = this.#pauses.get(openid);
    if (pause === undefined) {
      let end = (): void => {};
      const ended = new Promise<void>((resolve) => (end = resolve));
      this.#pauses.set(openid, (pause = { ended, end, holders: 0 }));
    }
    const held = pause;
    held.holders += 1;
    return () => {
      held.holders -= 1;
      if (held.holders > 0) return;
      this.#pauses.delete(openid);
      held.end();
    };
  }

  async #take(openid: string, reply: Reply, id: string): Promise<void> {
    const route = this.#routes.find(({ channel }) => openid.startsWith(channel.prefix));
    if (route === undefined || route.late === 'leave') return;
    await this.#pauses.get(openid)?.ended;
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
