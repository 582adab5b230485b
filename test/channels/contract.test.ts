import { type ChannelSubject, channelContract, selectCases } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { jsonSubject } from './subjects/json.ts';
import { slackSubject } from './subjects/slack.ts';
import { telegramSubject } from './subjects/telegram.ts';
import {
  compatWechatSubject,
  pushingWechatSubject,
  safeWechatSubject,
  wechatSubject,
} from './subjects/wechat.ts';
import { webSubject } from './subjects/web.ts';
import { wecomSubject } from './subjects/wecom.ts';

const PEOPLE = 'a message says who it is from';
const MARKED = 'what was not said to the bot is marked';
const OTHERS = 'what is said to another bot is acknowledged, and is no message';
const TIMED = 'a proof holds for its time, and neither before nor after it';
/** WeChat and WeCom sign the query, and of a body what is encrypted in it: a space behind it changes nothing. */
const UNSIGNED = [
  'a request whose body is not the signed one is rejected',
  TIMED,
  OTHERS,
  "the bot's own messages are acknowledged, and are no messages",
];
const PUSHES = channelContract
  .filter(({ needs }) => needs.includes('push') && !needs.includes('drafts'))
  .map(({ name }) => name);

/** What a web chat does in other ways than the port has, its own tests show. */
const OPTIONAL = channelContract.filter(({ needs }) => needs.length > 0).map(({ name }) => name);

const TYPING = channelContract
  .filter(({ needs }) => needs.includes('typing'))
  .map(({ name }) => name);
const DRAFTS = channelContract
  .filter(({ needs }) => needs.includes('drafts'))
  .map(({ name }) => name);

/** The channels, and the names of the cases that are not for them. */
const subjects: Readonly<Record<string, readonly [ChannelSubject, readonly string[]]>> = {
  json: [
    jsonSubject,
    [
      PEOPLE,
      MARKED,
      OTHERS,
      "the bot's own messages are acknowledged, and are no messages",
      'a handshake is answered, and carries no message',
      'a part that went out is not sent again',
      ...TYPING,
      ...DRAFTS,
    ],
  ],
  slack: [
    slackSubject,
    [
      PEOPLE,
      MARKED,
      OTHERS,
      'every kind of reply is in the answer or accounted for',
      'of several replies, none is lost between the answer and the rest',
      'a text that is too long is never said to be whole',
      ...TYPING,
    ],
  ],
  telegram: [
    telegramSubject,
    [
      'a request whose body is not the signed one is rejected',
      'a proof holds for its time, and neither before nor after it',
      'a handshake is answered, and carries no message',
    ],
  ],
  'wechat, in plaintext mode': [wechatSubject, [...UNSIGNED, ...PUSHES, ...TYPING, ...DRAFTS]],
  'wechat, in safe mode': [
    safeWechatSubject,
    [...UNSIGNED.filter((name) => name !== TIMED), ...PUSHES, ...TYPING, ...DRAFTS],
  ],
  'wechat, in compat mode': [compatWechatSubject, [...UNSIGNED, ...PUSHES, ...TYPING, ...DRAFTS]],
  'wechat, one of several accounts that push': [pushingWechatSubject, [...UNSIGNED, ...DRAFTS]],
  web: [webSubject, OPTIONAL.filter((name) => name !== PEOPLE)],
  wecom: [wecomSubject, [...UNSIGNED.filter((name) => name !== TIMED), ...TYPING, ...DRAFTS]],
};

describe.each(Object.entries(subjects))('the channel %s', (_name, [subject, others]) => {
  const { cases, skipped } = selectCases(channelContract, subject);
  for (const { name, run } of cases) {
    it(name, () => expect(run(subject)).resolves.toBeUndefined());
  }

  it('passes over no other cases than those that are not for it', () => {
    expect(skipped).toEqual(others);
  });
});
