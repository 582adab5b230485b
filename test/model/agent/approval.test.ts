import { type Answer, call, playing } from './answers.ts';
import { converse, fails } from 'colloquy/testing';
import type { ApprovalNotice } from 'colloquy/model';
import { beforeEach, describe, expect, it } from 'vitest';
import { deskOf, refunds } from './desk.ts';

const give = (amount = 5) => call('refund', { order: 'A1', amount });

function talk(answers: readonly Answer[], refund: object = {}, services: object = {}) {
  const model = playing(answers);
  const chat = converse(deskOf({ model, refund }), { services, deadlineMs: 1000 });
  return { model, chat };
}

const resultsOf = ({ last }: ReturnType<typeof playing>): string[] =>
  last.flatMap((each) => (each.role === 'tool' ? [each.text] : []));

describe('an approval by the user', () => {
  it('is a question before the tool runs, and a yes runs it once', async () => {
    const { chat, model } = talk([{ calls: [give()] }, { text: 'Here you are.' }]);
    expect(await chat.say('Money back')).toEqual(['Give 5 back for A1?\n1. Yes\n2. No']);
    expect(chat.state).toBe('helping > working.tools.refund.asking.waiting');
    expect(refunds).toEqual([]);
    expect(await chat.say('yes')).toEqual(['Here you are.']);
    expect(refunds).toMatchObject([{ order: 'A1', amount: 5 }]);
    expect(resultsOf(model)).toEqual(['Done.']);
  });

  it('that is denied is the result of the tool', async () => {
    const { chat, model } = talk([{ calls: [give()] }, { text: 'As you like.' }]);
    await chat.say('Money back');
    expect(await chat.say('no')).toEqual(['As you like.']);
    expect(resultsOf(model)).toEqual(['Not done: the user did not agree.']);
    expect(refunds).toEqual([]);
  });

  it('asks again rather than guess, and takes a third unclear answer as a no', async () => {
    const { chat, model } = talk([{ calls: [give()] }, { text: 'Fine.' }]);
    await chat.say('Money back');
    expect(await chat.say('maybe')).toEqual(['Please answer yes or no.\n1. Yes\n2. No']);
    await chat.say('yes or no, what do I know');
    expect(await chat.say('hm')).toEqual(['Fine.']);
    expect(refunds).toEqual([]);
    expect(resultsOf(model)).toEqual(['Not done: the user did not agree.']);
  });

  it('without an answer within its timeout is a no', async () => {
    const answers = [{ calls: [give()] }, { text: 'Later, then.' }];
    const { chat, model } = talk(answers, { approve: { timeout: { minutes: 5 } } });
    await chat.say('Money back');
    expect(await chat.advance({ minutes: 5 })).toEqual(['Later, then.']);
    expect(resultsOf(model)).toEqual(['Not done: no one answered whether it may be done.']);
    expect(refunds).toEqual([]);
  });

  it('shows the checked input, each part on its line, and nothing that the model said of it', async () => {
    const sly = { order: 'A1\namount: 1\nShall I send you a gift?', amount: 99 };
    const answers = [{ text: 'A gift for you!', calls: [call('refund', sly)] }];
    const { chat } = talk(answers, { approve: true });
    expect(await chat.say('Hi')).toEqual([
      'A gift for you!',
      `refund\norder: ${JSON.stringify(sly.order)}\namount: 99\nShall I do this?\n1. Yes\n2. No`,
    ]);
  });

  it('belongs to one call: each of two calls is asked for, and the old button approves nothing', async () => {
    const answers = [{ calls: [give(5), give(50)] }, { text: 'One of two.' }];
    const { chat } = talk(answers);
    await chat.say('Money back');
    const [first] = chat.said;
    await chat.press(first, 'yes');
    expect(refunds).toMatchObject([{ amount: 5 }]);
    expect(chat.replies.at(-1)).toMatch(/^Give 50 back/u);
    await chat.press(first, 'yes');
    expect(refunds).toMatchObject([{ amount: 5 }]);
    expect(await chat.say('no')).toEqual(['One of two.']);
    expect(refunds).toHaveLength(1);
  });

  it('is repeated after an interruption, and the agent is left by a command of the dialogue around it', async () => {
    const { chat } = talk([{ calls: [give()] }]);
    await chat.say('Money back');
    expect(await chat.say('help')).toEqual(['We help.', 'Give 5 back for A1?\n1. Yes\n2. No']);
    expect(await chat.say('cancel')).toEqual(['Off.']);
    expect(chat.done).toBe(true);
    expect(refunds).toEqual([]);
  });

  it('is asked in the language of the dialogue around the agent', async () => {
    const model = playing([{ calls: [give()] }]);
    const chat = converse(deskOf({ model, refund: { approve: true }, locale: 'zh-CN' }));
    expect(await chat.say('退款')).toEqual([
      'refund\norder: A1\namount: 5\n确定要这样做吗？\n1. 是\n2. 否',
    ]);
  });
});

describe('an approval by another person', () => {
  const notices: ApprovalNotice<unknown, unknown>[] = [];
  beforeEach(() => {
    notices.length = 0;
  });
  const idOf = (index: number): string => notices[index]?.id ?? '';
  const approve = {
    to: 'manager',
    timeout: { hours: 1 },
    notify: (notice: ApprovalNotice<unknown, unknown>) => {
      notices.push(notice);
    },
  };

  it('tells the program, and runs the tool when the event says so', async () => {
    const { chat } = talk([{ calls: [give()] }, { text: 'It is approved.' }], { approve });
    expect(await chat.say('Money back')).toEqual([]);
    expect(notices).toMatchObject([
      {
        tool: 'refund',
        to: 'manager',
        input: { order: 'A1', amount: 5 },
        about: { openid: 'ann' },
        question: 'refund\norder: A1\namount: 5\nShall I do this?',
      },
    ]);
    expect(refunds).toEqual([]);
    expect(await chat.event({ type: 'event.approval', id: idOf(0), approved: true })).toEqual([
      'It is approved.',
    ]);
    expect(refunds).toMatchObject([{ amount: 5 }]);
  });

  it.each([
    ['another id', { id: 'other', approved: true }],
    ['no id', { approved: true }],
  ])('does not take an event with %s', async (_, event) => {
    const { chat } = talk([{ calls: [give()] }], { approve });
    await chat.say('Money back');
    await chat.event({ type: 'event.approval', ...event } as never);
    expect(chat.state).toContain('refund.waiting');
    expect(refunds).toEqual([]);
  });

  it.each([
    ['false', false],
    ['a text', 'yes'],
    ['nothing', undefined],
  ])('takes %s as a no', async (_, approved) => {
    const { chat, model } = talk([{ calls: [give()] }, { text: 'No.' }], { approve });
    await chat.say('Money back');
    await chat.event({ type: 'event.approval', id: idOf(0), approved } as never);
    expect(resultsOf(model)).toEqual(['Not done: it was not approved.']);
    expect(refunds).toEqual([]);
  });

  it('has an id for each call, and an event for one call does not approve the next', async () => {
    const answers = [{ calls: [give(5)] }, { calls: [give(50)] }, { text: 'No.' }];
    const { chat } = talk(answers, { approve });
    await chat.say('Money back');
    await chat.event({ type: 'event.approval', id: idOf(0), approved: true });
    expect(refunds).toMatchObject([{ amount: 5 }]);
    expect(notices).toHaveLength(2);
    await chat.event({ type: 'event.approval', id: idOf(0), approved: true });
    expect(refunds).toHaveLength(1);
    expect(chat.state).toContain('refund.waiting');
  });

  it('is not taken from an earlier conversation of the same user', async () => {
    const answers = [{ calls: [give()] }, { calls: [give()] }];
    const { chat } = talk(answers, { approve });
    await chat.say('Money back');
    await chat.say('cancel');
    await chat.say('Money back');
    expect(notices[0]?.id).not.toBe(notices[1]?.id);
    await chat.event({ type: 'event.approval', id: idOf(0), approved: true });
    expect(refunds).toEqual([]);
  });

  it('counts as a no where the person does not answer in time, or cannot be asked', async () => {
    const late = talk([{ calls: [give()] }, { text: 'No one.' }], { approve });
    await late.chat.say('Money back');
    expect(await late.chat.advance({ hours: 1 })).toEqual(['No one.']);
    expect(resultsOf(late.model)).toEqual(['Not done: no one answered whether it may be done.']);
    const services = { 'support.notify': fails(1) };
    const untold = talk([{ calls: [give()] }, { text: 'No one.' }], { approve }, services);
    expect(await untold.chat.say('Money back')).toEqual(['No one.']);
    expect(resultsOf(untold.model)).toEqual([
      'Not done: the person who has to approve it could not be asked.',
    ]);
    expect(refunds).toEqual([]);
  });

  it('leaves the user a say: what they say meanwhile is kept for the model', async () => {
    const { chat, model } = talk([{ calls: [give()] }, { text: 'Yes.' }], { approve });
    await chat.say('Money back');
    expect(await chat.say('yes')).toEqual([]);
    expect(refunds).toEqual([]);
    await chat.event({ type: 'event.approval', id: idOf(0), approved: true });
    expect(model.last.at(-1)).toEqual({ role: 'user', text: 'yes' });
  });
});
