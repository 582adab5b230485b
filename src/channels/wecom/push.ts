import { type KeysOf, checkOptions, keyTable } from '../../internal/closed.ts';
import type { Channel } from '../channel.ts';
import { nameOf } from '../../internal/fields.ts';
import { createPartSender } from '../part-sender.ts';
import { refused, unknownOpenid, unsayable, userOf } from '../refusal.ts';
import {
  type TokenOptions,
  type TokenProvider,
  checkGiven,
  createTokens,
} from '../wechat/access-token.ts';
import { type Api, callApi } from '../wechat/api.ts';
import { type WechatPushOptions, toMessages } from '../wechat/push.ts';

/** Options of `corpTokens()`: the corporation, and the secret of the application. */
export interface CorpTokenOptions extends TokenOptions {
  /** The id of the corporation (CorpID, 企业ID). */
  readonly corpId: string;
}

const KEYS = keyTable('corpId secret baseUrl fetch clock') satisfies KeysOf<CorpTokenOptions>;

const API = 'https://qyapi.weixin.qq.com';

/**
 * The access token of an application: fetched once for all who ask, and again five minutes before its end.
 * @throws UsageError `bad_app_id`, `bad_secret`
 */
export function corpTokens(options: CorpTokenOptions): TokenProvider {
  checkOptions('corpTokens()', options, KEYS);
  const { corpId, secret, baseUrl = API, ...rest } = options;
  checkGiven('corpTokens', { corpId, secret });
  const query = new URLSearchParams({ corpid: corpId, corpsecret: secret });
  const url = `${baseUrl}/cgi-bin/gettoken?${query.toString()}`;
  return createTokens({ ...rest, channel: 'wecom', url });
}

/** Pushes by the interface for messages of an application (https://developer.work.weixin.qq.com/document/path/90236). */
export function createWecomPush(
  { accessToken, baseUrl = API, fetch = globalThis.fetch }: WechatPushOptions,
  prefix: string,
  agentId: number,
): NonNullable<Channel['push']> {
  const api: Api = { channel: 'wecom', baseUrl, accessToken, fetch };
  const sendParts = createPartSender();
  return async (openid, reply, { id, signal }) => {
    const user = userOf(prefix, openid, `${prefix}<userid>`);
    // WeCom takes several users at once, or all: none of them is the one that a reply is for.
    if (user.includes('|') || user === '@all') throw unknownOpenid(openid, 'that of one user');
    if (reply.type === 'music') throw unsayable('wecom', 'music');
    const sends = toMessages(reply, 'wecom').map((message) => async () => {
      const payload = { ...message, touser: user, agentid: agentId };
      const answer = await callApi(api, '/cgi-bin/message/send', payload, signal);
      // The call is right, and the user is none of the application's.
      if (nameOf(answer['invaliduser']) !== undefined) {
        throw refused({
          channel: 'wecom',
          code: 'bad_openid',
          status: 200,
          reason: 'invaliduser',
        });
      }
    });
    await sendParts(id, sends);
  };
}
