import { type KeysOf, checkOptions, keyTable } from '../internal/closed.ts';
import { ColloquyError, UsageError } from '../errors.ts';
import { type Port, checkPort } from '../internal/port.ts';
import { empty, sendable, toResponse } from './response.ts';
import { type AttachOptions, attach } from './attach.ts';
import { readBody } from './body.ts';
import { LazyRequest, readingOf } from './lazy-request.ts';
import { type HostRequest, type WebhookContext, requestIn, waiterIn } from './host-request.ts';
import type { Channel } from './channel.ts';
import type { Answer, Delivery } from './reception.ts';
import type { TurnTaker } from './turn-taker.ts';
import { type RawRequest, withRawHandler } from './raw-handler.ts';
import { HeldRetries, type HeldRetriesOptions } from './held-retries.ts';
import { routeMessages } from './instead.ts';

export type {
  AsideOptions,
  Channel,
  ChannelLimits,
  DraftOptions,
  PushOptions,
  TypingOptions,
} from './channel.ts';
export type {
  Answer,
  ChannelRequest,
  Delivery,
  Handshake,
  Inbound,
  Instead,
  Reception,
  Rejection,
  Rendering,
  ReplyRemainder,
} from './reception.ts';
export type { TurnTaker, TurnTakerEvents } from './turn-taker.ts';
export type { HostRequest, WebhookContext } from './host-request.ts';
export type { AttachOptions } from './attach.ts';
export type { Late } from './late-replies.ts';
export type { Pace } from './pacing.ts';
export type { Fetch } from './web-api.ts';

/** Options of `createWebhook()`: what happens to replies outside of an answer, where errors go, and the limits of bodies. */
export interface WebhookOptions extends AttachOptions {
  /**
   * For a platform that delivers again what is not answered, and a channel that cannot push: leaves all attempts but the
   * last unanswered until the turn ends, which has the time of all of them. Attempts are counted in this process.
   */
  readonly hold?: boolean | undefined;
  /**
   * The maximum of bytes of a body; a longer one is answered with 413. Default: the maximum of the channel, which
   * docs/channels.md gives. The time that the processor needs for a body grows with its length.
   */
  readonly maxBodyBytes?: number | undefined;
  /**
   * The maximum of bytes of all bodies that this webhook reads at the same time. If there is no room for another body, its
   * request is answered with 503 and `retry-after`. Default 32 MiB; at least `maxBodyBytes`.
   */
  readonly maxReadingBytes?: number | undefined;
}

const KEYS = {
  ...keyTable('clock onError late hold typing drafts maxBodyBytes maxReadingBytes'),
  pace: keyTable('share'),
} satisfies KeysOf<WebhookOptions>;

/**
 * Takes what a host gives to its handlers, so that it can be one of them. The work after the answer goes to the first
 * argument that has a `waitUntil`: that of Workers is the third. It rejects with `not_a_request` where the first argument
 * holds no Request, and for no other reason.
 */
export type WebhookHandler = (
  request: HostRequest,
  context?: WebhookContext | object,
  more?: WebhookContext | object,
) => Promise<Response>;

const RUNNER: Port = {
  place: 'The first argument of createWebhook()',
  methods: ['handle', 'say', 'on', 'idle', 'expectRedelivery'],
  expected: 'is what createRunner() returns',
};
const CHANNEL: Port = {
  place: 'The second argument of createWebhook()',
  methods: ['receive'],
  expected: 'is a channel, such as telegram() or jsonWebhook() returns',
};

const ANSWERS_TO_BODY_ERRORS: Readonly<Record<string, Answer>> = {
  body_too_large: empty(413),
  body_timeout: empty(408),
  body_interrupted: empty(400),
  // The webhook gives up the slow bodies that take the room after a few seconds.
  too_many_bodies: empty(503, { 'retry-after': '3' }),
};

/**
 * The HTTP side of a bot, for `toNodeListener` or any host that speaks `Request` and `Response`.
 *
 * It verifies before it parses and parses before it touches state. It never rejects a Request, and no error of ours is ever in
 * an answer: what goes wrong after the sender is proven is answered with the channel's acknowledgement, unless it left no
 * trace and may go better the next time (the runner is overloaded, the persister out of reach): that is an empty 503,
 * so that the platform delivers it again. A client that hangs up does not end the turn; it will get the recorded
 * replies.
 *
 * Of what a turn says, the answer holds what the platform takes there; the rest is pushed after it, in order, or where
 * the channel cannot push, reported. What is said later goes the way that `late` says.
 * @example
 * const handler = createWebhook(runner, jsonWebhook({ secret: 'shared' }));
 * const { status } = await handler(new Request('http://bot.example', { method: 'POST', body: '{}' }));
 * console.log(status); // → 401
 * @throws UsageError `channel_taken`, `cannot_hold`, `cannot_type`, `cannot_draft`, `cannot_pace`, `bad_option`
 */
export function createWebhook(
  runner: TurnTaker,
  channel: Channel,
  options: WebhookOptions = {},
): WebhookHandler {
  checkOptions('createWebhook()', options, KEYS);
  checkPort(runner, RUNNER);
  checkPort(channel, CHANNEL);
  const holdLimits = options.hold ? holdLimitsOf(channel) : undefined;
  const { answers, clock, report, deadlineMs, marginMs } = attach(runner, channel, options);
  const hold = holdLimits && new HeldRetries({ answers, clock, marginMs, ...holdLimits });
  const reading = readingOf(channel.limits, options, clock);

  /** Each message is handed over at once and in order; how users wait for one another is the runner's business. */
  async function takeAll(delivery: Delivery, receivedAt: number): Promise<Answer> {
    const turns = delivery.messages.map((inbound) =>
      answers.take(inbound, receivedAt, deadlineMs, delivery),
    );
    return answers.make(delivery, await Promise.all(turns));
  }

  /** Gives the host the work that continues after the answer. */
  function announce(
    host: Required<WebhookContext>,
    answering: Promise<Answer>,
    to: Delivery,
  ): void {
    const work = async (): Promise<void> => {
      await answering;
      const openids = new Set(to.messages.map(({ openid }) => openid));
      await Promise.all([...openids].map((openid) => runner.idle(openid)));
    };
    try {
      host.waitUntil(work().catch(report));
    } catch (error) {
      report(error);
    }
  }

  async function exchange(incoming: RawRequest, host?: Required<WebhookContext>): Promise<Answer> {
    // Queue wait and body reading count against the platform's deadline, too.
    const receivedAt = clock.now();
    try {
      const reception = await channel.receive(new LazyRequest(incoming, receivedAt, reading));
      switch (reception.type) {
        case 'reject':
          if (reception.error) report(reception.error);
          return sendable(empty(reception.status, reception.headers));
        case 'handshake':
          return sendable(reception.answer);
        case 'messages': {
          const delivery = reception.messages.some(({ instead }) => instead !== undefined)
            ? { ...reception, messages: await routeMessages(runner, reception.messages) }
            : reception;
          const answering =
            hold?.take(delivery, receivedAt, incoming.signal) ?? takeAll(delivery, receivedAt);
          if (host !== undefined) announce(host, answering, delivery);
          const answer = await answering;
          return answer === delivery.acknowledge ? sendable(answer) : answer;
        }
      }
    } catch (error) {
      const answer = ColloquyError.is(error) ? ANSWERS_TO_BODY_ERRORS[error.code] : undefined;
      if (answer !== undefined) return answer;
      report(error);
      // Nothing is stored yet: where it may go better later, the platform has to deliver it again.
      return empty(ColloquyError.is(error) && error.retryable ? 503 : 500);
    }
  }

  const handler: WebhookHandler = async (...given) =>
    toResponse(await exchange(toIncoming(requestIn(given[0])), waiterIn(given)));
  return withRawHandler(handler, { exchange, report });
}

function toIncoming(request: Request): RawRequest {
  const { method, headers, signal } = request;
  const url = new URL(request.url);
  return {
    method,
    url,
    query: url.searchParams,
    headers,
    signal,
    readBody: (limits) => readBody(request, limits),
  };
}

function holdLimitsOf({
  name,
  limits,
}: Channel): Pick<HeldRetriesOptions, 'attempts' | 'answerMs'> {
  const { answerMs, redelivery: { attempts } = {} } = limits ?? {};
  if (answerMs !== undefined && attempts !== undefined) return { answerMs, attempts };
  throw new UsageError(
    'cannot_hold',
    `\`hold\` leaves a message unanswered so that the platform delivers it again, which ${name} does not say of its platform. Leave \`hold\` out: what is late is pushed, or kept for the user's next message.`,
  );
}
