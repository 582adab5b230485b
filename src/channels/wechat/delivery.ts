import type { ChannelLimits } from '../channel.ts';
import type { Answer, Delivery } from '../reception.ts';
import { type Format, type Seal, toAnswer } from './envelope.ts';
import type { WechatPush } from './message.ts';
import { TEXT_LIMIT, renderReplies } from './render.ts';

/**
 * WeChat and WeCom wait five seconds for an answer, and deliver three times in all. No push of theirs is near the limit
 * of a body.
 */
export const PUSH_LIMITS: ChannelLimits = {
  maxBodyBytes: 64 * 1024,
  bodyTimeoutMs: 3000,
  answerMs: 5000,
  redelivery: { withinMs: 60_000, attempts: 3 },
  text: TEXT_LIMIT,
};

/** How the answer to a push is written. */
export interface AnswerForm {
  readonly acknowledge: Answer;
  readonly format: Format;
  /** Absent where the push was not encrypted. */
  readonly seal?: Omit<Seal, 'sentAt'> | undefined;
  readonly channel: 'wechat' | 'wecom';
}

/** The delivery of a push, whose answer holds one message. */
export function toDelivery(push: WechatPush, form: AnswerForm): Delivery {
  const { openid, user, account, message, id, answerable, maxArticles } = push;
  const { acknowledge, format, seal, channel } = form;
  return {
    type: 'messages',
    messages: [{ openid, message, id }],
    acknowledge,
    render(replies, sentAt) {
      if (!answerable) {
        // A user who is gone gets none of them; to others they may be pushed.
        const rest = push.isGone && { rest: null };
        return {
          unsent: replies.map((_, index) => ({ index, reason: 'nobody_to_answer', ...rest })),
        };
      }
      const envelope = { to: user, from: account, sentAt, maxArticles };
      const { content, unsent } = renderReplies(replies, envelope, channel);
      if (content === undefined) return { unsent };
      return { answer: toAnswer(content, format, seal && { ...seal, sentAt }), unsent };
    },
  };
}
