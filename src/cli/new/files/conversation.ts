import type { Lang, NewProject } from '../project.ts';

/** The conversation of a new project, its tests and its transcripts. They quote one another, so their words are in one place. */

interface ConversationTexts {
  readonly which: string;
  readonly green: string;
  readonly black: string;
  /** Other words for black tea. */
  readonly others: readonly string[];
  readonly many: string;
  readonly there: string;
  readonly help: string;
  readonly cancelled: string;
  /** With `${cups}` and `${name}`. */
  readonly ordered: string;
}

const TEXTS: Readonly<Record<Lang, ConversationTexts>> = {
  en: {
    which: 'Which tea would you like?',
    green: 'green tea',
    black: 'black tea',
    others: ['breakfast'],
    many: 'How many cups?',
    there: 'Are you still there?',
    help: 'Choose a tea and say how many cups, or say “stop”.',
    cancelled: 'Never mind.',
    ordered: 'On its way: ${name}, cups: ${cups}.',
  },
  zh: {
    which: '想喝什么茶？',
    green: '绿茶',
    black: '红茶',
    others: ['祁红', '滇红'],
    many: '要几杯？',
    there: '您还在吗？',
    help: '先选茶，再说要几杯；不想点了就说“取消”。',
    cancelled: '好的，不点了。',
    ordered: '好的，${cups} 杯${name}，马上就来。',
  },
};

/** `dialogue.ts`: two questions, a reminder, and what users say at any time. */
export function dialogueFile({ name, lang }: NewProject): string {
  const texts = TEXTS[lang];
  const isChinese = lang === 'zh';
  const others = texts.others.map((word) => `'${word}'`).join(', ');
  return `import { commandIntents, integer, setupDialogue } from 'colloquy';

const teas = { green: '${texts.green}', black: '${texts.black}' };

interface Order {
${isChinese ? '  locale: string;\n' : ''}  tea?: keyof typeof teas;
  cups?: number;
}

const words = setupDialogue({
  types: {} as { context: Order },
  intents: commandIntents,
});
const { ask, choose, commands, createDialogue, done } = words;

export default createDialogue({
  id: '${name}',
  version: '1',
${isChinese ? "  // 库自己的提示（“请回复一个整数”）也说中文。\n  context: { locale: 'zh-CN' }" : '  context: {}'},
  initial: 'tea',
  on: {
    ...commands({
      help: { say: '${texts.help}' },
      cancel: '.cancelled',
    }),
    // ${isChinese ? '关注、打开聊天页，或者发 /start：从头问起。' : 'A user who opens the page, follows the account or says /start gets the first question.'}
    'event.follow': '.tea',
    'event.unfollow': {},
  },
  states: {
    tea: choose({
      question: '${texts.which}',
      options: [
        { value: 'green', label: teas.green },
        { value: 'black', label: teas.black, synonyms: [${others}] },
      ],
      assign: 'tea',
      target: { green: 'cups', black: 'cups' },
      otherwise: 'cancelled',
    }),
    cups: ask({
      question: '${texts.many}',
      parse: integer({ min: 1, max: 10 }),
      assign: 'cups',
      target: 'ordered',
      otherwise: 'cancelled',
      timeout: { after: { minutes: 10 }, say: '${texts.there}' },
    }),
    ordered: done(
      ({ context: { tea = 'green', cups } }) => \`${filled(texts, '${teas[tea]}', '${cups}')}\`,
    ),
    cancelled: done('${texts.cancelled}'),
  },
});
`;
}

/** `dialogue.test.ts`: what is easier said in code. Its clock is virtual. */
export function dialogueTests({ lang, template }: NewProject): string {
  const texts = TEXTS[lang];
  const isChinese = lang === 'zh';
  const [takes, reminds, gives] = isChinese
    ? ['点一份茶', '十分钟没回，就问一声', '三次都没说清楚，就不再问了']
    : [
        'takes an order',
        'asks after ten minutes whether anybody is there',
        'gives up a question after three answers that are none',
      ];
  const [hello, three, wrong] = isChinese
    ? ['你好', '三杯', ['好几杯', '很多', '随便']]
    : ['hi', 'three', ['some', 'many', 'a lot']];
  return `import { test } from 'node:test';
import { converse } from 'colloquy/testing';
${template === 'wechat' ? "import { throughWechat } from 'colloquy/testing/wechat';\n" : ''}import dialogue from './dialogue.ts';

test('${takes}', async () => {
  const chat = converse(dialogue);
  await chat.say('${hello}');
  await chat.choose('black');
  await chat.say('${three}');
  chat.expectReply('${filled(texts, texts.black, '3')}').expectContext({ tea: 'black', cups: 3 });
  chat.expectDone();
});

test('${reminds}', async () => {
  const chat = converse(dialogue);
  await chat.say('${hello}');
  await chat.choose('green');
  // ${isChinese ? '时钟由测试来拨，不用真的等。' : 'The test moves the clock: nothing waits.'}
  await chat.advance({ minutes: 10 });
  chat.expectReply('${texts.there}').expectState('cups');
});

test('${gives}', async () => {
  const chat = converse(dialogue);
  await chat.say('${hello}');
  await chat.choose('green');
  for (const said of [${wrong.map((word) => `'${word}'`).join(', ')}]) await chat.say(said);
  chat.expectReply('${texts.cancelled}').expectState('cancelled');
});
${template === 'wechat' ? throughTheChannel(lang, texts) : ''}`;
}

function throughTheChannel(lang: Lang, { many }: ConversationTexts): string {
  const [title, hello, choice] =
    lang === 'zh'
      ? ['公众号里用数字选', '你好', '2']
      : ['offers numbers in an account of WeChat, which has no buttons', 'hi', '2'];
  return `
test('${title}', async () => {
  const chat = converse(dialogue, { channel: throughWechat() });
  await chat.say('${hello}');
  await chat.say('${choice}');
  chat.expectReply('${many}').expectContext({ tea: 'black' });
});
`;
}

/** `order.chat`: a conversation that the dialogue has to have. */
export function orderTranscript({ lang }: NewProject): string {
  const texts = TEXTS[lang];
  const question = `< ${texts.which}\n  1. ${texts.green}\n  2. ${texts.black}`;
  const [comment, hello, help, green] =
    lang === 'zh'
      ? ['> 后面是用户说的，< 后面是机器人必须回的，@ 是过去的时间。', '你好', '帮助', '绿茶']
      : [
          'What is said after > goes in, and what stands after < has to come back.',
          'hi',
          'help',
          'green',
        ];
  return `# ${comment}
> ${hello}
${question}
> ${help}
< ${texts.help}
${question}
> ${green}
< ${texts.many}
@ +10m
< ${texts.there}
> 2
< ${filled(texts, texts.green, '2')}
= ordered
`;
}

/** `stop.chat`: one that its user ends. */
export function stopTranscript({ lang }: NewProject): string {
  const texts = TEXTS[lang];
  const [hello, other, stop] =
    lang === 'zh' ? ['你好', '滇红', '取消'] : ['hi', 'breakfast', 'stop'];
  return `> ${hello}
< ${texts.which}
  1. ${texts.green}
  2. ${texts.black}
> ${other}
< ${texts.many}
> ${stop}
< ${texts.cancelled}
= cancelled
`;
}

function filled({ ordered }: ConversationTexts, name: string, cups: string): string {
  return ordered.replace('${name}', name).replace('${cups}', cups);
}
