import type { Clock } from '../clock.ts';
import { DeliveryError, UsageError } from '../errors.ts';
import { Barrier, atRest, withDeadline } from '../internal/async.ts';
import { given } from '../internal/given.ts';
import { asideTo } from './asides.ts';
import type { Channel } from './channel.ts';
import type { TurnTaker, TurnTakerEvents } from './turn-taker.ts';
import type { DraftDisplays } from './drafts.ts';
import type { Pacer } from './pacing.ts';
import { unsayable } from './refusal.ts';
import type { TypingIndicators } from './typing.ts';

/** How long a push may take. After it, the platform is asked again under the same id. */
const LONGEST_PUSH_MS = 10_000;

/**
 * Who delivers the replies that a runner says outside of an answer.
 * - `push`: the channel pushes them; a reply that it cannot push waits for the user's next message.
 * - `leave`: a listener of the program does.
 */
export type Late = 'push' | 'leave';

interface Route {
  readonly channel: Pick<Channel, 'name' | 'prefix' | 'push' | 'aside' | 'pace'>;
  readonly clock: Clock;
  readonly late: Late;
  /** Absent where users do not see that a reply is being made. */
  readonly typing?: TypingIndicators | undefined;
  /** Absent where users see no drafts. */
  readonly drafts?: DraftDisplays | undefined;
  /** Absent where pushes go out at once. */
  readonly pacer?: Pacer | undefined;
}

const ROUTERS = new WeakMap<TurnTaker, PushRouter>();

/** The push router of a runner: all its webhooks share it. */
export function pushRouterOf(runner: TurnTaker): PushRouter {
  let router = ROUTERS.get(runner);
  if (router === undefined) ROUTERS.set(runner, (router = new PushRouter(runner)));
  return router;
}

/**
 * Gives each reply that a runner says outside of an answer to the channel of its user: the one with the longest prefix
 * that the openid begins with. A reply to an openid of no channel is left to other listeners. It also tells the channel
 * while services of a user run, and of their drafts.
 */
export class PushRouter {
  readonly #runner: TurnTaker;
  /** By prefix, the longest first. */
  #routes: readonly Route[] = [];
  #isListening = false;
  #hearsWork = false;
  #hearsDrafts = false;
  #canPush = false;
  /** The number of answers that are being made for an openid. Its pushes wait for the last of them. */
  readonly #answering = new Map<string, number>();
  readonly #answered = new Barrier();
  /** The openids whose answers the host has once the event loop has run all that waits for it. */
  #leaving: string[] = [];

  constructor(runner: TurnTaker) {
    this.#runner = runner;
  }

  /** @throws UsageError `channel_taken` */
  add(route: Route): void {
    const { name, prefix } = route.channel;
    const other = this.#routes.find(({ channel }) => overlap(channel.prefix, prefix));
    if (other !== undefined) {
      throw new UsageError(
        'channel_taken',
        `Another webhook on this runner has the openids that begin with '${other.channel.prefix}', and this one of '${name}' those with '${prefix}': users of one could be users of the other. Give the channels prefixes of which none begins with another, or each a runner.`,
      );
    }
    this.#routes = [...this.#routes, route].toSorted(
      (a, b) => b.channel.prefix.length - a.channel.prefix.length,
    );
    if (route.typing !== undefined) this.#hearWork();
    if (route.drafts !== undefined) this.#hearDrafts();
    if (route.late === 'leave') return;
    this.#canPush ||= route.channel.push !== undefined;
    if (this.#isListening) return;
    this.#isListening = true;
    this.#runner.on('reply', (said) => this.#push(said));
  }

  /**
   * Holds the pushes to this user back until `resume`: an answer is being made for them.
   * @returns false where no channel ever pushes, so that there is nothing to resume
   */
  pause(openid: string): boolean {
    if (!this.#canPush) return false;
    this.#answering.set(openid, (this.#answering.get(openid) ?? 0) + 1);
    return true;
  }

  /** The host has the answer by the time that the event loop has run all that waits for it. */
  resume(openid: string): void {
    this.#leaving.push(openid);
    if (this.#leaving.length > 1) return;
    void atRest().then(() => {
      const gone = this.#leaving;
      this.#leaving = [];
      for (const each of gone) {
        const answers = this.#answering.get(each) ?? 0;
        if (answers > 1) this.#answering.set(each, answers - 1);
        else this.#answering.delete(each);
        this.#said(this.#routeOf(each), each);
      }
      this.#answered.check();
    });
  }

  #routeOf(openid: string): Route | undefined {
    return this.#routes.find(({ channel }) => openid.startsWith(channel.prefix));
  }

  #hearWork(): void {
    if (this.#hearsWork) return;
    this.#hearsWork = true;
    this.#runner.on('working', ({ openid, isWorking }) =>
      this.#routeOf(openid)?.typing?.change(openid, isWorking),
    );
  }

  #hearDrafts(): void {
    if (this.#hearsDrafts) return;
    this.#hearsDrafts = true;
    this.#runner.on('draft', (draft) => this.#routeOf(draft.openid)?.drafts?.change(draft));
  }

  #said(route: Route | undefined, openid: string): void {
    route?.typing?.said(openid);
    route?.drafts?.said(openid);
  }

  async #push(said: TurnTakerEvents['reply']): Promise<void> {
    const { openid, reply } = said;
    const route = this.#routeOf(openid);
    if (route === undefined || route.late === 'leave') return;
    if (this.#answering.has(openid)) await this.#answered.until(() => !this.#answering.has(openid));
    const { channel, pacer } = route;
    await pacer?.take(openid, channel.pace?.(openid, reply) ?? []);
    await pushTo(route, said);
    this.#said(route, openid);
  }
}

/**
 * Whether openids may begin with both prefixes. An empty one overlaps with no other: a channel without a prefix, as `wechat`,
 * takes no users with a colon, and the prefixes of all others end with one.
 */
function overlap(one: string, other: string): boolean {
  if (one === '' || other === '') return one === other;
  return one.startsWith(other) || other.startsWith(one);
}

async function pushTo(
  { channel, clock }: Route,
  { openid, reply, id, replyToken }: TurnTakerEvents['reply'],
): Promise<void> {
  if (channel.push === undefined) {
    throw new DeliveryError(
      'push_closed',
      `The channel ${channel.name} only answers, so a reply waits for the user's next message.`,
      { openid },
    );
  }
  const to = asideTo(reply, openid, channel.prefix);
  if (to !== undefined && channel.aside === undefined) throw unsayable(channel.name, 'private');
  const limit = new AbortController();
  const options = { id, signal: limit.signal, ...given({ replyToken }) };
  const pushing =
    to === undefined
      ? channel.push(openid, reply, options)
      : channel.aside?.(openid, reply, { ...options, to });
  await withDeadline(Promise.resolve(pushing), {
    clock,
    at: clock.now() + LONGEST_PUSH_MS,
    holdsProcess: false,
    onPass() {
      const error = new DeliveryError(
        'push_timeout',
        `A push by the channel ${channel.name} had no outcome after ${LONGEST_PUSH_MS} ms.`,
        { openid, retryable: true },
      );
      limit.abort(error);
      throw error;
    },
  });
}
