import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { UsageError } from '../../errors.ts';
import { type Port, checkPort } from '../../internal/port.ts';
import type { Channel, DraftOptions } from '../channel.ts';
import type { TurnTaker } from '../turn-taker.ts';
import { DraftDisplays } from '../drafts.ts';
import { checkPrefix, checkSpan } from '../fresh.ts';
import { type HostRequest, type WebhookContext, requestIn, waiterIn } from '../host-request.ts';
import { pushRouterOf } from '../late-replies.ts';
import { readingOf } from '../lazy-request.ts';
import { createReport } from '../report.ts';
import { toSecrets } from '../secrets.ts';
import { Visitors, type GetUser, isRoom } from './visitors.ts';
import { Greeter } from './greeter.ts';
import { Origins } from './origins.ts';
import { Sessions } from './session.ts';
import { TokenBuckets } from './token-buckets.ts';
import { Turns } from './turns.ts';
import { UserLines } from './user-lines.ts';
import { WebChat, type WebChatParts } from './web-chat.ts';

export type {
  ChatAck,
  ChatAnswer,
  ChatBeat,
  ChatDraft,
  ChatError,
  ChatEvent,
  ChatHello,
  ChatMessage,
  ChatOpen,
  ChatReply,
  ChatRequest,
  ChatSaid,
  ChatTyping,
  ChatWelcome,
  SaidMessage,
  SentReply,
} from './protocol.ts';
export type { GetUser, WebUser } from './visitors.ts';

/** Who sends a request: the session's cookie says it, or your program. */
export type WebChatIdentity =
  | {
      /**
       * What session cookies are signed with; at least 16 characters. Several while one takes over from another: each proves a
       * session, and the first one signs.
       */
      readonly secret: string | readonly string[];
      /** Not beside `secret`. */
      readonly getUser?: undefined;
    }
  | {
      /**
       * Who sends a request, as your own login knows it: an id, or `{ id, name, room }`. The openid is `web:<id>`, and in a room
       * `web:#<room>`. Undefined: a stranger, who is answered with 401.
       * There is no session cookie then.
       */
      readonly getUser: GetUser;
      /** Not beside `getUser`. */
      readonly secret?: undefined;
    };

/** Options of `createWebChat()`: who sends a request, and which pages may use the chat. */
export type WebChatOptions = WebChatIdentity & WebChatSettings;

/** Options of `createWebChat()` besides those that say who sends a request. */
export interface WebChatSettings {
  /** What its openids begin with; another one for each web chat on the same runner. Default `web:`. */
  readonly prefix?: string | undefined;
  /** The origins of other hosts whose pages may use it: `https://shop.example`. Default: only pages of its own host. */
  readonly origins?: readonly string[] | undefined;
  /**
   * Whether pages of other sites show it: then the cookie is `SameSite=None; Secure; Partitioned`. Not needed for another host of
   * the same site, as `www.shop.example` and `bot.shop.example`. Default false.
   */
  readonly embedded?: boolean | undefined;
  /** Whether the cookie is `Secure`. Default: if the browser came by https. */
  readonly secure?: boolean | undefined;
  /** How long a session lasts after its page was opened last, in milliseconds. Default 30 days. */
  readonly sessionMs?: number | undefined;
  /** Whether the dialogue speaks first: a page that opens without a conversation gives it an `event.follow`. Default false. */
  readonly greet?: boolean | undefined;
  /** How often one person may write. Beyond it, a message is answered with 429, and the page sends it again later. */
  readonly rate?:
    | {
        /** Messages in a minute. Default 30. */
        readonly perMinute?: number | undefined;
        /** Messages at once. Default 10. */
        readonly burst?: number | undefined;
        /** New sessions in a minute, from one address; together, if there is no `getAddress`. Default 300. */
        readonly sessionsPerMinute?: number | undefined;
      }
    | undefined;
  /** The network address of a client, as your host or proxy proves it, to limit new sessions by. */
  readonly getAddress?: ((request: Request) => string | undefined) | undefined;
  /** How long a page waits for an answer, in milliseconds. Default: the deadline of the runner. */
  readonly answerMs?: number | undefined;
  /** The maximum of bytes of a body; a longer one is answered with 413. Default 256 KiB. */
  readonly maxBodyBytes?: number | undefined;
  /** The maximum of bytes of all bodies that are read at the same time. Default 32 MiB. */
  readonly maxReadingBytes?: number | undefined;
  /** Told of everything that a page must not see. Without it, the name and code of the error become a process warning. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Default: that of the runner. */
  readonly clock?: Clock | undefined;
}

const KEYS = {
  ...keyTable(
    'secret getUser prefix origins embedded secure sessionMs greet getAddress answerMs maxBodyBytes maxReadingBytes onError clock',
  ),
  rate: keyTable('perMinute burst sessionsPerMinute'),
} satisfies KeysOf<WebChatIdentity & WebChatSettings>;

const RUNNER: Port = {
  place: 'The first argument of createWebChat()',
  methods: ['handle', 'say', 'on', 'idle', 'expectRedelivery'],
  expected: 'is what createRunner() returns',
};

const DAY_MS = 86_400_000;
const MAX_BODY_BYTES = 256 * 1024;
const LEAST_SECRET = 16;
/** Each draft has the whole text so far. */
const DRAFT_MS = 250;
/** Acknowledgements, streams and greetings, for each message that a person may write. */
const REQUESTS_PER_MESSAGE = 10;

/** Answers the requests of pages. Like that of `createWebhook`, it takes what a host gives to its handlers. */
export interface WebChatHandler {
  (
    request: HostRequest,
    context?: WebhookContext | object,
    more?: WebhookContext | object,
  ): Promise<Response>;
  /** Disconnects all pages, so that a server can close. They connect again as soon as one is there. */
  close(): void;
}

/**
 * A chat in the browser, at one address: pages post what a person says, and hear the rest by a stream of events. The
 * script of our page is at the same address, with `?script` or as `…/chat.js`; `useChat` of the AI SDK speaks with it as well.
 *
 * A message counts once, however often a page sends it. What is said while no page is connected waits in the outbox of the
 * conversation and is there when one connects, also after a restart. A reply leaves the outbox when a page has acknowledged it.
 * @example
 * const chat = createWebChat(runner, { secret: 'at least 16 characters' });
 * const { status } = await chat(new Request('https://bot.example/chat', { method: 'DELETE' }));
 * console.log(status); // → 405
 * @throws UsageError `bad_secret`, `bad_prefix`, `bad_option`, `channel_taken`
 */
export function createWebChat(runner: TurnTaker, options: WebChatOptions): WebChatHandler {
  checkOptions('createWebChat()', options, KEYS);
  checkPort(runner, RUNNER);
  const { clock = runner.clock ?? systemClock, prefix = 'web:', getUser } = options;
  const { sessionMs = 30 * DAY_MS, embedded = false, answerMs } = options;
  checkPrefix(prefix, 'web:');
  checkSpan('sessionMs', sessionMs);
  if (answerMs !== undefined) checkSpan('answerMs', answerMs);
  const report = createReport(options.onError);
  const origins = new Origins(options.origins ?? []);
  const sessions = sessionsOf(options, { prefix, sessionMs, embedded });
  const lines = new UserLines({ runner, prefix, clock, report });
  const limits = { draftMs: DRAFT_MS };
  const show = async (openid: string, { text }: DraftOptions): Promise<void> => {
    // What becomes of it may be for one person alone.
    if (!isRoom(openid.slice(prefix.length))) lines.draft(openid, text);
  };
  const drafts = new DraftDisplays({ limits }, { show, clock, report });
  const turns = new Turns({ runner, lines, drafts, clock, report, answerMs });
  const chat = new WebChat({
    runner,
    clock,
    report,
    origins,
    lines,
    turns,
    greeter: new Greeter({ runner, turns, greets: options.greet ?? false }),
    visitors: new Visitors({ prefix, origins, clock, getUser, sessions, secure: options.secure }),
    reading: readingOf({ maxBodyBytes: MAX_BODY_BYTES }, options, clock),
    ...bucketsOf(options, clock),
    getAddress: options.getAddress,
  });
  const channel: Pick<Channel, 'name' | 'prefix' | 'push' | 'aside'> = {
    name: 'web',
    prefix,
    push: (openid, reply, { id }) => lines.push(openid, reply, id),
    aside: (openid, reply, about) => lines.aside(openid, reply, about),
  };
  pushRouterOf(runner).add({ channel, clock, late: 'push', drafts });
  runner.expectRedelivery(DAY_MS);
  const handler = async (...given: readonly unknown[]): Promise<Response> =>
    chat.answer(requestIn(given[0]), waiterIn(given));
  return Object.assign(handler, { close: () => lines.close() });
}

/** @throws UsageError `bad_option` */
function bucketsOf(
  { rate = {} }: WebChatSettings,
  clock: Clock,
): Pick<WebChatParts, 'messages' | 'requests' | 'newSessions'> {
  const { perMinute = 30, burst = 10, sessionsPerMinute = 300 } = rate;
  for (const [name, value] of Object.entries({ perMinute, burst, sessionsPerMinute })) {
    if (!Number.isFinite(value) || value < 1) {
      throw new UsageError('bad_option', `\`rate.${name}\` is a number of at least 1.`);
    }
  }
  const bucketsFor = (times: number): TokenBuckets =>
    new TokenBuckets({ clock, perMinute: perMinute * times, burst: burst * times });
  return {
    messages: bucketsFor(1),
    requests: bucketsFor(REQUESTS_PER_MESSAGE),
    newSessions: new TokenBuckets({
      clock,
      perMinute: sessionsPerMinute,
      burst: sessionsPerMinute,
    }),
  };
}

/** @throws UsageError `bad_secret`, `bad_option` */
function sessionsOf(
  { secret, getUser, secure }: WebChatOptions,
  about: { readonly prefix: string; readonly sessionMs: number; readonly embedded: boolean },
): Sessions | undefined {
  if (getUser !== undefined) {
    if (secret === undefined) return undefined;
    throw new UsageError(
      'bad_option',
      '`getUser` of createWebChat() says who sends a request, so there is no cookie for `secret` to sign. Leave one of them out.',
    );
  }
  const secrets = toSecrets('createWebChat', secret ?? '');
  if (secrets.some((each) => each.length < LEAST_SECRET)) {
    throw new UsageError(
      'bad_secret',
      `\`secret\` of createWebChat() has at least ${LEAST_SECRET} characters: with a shorter one, a visitor could find it out and be any other visitor.`,
    );
  }
  if (about.embedded && secure === false) {
    throw new UsageError(
      'bad_option',
      'With `embedded`, browsers take the cookie only over https: leave `secure` out.',
    );
  }
  return new Sessions({ secrets, ...about });
}
