import { ColloquyError, UsageError } from '../../errors.ts';
import type { Reply } from '../../reply.ts';
import type { Answer, Channel, ChannelRequest, Reception, Rendering } from '../channel.ts';
import { badBody, parseJsonBody } from '../json-body.ts';
import { createPartSender } from '../part-sender.ts';
import { unsayable } from '../refusal.ts';
import { isOneOf, toSecrets } from '../secrets.ts';
import { wellFormed } from '../text-parts.ts';
import { type Fetch, postJson } from '../web-api.ts';
import { type Address, placeOf, toAddress, toOpenid } from './address.ts';
import { type BotCall, KINDS, TEXT_LIMIT, toCalls } from './calls.ts';
import { refusalOf } from './push.ts';
import { toUpdate } from './update.ts';

export interface TelegramOptions {
  /** The token of the bot, as BotFather gives it: `123456:ABC…`. */
  readonly token: string;
  /** What `setWebhook` was given as `secret_token`. Several while one takes over from another. */
  readonly secret: string | readonly string[];
  /** What tells this bot from others in openids. Default: its number, which the token begins with. */
  readonly bot?: string | undefined;
  /** Where the Bot API is. Default `https://api.telegram.org`. */
  readonly baseUrl?: string | undefined;
  /** Default: that of the platform. */
  readonly fetch?: Fetch | undefined;
}

const HEADER = 'x-telegram-bot-api-secret-token';
const TOKEN = /^(\d{1,20}):[\w-]{1,256}$/;

const ACKNOWLEDGE: Answer = { status: 200, body: '' };
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

const DAY_MS = 86_400_000;

/**
 * A bot of Telegram. An update is proven by the secret that `setWebhook` was given. A turn that says one thing in one
 * call says it in the answer; where there is more, all of it is pushed, for only so does it arrive in its order. A
 * button that was pressed stops waiting by the answer, and what is said to it is pushed.
 *
 * `/start` is an `event.follow`, with what follows it (a deep link's) as its `key`. Whoever blocks the bot, or throws it
 * out of a group, is an `event.unfollow`. Edited messages, and what bots say, are acknowledged and go no further.
 * @throws UsageError `bad_token`, `bad_secret`, `bad_bot`
 */
export function telegram(options: TelegramOptions): Channel {
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
  const secrets = toSecrets('telegram', options.secret);
  const prefix = `telegram:${bot}:`;
  const sender = createPartSender();

  return {
    name: 'telegram',
    prefix,
    limits: {
      bodyTimeoutMs: 3000,
      // Telegram names no limit; an update that waits long holds up those behind it.
      answerMs: 10_000,
      redelivery: { withinMs: DAY_MS },
      text: TEXT_LIMIT,
      kinds: KINDS,
    },
    async receive(request) {
      if (request.method !== 'POST') {
        return { type: 'reject', status: 405, headers: { allow: 'POST' } };
      }
      if (!isOneOf(secrets, request.headers.get(HEADER) ?? '')) {
        return { type: 'reject', status: 401 };
      }
      return receiveUpdate(prefix, request);
    },
    async push(openid, reply, { id, signal }) {
      const address = toAddress(prefix, openid);
      const calls = toCalls(reply);
      if (typeof calls === 'string') throw unsayable('telegram', calls);
      await sender.send(
        id,
        calls.map((call) => async () => {
          const answer = await postJson(fetch, {
            channel: 'telegram',
            url: `${baseUrl}/bot${token}/${call.method}`,
            body: JSON.stringify({ ...call.parameters, ...placeOf(address) }),
            signal,
          });
          const refusal = refusalOf(answer);
          if (refusal) throw refusal;
        }),
      );
    },
  };
}

async function receiveUpdate(prefix: string, request: ChannelRequest): Promise<Reception> {
  const body = await request.readBody();
  try {
    const update = toUpdate(parseJsonBody(body));
    if (update === undefined) throw badBody('an update of Telegram');
    const { id, said, query } = update;
    // In the answer it costs no call, and the button stops waiting when the turn has ended.
    const acknowledge =
      query === undefined
        ? ACKNOWLEDGE
        : answerWith('answerCallbackQuery', { callback_query_id: query });
    if (said === undefined) return { type: 'messages', messages: [], acknowledge };
    const { address, message } = said;
    const messages = [{ openid: toOpenid(prefix, address), message, id }];
    if (query !== undefined) {
      return {
        type: 'messages',
        messages,
        acknowledge,
        notice: (replies) => noticeOf(query, replies),
      };
    }
    return {
      type: 'messages',
      messages,
      acknowledge,
      render: (replies) => renderReplies(replies, address),
    };
  } catch (error) {
    if (ColloquyError.is(error, 'bad_body')) return { type: 'reject', status: 400, error };
    throw error;
  }
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

function renderReplies(replies: readonly Reply[], address: Address): Rendering {
  const calls = replies.map((reply) => toCalls(reply));
  const sayable = calls.filter((each) => typeof each !== 'string').flat();
  const [only, ...others] = sayable;
  const inAnswer = only !== undefined && others.length === 0 ? only : undefined;
  return {
    ...(inAnswer && { answer: toAnswer(inAnswer, address) }),
    unsent: calls.flatMap((each, index) => {
      if (typeof each === 'string') return [{ index, reason: each }];
      return inAnswer ? [] : [{ index, reason: 'more_than_one_call' }];
    }),
  };
}

function toAnswer({ method, parameters }: BotCall, address: Address): Answer {
  return answerWith(method, { ...parameters, ...placeOf(address) });
}

function answerWith(method: string, parameters: object): Answer {
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ method, ...parameters }) };
}
