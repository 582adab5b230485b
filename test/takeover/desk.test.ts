import { createRunner, formatReply } from 'colloquy';
import { type TakeoverNote, createDesk } from 'colloquy/takeover';
import { describe, expect, it } from 'vitest';
import { Office } from './office.ts';

const LIST = 'Who do you take?\n1. ann';
const BEGUN =
  '“/back” gives the conversation back to the bot, “/leave” leaves it to another operator.';

describe('a desk', () => {
  it('tells operators who waits, and has them choose', async () => {
    const office = new Office();
    expect(await office.say('bob', 'hi')).toEqual(['bob< No customer is waiting.']);
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    expect(office.read('bob').at(-1)).toBe(LIST);
    // An operator who has said nothing yet is told as well.
    expect(office.read('eve')).toEqual([LIST]);
    await office.say('carl', 'hi');
    await office.say('carl', 'human');
    expect(office.read('eve').at(-1)).toBe(`${LIST}\n2. carl`);
    await office.say('ann', 'My order is late.');
    expect(await office.say('bob', 'ann')).toEqual([
      `bob< You are talking with ann. ${BEGUN}\nBot: order 7\nann: My order is late.`,
    ]);
    expect(await office.say('eve', 'ann')).toEqual([
      'eve< Please choose one of these: carl.\n1. carl',
    ]);
  });

  it('passes on what both say, and takes the words by which the operator gives the conversation back', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1');
    expect(await office.say('ann', 'Hello?')).toEqual(['bob< ann: Hello?']);
    expect(await office.say('bob', 'I look.')).toEqual(['ann< I look.']);
    expect(await office.say('bob', '/back')).toEqual([
      'bob< Please choose one of these: solved or refund. Please write “/back” and then the result.',
    ]);
    expect(await office.say('bob', '/BACK  refund')).toEqual([
      'ann< The bot is back: returned.',
      'bob< The bot has ann again.',
    ]);
    expect(await office.say('ann', 'Thanks')).toEqual(['ann< bot: Thanks']);
    expect(await office.say('bob', 'hi')).toEqual(['bob< No customer is waiting.']);
  });

  it('passes on no message without words, and stays with the conversation', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1');
    for (const blank of [' ', '', '\n']) {
      expect(await office.say('bob', blank)).toEqual(['bob< Only text is passed on.']);
    }
    expect(await office.say('bob', 'I look.')).toEqual(['ann< I look.']);
    expect(await office.say('ann', 'Hello?')).toEqual(['bob< ann: Hello?']);
  });

  it('gives a conversation to the first of two operators who ask at the same time', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await Promise.all([office.say('bob', '1'), office.say('eve', '1')]);
    const begun = ['bob', 'eve'].filter((each) => office.read(each).at(-1)?.includes(BEGUN));
    expect(begun).toHaveLength(1);
    const other = begun[0] === 'bob' ? 'eve' : 'bob';
    expect(office.read(other).at(-1)).toBe(`${begun[0]} has ann already.`);
    await office.say(begun[0] ?? '', 'Hello');
    expect(office.read('ann').at(-1)).toBe('Hello');
  });

  it('gives the conversation of an operator who leaves to another', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1');
    await office.say('bob', 'Hello');
    await office.say('ann', 'Well?');
    expect(await office.say('bob', '/leave')).toContain('bob< Another operator may take ann now.');
    expect(await office.say('eve', '1')).toEqual([
      `eve< You are talking with ann. ${BEGUN}\nBot: order 7\nbob: Hello\nann: Well?`,
    ]);
    expect(await office.say('bob', 'hi')).toEqual(['bob< No customer is waiting.']);
  });

  it('tells an operator who is busy that somebody else waits', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1');
    await office.say('carl', 'hi');
    await office.say('carl', 'human');
    expect(office.read('bob').at(-1)).toBe('carl is waiting, too.');
    await office.say('bob', '/back solved');
    expect(office.read('bob').at(-1)).toBe('Who do you take?\n1. carl');
  });

  it('tells the operator that the customer has left, that time is over, and that nobody is there any more', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1');
    const left = await office.say('ann', 'bot');
    expect(left.toSorted()).toEqual(['ann< The bot is back: left.', 'bob< The bot has ann again.']);
    await office.say('ann', 'human');
    await office.say('bob', '1');
    await office.clock.advance({ minutes: 10 });
    await office.settle();
    expect(office.read('bob').at(-1)).toBe('The bot has ann again.');
    await office.say('ann', 'human');
    await office.bot.say('ann', 'x');
    await office.clock.advance({ minutes: 1 });
    await office.say('bob', '1');
    await office.bot.move('ann', 'ann-2');
    await office.say('bob', 'Hello?');
    expect(office.read('bob').at(-1)).toBe('ann is not waiting for you any more.');
  });

  it('tells the operator that the bot had the customer in between, who waits again', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1');
    await office.bot.send('ann', { type: 'event.closed' });
    await office.say('ann', 'human');
    expect(office.read('bob').slice(-2)).toEqual(['The bot has ann again.', LIST]);
    expect(await office.say('bob', '1')).toEqual([expect.stringContaining(BEGUN)]);
  });

  it('turns away whoever is no operator', async () => {
    const office = new Office();
    expect(await office.say('mallory', 'hi')).toEqual(['mallory< This is for operators only.']);
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    expect(office.read('mallory')).toHaveLength(1);
  });

  it('lets in who becomes an operator, and tells them who waits from then on', async () => {
    const operators = ['bob'];
    const office = new Office({ operators: () => operators });
    await office.say('mallory', 'hi');
    operators.push('mallory');
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    expect(office.read('mallory').at(-1)).toBe(LIST);
  });

  it('speaks Chinese, and in words of yours', async () => {
    const office = new Office({ locale: 'zh-CN', words: { none: '没有人。' } });
    expect(await office.say('bob', '你好')).toEqual(['bob< 没有人。']);
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    expect(office.read('bob').at(-1)).toBe('您要接待哪一位？\n1. ann');
    expect(await office.say('bob', '1')).toEqual([
      'bob< 您正在和 ann 对话。发送“/结束”把会话交还给机器人，发送“/转出”留给其他客服。\n机器人：order 7',
    ]);
    expect(await office.say('ann', '我的订单呢？')).toEqual(['bob< ann：我的订单呢？']);
    await office.say('bob', '/结束 solved');
    expect(office.read('ann').at(-1)).toBe('The bot is back: returned.');
  });

  it('passes on text alone', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1');
    const { replies } = await office.desk.handle('bob', { type: 'message.image', mediaId: '7' });
    expect(replies).toMatchObject([{ text: 'Only text is passed on.' }]);
  });

  it('counts what an operator said once, however often the platform delivers it', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', '1', 'b-1');
    for (let times = 0; times < 3; times += 1) await office.say('bob', 'Hello', 'b-2');
    for (let times = 0; times < 3; times += 1) await office.say('ann', 'Well?', 'a-1');
    expect(office.read('ann').filter((text) => text === 'Hello')).toHaveLength(1);
    expect(office.read('bob').filter((text) => text === 'ann: Well?')).toHaveLength(1);
  });

  it('goes on over a crash on both sides', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.crash();
    await office.say('bob', '1');
    await office.crash();
    expect(await office.say('ann', 'Well?')).toEqual(['bob< ann: Well?']);
    await office.crash();
    expect(await office.say('bob', 'Yes?')).toEqual(['ann< Yes?']);
    expect(office.errors).toEqual([]);
  });
});

describe('what customers can make operators read', () => {
  const waiting = (customer: string, name?: string): TakeoverNote => ({
    kind: 'waiting',
    customer,
    lines: [],
    ...(name !== undefined && { name }),
  });

  it.each<[of: string, waits: readonly TakeoverNote[], list: string, said: string, taken: string]>([
    [
      'two of one name',
      [waiting('a1', 'Ann'), waiting('b2', 'ANN'), waiting('c3', 'Carl')],
      '1. Ann (a1)\n2. ANN (b2)\n3. Carl',
      'Ann (a1)',
      'a1',
    ],
    [
      'one whose name is the openid of another',
      [waiting('ann', 'Ann Lee'), waiting('b2', 'ann')],
      '1. Ann Lee\n2. ann (b2)',
      '2',
      'b2',
    ],
    [
      'one whose name is a number',
      [waiting('a1', '二'), waiting('b2', 'Bea')],
      '1. 二 (a1)\n2. Bea',
      '2',
      'b2',
    ],
    ['numbers as openids', [waiting('2'), waiting('1001')], '1. #2\n2. #1001', '2', '1001'],
    ['numbers as openids, written out', [waiting('2'), waiting('1001')], '', '1001', '1001'],
  ])('is a list that tells them apart: %s', async (_of, waits, list, said, taken) => {
    const acts: string[] = [];
    const desk = createDesk({ operators: ['bob'] });
    const office = createRunner(desk.dialogue);
    const send = async (openid: string): Promise<{ outcome: string }> => {
      acts.push(openid);
      return { outcome: 'silent' };
    };
    desk.connect({ send, on: () => {} }, office);
    await office.handle('bob', 'hi');
    for (const note of waits) await office.send('bob', { type: 'event.customer', note });
    const { replies } = await office.handle('bob', '?');
    expect(replies.map(formatReply).join()).toContain(list);
    await office.handle('bob', said);
    await office.idle('bob');
    expect(acts).toEqual([taken]);
    await office.stop();
  });

  it.each([
    ['no sign that is seen', ' \u200b\n', '1. ann'],
    ['several lines', 'Ann\n2. Carl\u202e', '1. Ann 2. Carl'],
    ['a thousand letters', 'x'.repeat(1000), `1. ${'x'.repeat(249)}…`],
  ])('is a name in one line, and no other: %s', async (_what, name, line) => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.hear('ann', { type: 'message.text', text: 'human', from: { id: '7', name } });
    expect(office.read('bob').at(-1)).toBe(`Who do you take?\n${line}`);
    expect(await office.say('bob', '1')).toEqual([expect.stringContaining('You are talking with')]);
    expect(office.errors).toEqual([]);
  });

  it('is the address of a picture that was sent before, and no line of somebody else', async () => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.hear('ann', { type: 'message.image', url: 'https://example.com/a.png' });
    await office.say('ann', 'Look!\nbob: You get your money back.');
    expect(await office.say('bob', 'ann')).toEqual([
      `bob< You are talking with ann. ${BEGUN}\nBot: order 7\nann: (image) https://example.com/a.png\nann: Look!\n  bob: You get your money back.`,
    ]);
  });

  it.each([
    ['no address', ''],
    ['another one than of the web', 'javascript:alert(1)'],
    ['one that is too long', `https://example.com/${'x'.repeat(3000)}`],
  ])('is no picture with %s, and what follows arrives', async (_what, url) => {
    const office = new Office();
    await office.say('ann', 'hi');
    await office.say('ann', 'human');
    await office.say('bob', 'ann');
    await office.hear('ann', { type: 'message.image', url });
    expect(office.read('bob').at(-1)).toBe('ann: (image)');
    expect(await office.say('ann', 'And?')).toEqual(['bob< ann: And?']);
    expect(office.errors).toEqual([]);
  });
});

describe('createDesk()', () => {
  it.each([
    ['no operators', {}, '`operators`'],
    ['operators that are no openids', { operators: [7] }, '`operators`'],
    ['a bad id', { operators: [], id: 'a b' }, '`id`'],
    ['an unknown option', { operators: [], operator: 'bob' }, "did you mean 'operators'"],
    ['an unknown phrase', { operators: [], words: { non: '' } }, "did you mean 'words.none'"],
    ['a phrase that is no text', { operators: [], words: { none: 1 } }, 'words.none'],
  ])('refuses %s', (_what, options, problem) => {
    expect(() => createDesk(options as never)).toThrow(problem);
  });

  it('refuses to tell before it is connected, and to connect what is no runner', async () => {
    const desk = createDesk({ operators: ['bob'] });
    const told = {
      note: { kind: 'waiting', customer: 'ann', lines: [] },
      id: '1',
      signal: new AbortController().signal,
    } as const;
    await expect(desk.tell(told)).rejects.toMatchObject({ code: 'desk_not_connected' });
    expect(() => desk.connect(createRunner(desk.dialogue), undefined as never)).toThrow(
      'two runners',
    );
  });
});
