import type { Clock } from '../clock.ts';
import { ColloquyError, DeliveryError, UsageError } from '../errors.ts';
import type { Reply } from '../reply.ts';
import type { ChannelBase, SourceChannel } from './channel.ts';
import type { Answer, Delivery, Inbound, Rendering, ReplyRemainder } from './reception.ts';
import { asideTo } from './asides.ts';
import type { TurnTaker } from './turn-taker.ts';
import type { PushRouter } from './late-replies.ts';
import type { Report } from './report.ts';

/** What became of a message. */
export type HandledTurn = Awaited<ReturnType<TurnTaker['handle']>>;

export interface ResponderOptions {
  readonly runner: TurnTaker;
  readonly channel: ChannelBase;
  readonly router: PushRouter;
  readonly clock: Clock;
  readonly report: Report;
  /** Whether the channel or a listener delivers what is said outside of an answer. */
  readonly pushes: boolean;
}

/** Takes messages through their turns, and makes answers of what was said. Nothing here rejects. */
export class Responder {
  readonly #options: ResponderOptions;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /**
   * @param deadlineMs from its arrival; the runner's own where it is undefined
   * @param delivery an answer that holds no replies need not wait for what services bring
   */
  async take(
    { openid, message, id, movedFrom, replyToken }: Inbound,
    receivedAt: number,
    deadlineMs: number | undefined,
    delivery?: Delivery,
  ): Promise<HandledTurn> {
    const { runner, report, pushes } = this.#options;
    const follows = delivery?.render !== undefined || !pushes || delivery === undefined;
    const awaitBurst = follows && !(pushes && this.#options.channel.limits?.sequential === true);
    const options = {
      receivedAt,
      ...(id !== undefined && { id }),
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(!follows && { follows }),
      ...(!awaitBurst && { awaitBurst }),
      ...(replyToken !== undefined && { replyToken }),
    };
    try {
      if (movedFrom !== undefined) await this.#move(movedFrom, openid);
      return await runner.handle(openid, message, options);
    } catch (error) {
      report(error);
      return { outcome: 'failed', replies: [], error };
    }
  }

  /**
   * @throws what may go better the next time; after anything else, the message is taken where it is. `target_exists` is such:
   *   the user has a conversation there, and the one before is left to expire.
   */
  async #move(from: string, to: string): Promise<void> {
    const { runner, report } = this.#options;
    try {
      await runner.move?.(from, to);
    } catch (error) {
      if (ColloquyError.is(error) && error.retryable) throw error;
      report(error);
    }
  }

  /**
   * The answer to a delivery, of whose messages `turns` tells in their order. What is not in it is committed to the
   * user's outbox before the platform has it, so that a crash between the two loses nothing, and is pushed after it.
   */
  async make(delivery: Delivery, turns: readonly HandledTurn[]): Promise<Answer> {
    const { router } = this.#options;
    // Not taken in, and nothing is stored: the platform has to deliver it again, or the message is lost.
    let hasToRepeat = turns.some(isRefused);
    let answer: Answer | undefined;
    for (const [index, { outcome, replies }] of turns.entries()) {
      const inbound = delivery.messages[index];
      if (inbound === undefined || replies.length === 0) continue;
      if (outcome === 'stale') {
        const notice = this.#attempt(() => delivery.notice?.(replies), undefined);
        if (notice !== undefined) {
          answer = notice;
          continue;
        }
      }
      const rendering = this.#render(delivery, inbound.openid, replies);
      answer = rendering.answer;
      const isPaused = router.pause(inbound.openid);
      if (rendering.unsent.length > 0) {
        const isKept = await this.#sayRest(inbound, replies, rendering.unsent);
        hasToRepeat ||= !isKept;
      }
      if (isPaused) router.resume(inbound.openid);
    }
    if (hasToRepeat) return empty(503);
    const made = answer;
    if (made === undefined) return delivery.acknowledge;
    return this.#attempt(() => sendable(made), delivery.acknowledge);
  }

  /** Says what there is no answer left for: by a push, or with the user's next message. */
  async sayInstead({ openid, id }: Inbound, { replies }: HandledTurn): Promise<void> {
    const { runner, report } = this.#options;
    try {
      await runner.say(openid, replies, id === undefined ? {} : { id });
    } catch (error) {
      report(error);
      for (const unsent of all(replies, 'nobody_waits')) this.#lose(openid, unsent);
    }
  }

  /** An answer is seen by everybody in the conversation, so what is for one person is not in it. */
  #render({ render }: Delivery, openid: string, replies: readonly Reply[]): Rendering {
    if (render === undefined) return { unsent: all(replies, 'no_place_in_answer') };
    const { channel, clock } = this.#options;
    const isAside = (reply: Reply): boolean => asideTo(reply, openid, channel.prefix) !== undefined;
    const renderShown = (shown: readonly Reply[]): Rendering =>
      this.#attempt<Rendering | undefined>(() => render(shown, clock.now()), undefined) ?? {
        unsent: all(shown, 'not_rendered'),
      };
    const first = replies.findIndex(isAside);
    if (first === -1) return renderShown(replies);
    return this.#renderBeside(replies, replies.map(isAside), renderShown);
  }

  /** What is said after an aside is pushed behind it, if it can be. */
  #renderBeside(
    replies: readonly Reply[],
    asides: readonly boolean[],
    renderShown: (shown: readonly Reply[]) => Rendering,
  ): Rendering {
    const first = asides.indexOf(true);
    const isShown = (index: number): boolean =>
      this.#options.pushes ? index < first : asides[index] === false;
    const places = [...replies.keys()];
    const shown = places.filter(isShown);
    const said = shown.map((index) => replies[index] as Reply);
    const { answer, unsent }: Rendering = said.length === 0 ? { unsent: [] } : renderShown(said);
    const left = unsent.map((each) => ({ ...each, index: shown[each.index] as number }));
    const others = places
      .filter((index) => !isShown(index))
      .map((index) => ({ index, reason: asides[index] === true ? 'private' : 'after_private' }));
    return {
      ...(answer && { answer }),
      unsent: [...left, ...others].toSorted((one, other) => one.index - other.index),
    };
  }

  #attempt<T>(work: () => T, otherwise: T): T {
    try {
      return work();
    } catch (error) {
      this.#options.report(error);
      return otherwise;
    }
  }

  /** @returns false where it could not be kept, and the platform can be had to try again */
  async #sayRest(
    inbound: Inbound,
    replies: readonly Reply[],
    unsent: readonly ReplyRemainder[],
  ): Promise<boolean> {
    const { runner, channel, report, pushes } = this.#options;
    const lost = pushes ? unsent.filter(({ rest }) => rest === null) : unsent;
    const kept = unsent.filter((one) => !lost.includes(one));
    const rest = kept
      .map(({ index, rest: remainder }) => remainder ?? replies[index])
      .filter((reply) => reply !== undefined);
    const { openid, id } = inbound;
    let isKept = true;
    if (rest.length > 0) {
      try {
        // Of a redelivery, the answer may be the first that arrives; what went by push counts once.
        await runner.say(openid, rest, id === undefined ? {} : { id });
      } catch (error) {
        report(error);
        const isBetterLater = ColloquyError.is(error) && error.retryable;
        isKept = !(isBetterLater && id !== undefined && isRepeated(channel));
        if (isKept) for (const one of kept) this.#lose(openid, one);
      }
    }
    for (const one of lost) this.#lose(openid, one);
    return isKept;
  }

  #lose(openid: string, { index, reason }: ReplyRemainder): void {
    const { channel, report } = this.#options;
    report(
      new DeliveryError(
        'reply_not_sent',
        `Reply ${index + 1} of a turn is not, or not wholly, in the answer to ${channel.name}: ${reason}. An answer has room for little: say less in a turn, say what the platform takes there, or let the channel push.`,
        { openid, details: { channel: channel.name, index, reason } },
      ),
    );
  }
}

/** Whether what is refused for now comes again: by the platform, or by the source, which has it still. */
function isRepeated(channel: Partial<SourceChannel>): boolean {
  return channel.limits?.redelivery !== undefined || channel.source !== undefined;
}

function all(replies: readonly Reply[], reason: string): readonly ReplyRemainder[] {
  return replies.map((_, index) => ({ index, reason }));
}

/** Whether a turn left no trace and may go better the next time. */
export function isRefused({
  outcome,
  replies,
  error,
  uncommitted,
  overQuota,
}: HandledTurn): boolean {
  if ((outcome === 'shed' && !overQuota) || uncommitted) return true;
  // A redelivery that joined a turn which failed is a duplicate with its error.
  const isFailed = outcome === 'failed' || outcome === 'duplicate';
  return isFailed && replies.length === 0 && ColloquyError.is(error) && error.retryable;
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Answers with these statuses never have a body. */
export const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * An answer that every host can send.
 * @throws UsageError `bad_answer`
 */
export function sendable(answer: Answer): Answer {
  const { status, headers, body } = answer;
  const isGood =
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    typeof body === 'string' &&
    (body === '' || !BODILESS.has(status)) &&
    (headers === undefined || areHeaders(headers));
  if (isGood) return answer;
  throw new UsageError(
    'bad_answer',
    'An answer of a channel has a status of 200 to 599, headers that HTTP allows and a string as its body, which is empty with the statuses 204, 205 and 304.',
  );
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).every(
    (name) => TOKEN.test(name) && HEADER_VALUE.test(headers[name] ?? ''),
  );
}

export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: '' };
}

/** @param answer sendable */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body === '' ? null : body, { status, headers: { ...headers } });
}
