import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { UsageError } from '../../errors.ts';
import type { Channel, ChannelLimits } from '../channel.ts';
import type { ChannelRequest, Reception } from '../reception.ts';
import { checkSpan } from '../fresh.ts';
import { FORBIDDEN, GET_OR_POST, handshake, rejectBadBody } from '../receptions.ts';
import { createCipher } from './cipher.ts';
import { type AnswerForm, PUSH_LIMITS, toDelivery } from './delivery.ts';
import { type PayloadKeys, encryptedOf, isFreshQuery, openPayload } from './envelope.ts';
import { type WechatPush, toPush } from './message.ts';
import { type PushFields, badPush } from './parse.ts';
import { isJson, parseFields } from './parse-json.ts';
import { TYPING_MS, type WechatPushOptions, createWechatPush } from './push.ts';
import { type Secret, isQuerySigned, single, toTokens } from './signature.ts';

export {
  type AccessTokenOptions,
  accessTokens,
  type TokenFetch,
  type TokenProvider,
} from './access-token.ts';
export type { Secret } from './signature.ts';
export type { WechatPushOptions } from './push.ts';

/** Options of `wechat()`: the account, how it signs and encrypts, and how it pushes. */
export interface WechatOptions {
  /** The Token of the account's message push settings; several while they are changed, the first of which signs. */
  readonly token: Secret;
  /**
   * How the account sends, configured here as in the console, and never decided by a request. `safe` takes nothing that
   * is not encrypted; `compat` takes both, and of a push that is both, the encrypted part.
   */
  readonly mode?: 'plaintext' | 'compat' | 'safe' | undefined;
  /** Of the account. The modes `compat` and `safe` need it: what is encrypted for another one is refused. */
  readonly appId?: string | undefined;
  /** The EncodingAESKey; several while they are changed, the first of which encrypts. `compat` and `safe` need it. */
  readonly encodingAESKey?: Secret | undefined;
  /** The customer-service interface, for what is said outside of an answer. Not every account has the right to it. */
  readonly push?: WechatPushOptions | undefined;
  /**
   * How many milliseconds the signature may be older or newer than the arrival of a request. Default: any, since WeChat
   * does not say whether it signs again what it delivers again; give it 60 000 at least. What is sent twice counts once
   * either way.
   */
  readonly freshMs?: number | undefined;
  /**
   * The original id of the account (原始ID), such as `gh_97417a04a28d`: a push to another account is refused. By default, pushes
   * to any account are taken, since several accounts may share a token on purpose.
   */
  readonly account?: string | undefined;
  /** What openids begin with, as `wechat:shop:`; for a runner of several accounts or channels. Nothing by default. */
  readonly prefix?: string | undefined;
  /** Gives a number of random bytes, for encryption. */
  readonly random?: ((bytes: number) => Uint8Array) | undefined;
}

const KEYS = {
  ...keyTable('token mode appId encodingAESKey'),
  push: keyTable('accessToken baseUrl fetch'),
  ...keyTable('freshMs account prefix random'),
} satisfies KeysOf<WechatOptions>;

const HOUR_MS = 3_600_000;

const LIMITS: ChannelLimits = {
  ...PUSH_LIMITS,
  kinds: ['text', 'image', 'voice', 'video', 'music', 'news', 'handoff', 'raw'],
  pushWindow: { ms: 48 * HOUR_MS, max: 5 },
  typingMs: TYPING_MS,
};
const MAX_ECHO_LENGTH = 256;

const FORM: Pick<AnswerForm, 'acknowledge' | 'channel'> = {
  acknowledge: {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: 'success',
  },
  channel: 'wechat',
};

interface Account {
  readonly tokens: PayloadKeys['tokens'];
  readonly mode: NonNullable<WechatOptions['mode']>;
  readonly keys: PayloadKeys | undefined;
  /** The original id; undefined if a push may be to any account. */
  readonly id: string | undefined;
  readonly prefix: string;
  readonly freshMs: number;
}

/**
 * WeChat Official Accounts (公众号, 服务号) in each of their modes, in XML and in JSON: URL verification, pushes and
 * passive replies of every kind. One answer holds one message, a text of at most 2048 bytes or one of another kind: the
 * texts that a turn begins with are merged, and what does not fit is pushed, or without `push` reported. A handoff goes
 * before everything else.
 * @example
 * createWebhook(runner, wechat({ token: 'tokenOfTheAccount' }));
 * @throws UsageError `bad_token`, `bad_mode`, `bad_key`, `bad_app_id`, `bad_option`
 */
export function wechat(options: WechatOptions): Channel {
  checkOptions('wechat()', options, KEYS);
  const { encodingAESKey, account: id, prefix = '', freshMs = Infinity, push } = options;
  const tokens = toTokens('wechat', options.token);
  // With a key, plaintext is no default: the account would take what nothing but its query proves.
  const { mode = encodingAESKey === undefined ? 'plaintext' : undefined } = options;
  if (mode === undefined) throw badMode();
  const keys = mode === 'plaintext' ? undefined : keysOf(options, tokens);
  if (freshMs !== Infinity) checkSpan('freshMs', freshMs);
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw new UsageError(
      'bad_option',
      '`account` is the original id (原始ID) of the account, as gh_97417a04a28d.',
    );
  }
  const account: Account = { tokens, mode, keys, id, prefix, freshMs };
  return {
    name: 'wechat',
    prefix,
    limits: LIMITS,
    receive: (request) => receive(request, account),
    ...(push && createWechatPush(push, prefix)),
  };
}

function keysOf(
  { mode, appId, encodingAESKey: keys, random }: WechatOptions,
  tokens: PayloadKeys['tokens'],
): PayloadKeys {
  if (mode !== 'compat' && mode !== 'safe') throw badMode();
  if (typeof appId !== 'string' || appId === '') {
    throw new UsageError(
      'bad_app_id',
      `The mode '${mode}' of wechat() needs the \`appId\` of the account: what is encrypted for another one must be refused.`,
    );
  }
  return { tokens, cipher: createCipher({ keys, receiveId: appId, random }) };
}

function badMode(): UsageError {
  return new UsageError(
    'bad_mode',
    "The mode of wechat() is 'plaintext' (明文模式), 'compat' (兼容模式) or 'safe' (安全模式), as in the console. It has to be said where there is an encodingAESKey.",
  );
}

async function receive(request: ChannelRequest, account: Account): Promise<Reception> {
  const { method, query = request.url.searchParams, receivedAt } = request;
  if (method !== 'GET' && method !== 'POST') return GET_OR_POST;
  if (!isFreshQuery(query, receivedAt, account.freshMs)) return FORBIDDEN;
  const isProven = isQuerySigned(query, account.tokens);
  // Only an encrypted payload has a second signature, which covers the body; without one, the first has to be right.
  const mayBeProven = account.keys !== undefined && !query.has('signature');
  if (method === 'GET') return isProven ? verifyUrl(query) : FORBIDDEN;
  if (!isProven && !(mayBeProven && query.has('msg_signature'))) return FORBIDDEN;
  const body = await request.readBody();
  try {
    return receivePush(body, query, account, isProven);
  } catch (error) {
    const rejection = rejectBadBody(error);
    return isProven ? rejection : FORBIDDEN;
  }
}

/** The console checks a URL by a signed GET that wants its `echostr` back. */
function verifyUrl(query: URLSearchParams): Reception {
  if (!query.has('echostr')) return GET_OR_POST;
  const echo = single(query, 'echostr');
  if (!echo || echo.length > MAX_ECHO_LENGTH) return { type: 'reject', status: 400 };
  return handshake(echo);
}

function receivePush(
  body: Uint8Array,
  query: URLSearchParams,
  account: Account,
  isProven: boolean,
): Reception {
  const { mode, keys } = account;
  const format = isJson(body) ? 'json' : 'xml';
  const fields = parseFields(body);
  const encrypted = encryptedOf(fields);
  const isEncrypted = encrypted !== undefined || query.has('msg_signature');
  if (keys === undefined || (mode === 'compat' && !isEncrypted)) {
    // Here and nowhere else, the signature in the query is all there is to prove a sender.
    if (!isProven) return FORBIDDEN;
    return toDelivery(pushTo(account, fields, body), { ...FORM, format });
  }
  const payload = openPayload(encrypted, query, keys);
  if (payload === undefined) return FORBIDDEN;
  const seal = { ...keys, query };
  return toDelivery(pushTo(account, parseInner(payload), payload), { ...FORM, format, seal });
}

function pushTo({ id, prefix }: Account, fields: PushFields, body: Uint8Array): WechatPush {
  if (id !== undefined && fields['ToUserName'] !== id) {
    throw badPush('the ToUserName of the account that the channel is for');
  }
  return toPush(fields, body, prefix);
}

/** What was encrypted for us was made by WeChat; it is read with the same care. */
function parseInner(payload: Uint8Array): PushFields {
  const fields = parseFields(payload);
  if (encryptedOf(fields) !== undefined) throw badPush('a payload that is encrypted once');
  return fields;
}
