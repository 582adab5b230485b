import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { DeliveryError, UsageError } from '../../errors.ts';
import { given } from '../../internal/given.ts';
import type { Reply } from '../../reply.ts';
import type { Channel, SourceChannel } from '../channel.ts';
import type {
  Answer,
  ChannelRequest,
  Delivery,
  Inbound,
  Reception,
  Rendering,
} from '../reception.ts';
import { SCOPES, type Scope } from '../fresh.ts';
import { badBody, parseJsonBody } from '../json-body.ts';
import { ACKNOWLEDGE, JSON_HEADERS, POST_ONLY, UNPROVEN, rejectBadBody } from '../receptions.ts';
import { isOneOf, toSecrets } from '../secrets.ts';
import { wellFormed } from '../text-parts.ts';
import type { Fetch } from '../web-api.ts';
import { type TelegramPlace, destinationOf, isPrivate, toAddress, toOpenid } from './address.ts';
import { DRAFT_MS, KINDS, TEXT_LIMIT, TYPING, TYPING_MS, draftCall, toCalls } from './calls.ts';
import { type MovedChats, rememberMoved } from './moved-chats.ts';
import { type OwnName, createOwnName } from './own-name.ts';
import { pacesOf } from './paces.ts';
import { createPolling } from './polling.ts';
import { createSender } from './push.ts';
import { asideFrom, createSaying } from './saying.ts';
import { type AddressedMessage, type Update, needsName, toUpdate } from './update.ts';

export type { Scope } from '../fresh.ts';
export type { MovedChats } from './moved-chats.ts';

/** Options of `telegram()`: the token and the secret of the bot, and whose a conversation is. */
export interface TelegramOptions {
  /** The token of the bot, as BotFather gives it: `123456:ABC…`. */
  readonly token: string;
  /**
   * What `setWebhook` was given as `secret_token`. Several while one takes over from another. Left out, the channel takes no
   * requests: it is one for `createSource`.
   */
  readonly secret?: string | readonly string[];
  /** What tells this bot from others in openids. Default: its number, which the token begins with. */
  readonly bot?: string | undefined;
  /**
   * The username of the bot, as PizzaBot. It is left out of texts that are addressed to the bot by it, and a command that
   * names another bot is not heard. Default: `getMe` of the Bot API tells it, when the first such text arrives.
   */
  readonly username?: string | undefined;
  /** Whose a conversation is. Default `user`. */
  readonly scope?: Scope | undefined;
  /**
   * Remembers which group a supergroup was, so that the conversations of its members move along, each with the next message
   * of its member. Default: the memory of this process. Give a map that lasts where there are several processes.
   */
  readonly movedChats?: MovedChats | undefined;
  /**
   * The kinds of updates that `createSource` asks for, as `message` and `message_reaction`. Telegram remembers them. Default: all
   * but `chat_member`, `message_reaction` and `message_reaction_count`, or those that were asked for last.
   */
  readonly updates?: readonly string[] | undefined;
  /**
   * Whether `createSource` deletes the webhook of the bot when it begins. Telegram gives no updates to a program that asks for
   * them while there is one. Default false: it says so (`webhook_active`), since another program may need it.
   */
  readonly deleteWebhook?: boolean | undefined;
  /** Where the Bot API is. Default `https://api.telegram.org`. */
  readonly baseUrl?: string | undefined;
  /** Default: that of the platform. */
  readonly fetch?: Fetch | undefined;
}

const KEYS = {
  token: null,
  secret: null,
  bot: null,
  username: null,
  scope: null,
  movedChats: null,
  updates: null,
  deleteWebhook: null,
  baseUrl: null,
  fetch: null,
} satisfies KeysOf<TelegramOptions>;

const HEADER = 'x-telegram-bot-api-secret-token';
const TOKEN = /^(\d{1,20}):[\w-]{1,256}$/;

const DAY_MS = 86_400_000;
/** A text of 4096 characters and the text that it answers, with each character written as an escape, take a fifth of it. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * A bot of Telegram. `createSource` asks Telegram for its updates, and needs nothing but the token. With a `secret`,
 * `createWebhook` takes them at an https address. An update is then proven by the secret that `setWebhook` was given.
 *
 * A turn that says one thing in one call says it in the answer; where there is more, all of it is pushed, for only so does it
 * arrive in its order. A button that was pressed stops waiting by the answer, and what is said to it is pushed. So is what is
 * said to an album.
 *
 * `/start` is an `event.follow`, with what follows it (a deep link's) as its `key`. A person who blocks the bot, or
 * removes it from a group, is an `event.unfollow`. Edited messages, what bots say, and commands to other bots are
 * acknowledged and go no further. docs/channel-events.md lists what becomes of every kind of update.
 * @example
 * createWebhook(runner, telegram({ token: '1:a', secret: 'secretOfSetWebhook' }));
 * @throws UsageError `bad_token`, `bad_secret`, `bad_bot`, `bad_username`, `bad_scope`, `bad_option`
 */
export function telegram(
  options: TelegramOptions & Pick<Required<TelegramOptions>, 'secret'>,
): Channel & SourceChannel;
export function telegram(options: TelegramOptions & { readonly secret?: never }): SourceChannel;
export function telegram(options: TelegramOptions): SourceChannel & Partial<Channel> {
  checkOptions('telegram()', options, KEYS);
  const { token, baseUrl = 'https://api.telegram.org', fetch = globalThis.fetch } = options;
  const [, number] = (typeof token === 'string' && TOKEN.exec(token)) || [];
  if (number === undefined) {
    throw new UsageError(
      'bad_token',
      'telegram() needs the token of the bot as BotFather gives it: a number, a colon, and letters and digits.',
    );
  }
  const { bot = number } = options;
  if (!/^[\w-]{1,64}$/.test(bot)) {
    throw new UsageError('bad_bot', '`bot` is 1 to 64 letters, digits, `_` and `-`.');
  }
  const { scope = 'user', username, movedChats = rememberMoved() } = options;
  if (!SCOPES.has(scope)) {
    throw new UsageError('bad_scope', "`scope` of telegram() is 'user', 'chat' or 'thread'.");
  }
  const secrets = 'secret' in options ? toSecrets('telegram', options.secret ?? '') : undefined;
  const prefix = `telegram:${bot}:`;
  const api = `${baseUrl}/bot${token}`;
  const send = createSender(api, fetch);
  const say = createSaying(send);
  const ownName = createOwnName(username, `${api}/getMe`, fetch);
  const ear: UpdateReader = { prefix, scope, ownName, movedChats };

  return {
    name: 'telegram',
    prefix,
    limits: {
      maxBodyBytes: MAX_BODY_BYTES,
      bodyTimeoutMs: 3000,
      // Telegram names no limit; an update that waits long holds up those behind it.
      answerMs: 10_000,
      redelivery: { withinMs: DAY_MS },
      sequential: true,
      text: TEXT_LIMIT,
      kinds: KINDS,
      typingMs: TYPING_MS,
      draftMs: DRAFT_MS,
    },
    ...(secrets && {
      async receive(request) {
        if (request.method !== 'POST') return POST_ONLY;
        const isProven = isOneOf(secrets, request.headers.get(HEADER) ?? '');
        return isProven ? receiveUpdate(ear, request) : UNPROVEN;
      },
    }),
    source: createPolling({
      api,
      fetch,
      read: (update) => readUpdate(ear, update),
      ...given({ updates: options.updates, deleteWebhook: options.deleteWebhook }),
    }),
    push: async (openid, reply, options) => say(toAddress(prefix, openid), reply, options),
    async aside(openid, reply, options) {
      await say(asideFrom(toAddress(prefix, openid), options.to, reply), reply, options);
    },
    pace: (openid, reply) => pacesOf(toAddress(prefix, openid), reply),
    typing: async (openid, { signal }) => send(TYPING, toAddress(prefix, openid), signal),
    async draft(openid, { text, signal }) {
      const address = toAddress(prefix, openid);
      const call = draftCall(text);
      // In a group, Telegram takes none (TEXTDRAFT_PEER_INVALID).
      if (call !== undefined && isPrivate(address)) await send(call, address, signal);
    },
  };
}

interface UpdateReader {
  readonly prefix: string;
  readonly scope: Scope;
  readonly ownName: OwnName;
  readonly movedChats: MovedChats;
}

async function receiveUpdate(ear: UpdateReader, request: ChannelRequest): Promise<Reception> {
  const body = await request.readBody();
  try {
    return await readUpdate(ear, parseJsonBody(body));
  } catch (error) {
    // Without the name of the bot, it is not known whether a text is for it. Telegram delivers it again.
    if (error instanceof DeliveryError) return { type: 'reject', status: 503, error };
    return rejectBadBody(error);
  }
}

/**
 * Makes messages of an update.
 * @throws MessageError `bad_body` where it is none; DeliveryError where the name of the bot is needed, and is not known yet
 */
async function readUpdate(ear: UpdateReader, fields: unknown): Promise<Delivery> {
  const username = needsName(fields) ? await ear.ownName() : undefined;
  const update = toUpdate(fields, { scope: ear.scope, username });
  if (update === undefined) throw badBody('an update of Telegram');
  if (update.moved) await ear.movedChats.set(update.moved.to, update.moved.from);
  return toDelivery(ear, update);
}

async function toDelivery(ear: UpdateReader, update: Update): Promise<Delivery> {
  const { said, others = [], query, isAlbum } = update;
  // In the answer it costs no call, and the button stops waiting when the turn has ended.
  const acknowledge =
    query === undefined
      ? ACKNOWLEDGE
      : answerWith('answerCallbackQuery', { callback_query_id: query });
  const heard = said === undefined ? [] : [said, ...others];
  const messages = await Promise.all(heard.map((each) => toInbound(ear, each)));
  const delivery: Delivery = { type: 'messages', messages, acknowledge };
  if (said === undefined || isAlbum || others.length > 0) return delivery;
  return query === undefined
    ? { ...delivery, render: (replies) => renderReplies(replies, said.address) }
    : { ...delivery, notice: (replies) => noticeOf(query, replies) };
}

async function toInbound(
  { prefix, movedChats }: UpdateReader,
  { address, message, id }: AddressedMessage,
): Promise<Inbound> {
  const openid = toOpenid(prefix, address);
  // A group that is no supergroup has no topics.
  const group = address.thread === undefined ? await movedChats.get(address.chat) : undefined;
  if (group === undefined) return { openid, message, id };
  return { openid, message, id, movedFrom: toOpenid(prefix, { ...address, chat: group }) };
}

/** What an answer to a button shows at most (https://core.telegram.org/bots/api#answercallbackquery). */
const MAX_NOTICE = 200;

function noticeOf(query: string, replies: readonly Reply[]): Answer | undefined {
  const [reply, ...others] = replies;
  if (reply?.type !== 'text' || others.length > 0) return undefined;
  const text = wellFormed(reply.text);
  if (text.trim() === '' || text.length > MAX_NOTICE) return undefined;
  return answerWith('answerCallbackQuery', { callback_query_id: query, text });
}

function renderReplies(replies: readonly Reply[], address: TelegramPlace): Rendering {
  const calls = replies.map((reply) => toCalls(reply));
  const sayable = calls.filter((each) => typeof each !== 'string').flat();
  const [only, ...others] = sayable;
  // What is in an answer has no outcome, and an edit may have to be said in another way.
  const isEdit = replies.some((reply) => 'replaces' in reply);
  const inAnswer = only !== undefined && others.length === 0 && !isEdit ? only : undefined;
  return {
    ...(inAnswer && {
      answer: answerWith(inAnswer.method, { ...inAnswer.parameters, ...destinationOf(address) }),
    }),
    unsent: calls.flatMap((each, index) => {
      if (typeof each === 'string') return [{ index, reason: each }];
      return inAnswer ? [] : [{ index, reason: 'more_than_one_call' }];
    }),
  };
}

function answerWith(method: string, parameters: object): Answer {
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ method, ...parameters }) };
}
