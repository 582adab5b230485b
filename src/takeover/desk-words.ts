import { UsageError } from '../errors.ts';
import { unknownName } from '../internal/closed.ts';

/** What a desk says to operators. `{name}` is the customer. */
const en = {
  none: 'No customer is waiting.',
  who: 'Who do you take?',
  moment: 'One moment, please.',
  begun:
    'You are talking with {name}. “/back” gives the conversation back to the bot, “/leave” leaves it to another operator.',
  said: '{name}: {text}',
  bot: 'Bot: {text}',
  also: '{name} is waiting, too.',
  taken: '{by} has {name} already.',
  left: 'Another operator may take {name} now.',
  ended: 'The bot has {name} again.',
  gone: '{name} is not waiting for you any more.',
  result: '{why} Please write “/back” and then the result.',
  full: 'Your last messages have not arrived yet. Please wait a little before you write more.',
  onlyText: 'Only text is passed on.',
  stranger: 'This is for operators only.',
} as const;

/** The name of something that a desk says. */
export type DeskPhrase = keyof typeof en;

const zh: Readonly<Record<DeskPhrase, string>> = {
  none: '目前没有客户在等待。',
  who: '您要接待哪一位？',
  moment: '请稍等。',
  begun: '您正在和 {name} 对话。发送“/结束”把会话交还给机器人，发送“/转出”留给其他客服。',
  said: '{name}：{text}',
  bot: '机器人：{text}',
  also: '{name} 也在等待。',
  taken: '{name} 已经由 {by} 接待。',
  left: '其他客服现在可以接待 {name}。',
  ended: '{name} 已经回到机器人。',
  gone: '{name} 已经不在等您了。',
  result: '{why}请发送“/结束”，后面写上结果。',
  full: '您前面的消息还没有送达，请稍等一会儿再发。',
  onlyText: '只能转发文字消息。',
  stranger: '这里只供客服使用。',
};

/** Says the phrases of a desk. */
export type SayPhrase = (phrase: DeskPhrase, values?: Readonly<Record<string, string>>) => string;

/**
 * @param locale BCP 47; every Chinese one is said in Chinese, all others in English
 * @throws UsageError `bad_option` for a phrase that there is not
 */
export function deskWords(
  locale: string,
  own: Partial<Readonly<Record<DeskPhrase, string>>>,
): SayPhrase {
  for (const [key, text] of Object.entries(own)) {
    if (!Object.hasOwn(en, key)) {
      throw new UsageError(
        'bad_option',
        `createDesk(): ${unknownName(key, Object.keys(en), 'a phrase', 'words.')}`,
      );
    }
    if (typeof text === 'string') continue;
    throw new UsageError('bad_option', `createDesk() takes a text as 'words.${key}'.`);
  }
  const known = { ...(/^zh\b/iu.test(locale) ? zh : en), ...own };
  return (phrase, values = {}) =>
    known[phrase].replace(/\{(\w+)\}/gu, (found, name: string) => values[name] ?? found);
}

const BACK = /^\s*[/／!！]\s*(?:back|结束)(?:\s+|$)/iu;
const LEAVE = /^\s*[/／!！]\s*(?:leave|转出)\s*$/iu;

/** What an operator wants who writes a word of the desk; undefined for what the customer is to read. */
export function wordOfDesk(
  text: string,
): { readonly does: 'return' | 'leave'; readonly text?: string } | undefined {
  if (LEAVE.test(text)) return { does: 'leave' };
  const [back] = BACK.exec(text) ?? [];
  return back === undefined ? undefined : { does: 'return', text: text.slice(back.length).trim() };
}
