import { formatReply } from '../../format.ts';
import type { Reply } from '../../reply.ts';
import { ColloquyError, DeliveryError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { createPartSender } from '../part-sender.ts';
import { unknownOpenid, unsayable, userOf } from '../refusal.ts';
import { partsOf } from '../text-parts.ts';
import type { Fetch } from '../web-api.ts';
import { type TokenProvider, WECHAT_API } from './access-token.ts';
import { type Api, callApi } from './api.ts';
import { isPushPayload, TEXT_LIMIT } from './render.ts';
import { type Elements, isElements, removeIllegalCharacters } from './write.ts';

/** The interface by which an account, or an application of WeCom, says something outside of an answer. */
export interface WechatPushOptions {
  /** `accessTokens()`, of WeCom `corpTokens()`, or what several processes share. */
  readonly accessToken: TokenProvider;
  /** Where the interface is. Default: `https://api.weixin.qq.com`, for WeCom `https://qyapi.weixin.qq.com`. */
  readonly baseUrl?: string | undefined;
  /** Default: that of the platform. */
  readonly fetch?: Fetch | undefined;
}

const SEND = '/cgi-bin/message/custom/send';
const TRANSFER = '/customservice/kfsession/create';
/** https://developers.weixin.qq.com/doc/service/api/customer/message/api_typing */
const TYPING = '/cgi-bin/message/custom/typing';
/** The answer to a call while the user still sees that of a former one. */
const SHOWN_ALREADY = 45_081;
/** How long WeChat shows it. It refuses another call before, so the next one comes just after. */
export const TYPING_MS = 15_000;

/** What the customer-service interface does for an account. */
type WechatPush = Required<Pick<Channel, 'push' | 'typing'>>;

/**
 * Pushes by the customer-service interface
 * (https://developers.weixin.qq.com/doc/offiaccount/Customer_Service/Customer_Service_Messages.html).
 * A text goes out in as many messages as its limit wants, news in one per article; where one of them fails, the next try continues after those that WeChat took.
 */
export function createWechatPush(options: WechatPushOptions, prefix: string): WechatPush {
  const { accessToken, baseUrl = WECHAT_API, fetch = globalThis.fetch } = options;
  const api: Api = { channel: 'wechat', baseUrl, accessToken, fetch };
  const sendParts = createPartSender();
  return {
    async push(openid, reply, { id, signal }) {
      const user = accountUserOf(prefix, openid);
      if (reply.type === 'handoff') {
        // Only an answer can pass a conversation on to any free agent, so this reply waits for the next message.
        if (reply.to === undefined) throw waitsForAnswer();
        await callApi(api, TRANSFER, { kf_account: reply.to, openid: user }, signal);
        return;
      }
      const sends = toMessages(reply).map((message) => async () => {
        await callApi(api, SEND, { touser: user, ...message }, signal);
      });
      await sendParts(id, sends);
    },
    async typing(openid, { signal }) {
      const user = accountUserOf(prefix, openid);
      try {
        await callApi(api, TYPING, { touser: user, command: 'Typing' }, signal);
      } catch (error) {
        if (!isShownAlready(error)) throw error;
      }
    },
  };
}

function accountUserOf(prefix: string, openid: string): string {
  const user = userOf(prefix, openid, `${prefix}<openid>`);
  // Without a prefix, an openid with a colon is another channel's, as it is of what comes in.
  if (prefix === '' && user.includes(':')) throw unknownOpenid(openid, 'one without a colon');
  return user;
}

function isShownAlready(error: unknown): boolean {
  return ColloquyError.is(error) && error.details['reason'] === SHOWN_ALREADY;
}

function waitsForAnswer(): DeliveryError {
  return new DeliveryError(
    'push_closed',
    "A handoff to any free agent is said in an answer only, so it waits for the user's next message. With `to` it is pushed.",
    { details: { channel: 'wechat' } },
  );
}

/**
 * The messages that a reply takes, without their user.
 * @throws DeliveryError `unsayable_reply`
 */
export function toMessages(reply: Reply, channel = 'wechat'): readonly Elements[] {
  switch (reply.type) {
    case 'text':
    case 'choices': {
      const text = removeIllegalCharacters(formatReply(reply));
      if (text === '') throw unsayable(channel, 'empty');
      return partsOf(text, TEXT_LIMIT).map((content) => ({ msgtype: 'text', text: { content } }));
    }
    case 'image':
    case 'voice':
      return [{ msgtype: reply.type, [reply.type]: { media_id: mediaOf(reply, channel) } }];
    case 'video': {
      const { title, description } = reply;
      return [
        { msgtype: 'video', video: { media_id: mediaOf(reply, channel), title, description } },
      ];
    }
    case 'music': {
      const { title, description, url, highQualityUrl = url, thumbnailId } = reply;
      const music = {
        title,
        description,
        musicurl: url,
        hqmusicurl: highQualityUrl,
        thumb_media_id: thumbnailId,
      };
      return [{ msgtype: 'music', music }];
    }
    case 'news': {
      const articles = reply.articles.map(({ title, description = '', url, imageUrl = '' }) => {
        return { title, description, url, picurl: imageUrl };
      });
      // WeChat refuses more than one article in a message.
      const messages = channel === 'wechat' ? articles.map((article) => [article]) : [articles];
      return messages.map((each) => ({ msgtype: 'news', news: { articles: each } }));
    }
    case 'raw':
      if (reply.channel !== channel) throw unsayable(channel, 'other_channel');
      if (!isPushPayload(reply.payload) || !isElements(reply.payload)) {
        throw unsayable(channel, 'bad_payload');
      }
      return [reply.payload];
    case 'handoff':
      throw unsayable(channel, 'handoff');
  }
}

function mediaOf({ mediaId }: { readonly mediaId?: string }, channel: string): string {
  if (mediaId === undefined) throw unsayable(channel, 'needs_media_id');
  return mediaId;
}
