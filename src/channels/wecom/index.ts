import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import { ColloquyError, UsageError } from '../../errors.ts';
import type { Channel, ChannelLimits } from '../channel.ts';
import type { ChannelRequest, Reception } from '../reception.ts';
import { checkSpan } from '../fresh.ts';
import { ACKNOWLEDGE, FORBIDDEN, GET_OR_POST, handshake, rejectBadBody } from '../receptions.ts';
import { createCipher } from '../wechat/cipher.ts';
import { PUSH_LIMITS, toDelivery } from '../wechat/delivery.ts';
import {
  type Format,
  type PayloadKeys,
  encryptedOf,
  isFreshQuery,
  openPayload,
} from '../wechat/envelope.ts';
import { WECOM_EVENTS } from '../wechat/events.ts';
import { toPush } from '../wechat/message.ts';
import { badPush } from '../wechat/parse.ts';
import { isJson, parseFields } from '../wechat/parse-json.ts';
import { type Secret, single, toTokens } from '../wechat/signature.ts';
import { type WechatPushOptions, toMessages } from '../wechat/push.ts';
import type { Reply } from '../../reply.ts';
import type { Pace } from '../pacing.ts';
import { createWecomPush } from './push.ts';

export { type CorpTokenOptions, corpTokens } from './push.ts';
export type { WechatPushOptions as WecomPushOptions } from '../wechat/push.ts';
export type { TokenFetch, TokenProvider } from '../wechat/access-token.ts';
export type { Secret } from '../wechat/signature.ts';

/** Options of `wecom()`: the application, how it signs and encrypts, and how it pushes. */
export interface WecomOptions {
  /** The id of the corporation (CorpID, 企业ID). */
  readonly corpId: string;
  /** Of the application. */
  readonly agentId: number | string;
  /** The Token of the application's callback; several while they are changed, the first of which signs. */
  readonly token: Secret;
  /** The EncodingAESKey; several while they are changed, the first of which encrypts. */
  readonly encodingAESKey: Secret;
  /** The interface for messages of the application, for what is said outside of an answer. */
  readonly push?: WechatPushOptions | undefined;
  /**
   * How many milliseconds the signature may be older or newer than the arrival of a request. Default: any; see the option
   * of `wechat()`.
   */
  readonly freshMs?: number | undefined;
  /** The receiver of encrypted payloads where that is not the corporation: the SuiteID of a provider. */
  readonly receiveId?: string | undefined;
  /** Gives a number of random bytes, for encryption. */
  readonly random?: ((bytes: number) => Uint8Array) | undefined;
}

const KEYS = {
  ...keyTable('corpId agentId token encodingAESKey'),
  push: keyTable('accessToken baseUrl fetch'),
  ...keyTable('freshMs receiveId random'),
} satisfies KeysOf<WecomOptions>;

const LIMITS: ChannelLimits = {
  ...PUSH_LIMITS,
  kinds: ['text', 'image', 'voice', 'video', 'news', 'raw'],
};
const MAX_ARTICLES = 8;

interface App {
  readonly keys: PayloadKeys;
  readonly agentId: string;
  /** The ids that a push may name as its receiver. */
  readonly receivers: ReadonlySet<unknown>;
  readonly prefix: string;
  readonly freshMs: number;
}

/**
 * An application of WeCom (企业微信), by its callback, in XML and in JSON: URL verification, pushes and passive replies,
 * which are always encrypted. Openids are `wecom:<corpId>:<agentId>:<userid>`. One answer holds one message, as of
 * `wechat()`; there is no music and no handoff.
 * @throws UsageError `bad_token`, `bad_key`, `bad_app_id`, `bad_option`
 */
export function wecom(options: WecomOptions): Channel {
  checkOptions('wecom()', options, KEYS);
  const { corpId, encodingAESKey: keys, receiveId = corpId, random, push } = options;
  const { freshMs = Infinity } = options;
  const agentId = String(options.agentId);
  if (typeof corpId !== 'string' || corpId === '' || !/^\d+$/.test(agentId)) {
    throw new UsageError(
      'bad_app_id',
      'wecom() needs the `corpId` of the corporation and the `agentId` of the application, which is a number.',
    );
  }
  const cipher = createCipher({ keys, receiveId, random });
  const prefix = `wecom:${corpId}:${agentId}:`;
  const tokens = toTokens('wecom', options.token);
  if (freshMs !== Infinity) checkSpan('freshMs', freshMs);
  const receivers = new Set([corpId, receiveId]);
  const app: App = { keys: { tokens, cipher }, agentId, receivers, prefix, freshMs };
  return {
    name: 'wecom',
    prefix,
    limits: LIMITS,
    receive: (request) => receive(request, app),
    ...(push && { push: createWecomPush(push, prefix, Number(agentId)), pace: pacesOf }),
  };
}

/**
 * What WeCom allows an application for one member: 30 messages in a minute and 1000 in an hour; what is over that is dropped
 * without a word (https://developer.work.weixin.qq.com/document/path/90454). Its limit of a day depends on the contract.
 */
function pacesOf(openid: string, reply: Reply): readonly Pace[] {
  const cost = toMessages(reply, 'wecom').length;
  return [
    { key: `hour ${openid}`, count: 1000, perMs: 3_600_000, cost },
    { key: `minute ${openid}`, count: 30, perMs: 60_000, cost },
  ];
}

async function receive(request: ChannelRequest, app: App): Promise<Reception> {
  const { method, url, receivedAt } = request;
  const query = url.searchParams;
  if (!isFreshQuery(query, receivedAt, app.freshMs)) return FORBIDDEN;
  if (method === 'GET') return verifyUrl(query, app.keys);
  if (method !== 'POST') return GET_OR_POST;
  // The signature covers the payload, so there is nothing to prove before it is read.
  if (!single(query, 'msg_signature')) return FORBIDDEN;
  const body = await request.readBody();
  const payload = open(body, query, app.keys);
  if (payload === undefined) return FORBIDDEN;
  try {
    return receivePush(payload, query, app, isJson(body) ? 'json' : 'xml');
  } catch (error) {
    return rejectBadBody(error);
  }
}

/** The console checks a URL by a GET whose `echostr` it wants back decrypted, and within a second. */
function verifyUrl(query: URLSearchParams, keys: PayloadKeys): Reception {
  // Base64 has no spaces: what was a plus was not escaped.
  const echo = openPayload(single(query, 'echostr')?.replaceAll(' ', '+'), query, keys);
  if (echo === undefined) return FORBIDDEN;
  return handshake(Buffer.from(echo).toString());
}

/** @returns undefined where the sender is not proven: strangers do not learn what else is wrong */
function open(body: Uint8Array, query: URLSearchParams, keys: PayloadKeys): Uint8Array | undefined {
  try {
    return openPayload(encryptedOf(parseFields(body)), query, keys);
  } catch (error) {
    if (ColloquyError.is(error, 'bad_body')) return undefined;
    throw error;
  }
}

function receivePush(
  payload: Uint8Array,
  query: URLSearchParams,
  { keys, agentId, receivers, prefix }: App,
  format: Format,
): Reception {
  const fields = parseFields(payload);
  if ((fields['AgentID'] ?? agentId) !== agentId) {
    throw badPush('the AgentID of the application that the channel is for');
  }
  // A provider may have one key for several corporations, whose users have the same ids.
  if (fields['ToUserName'] !== undefined && !receivers.has(fields['ToUserName'])) {
    throw badPush('the ToUserName of the corporation that the channel is for');
  }
  return toDelivery(
    { ...toPush(fields, payload, prefix, WECOM_EVENTS), maxArticles: MAX_ARTICLES },
    {
      acknowledge: ACKNOWLEDGE,
      format,
      seal: { ...keys, query, isLower: format === 'json' },
      channel: 'wecom',
    },
  );
}
