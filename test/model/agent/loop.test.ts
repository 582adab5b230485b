import { type Stub, converse, fails, hangs, takes } from 'colloquy/testing';
import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { createAgent } from 'colloquy/model';
import { type Answer, call, playing, whole } from './answers.ts';
import { agentOf, deskOf, refunds } from './desk.ts';

function talk(answers: readonly Answer[], more: object = {}, services: object = {}) {
  const model = playing(answers);
  const chat = converse(deskOf({ model, more }), { services, deadlineMs: 1000 });
  return { model, chat };
}

describe('an agent', () => {
  it('says the first answer without calls, and ends with it', async () => {
    const { chat, model } = talk([
      { text: ' Hello. ', usage: { inputTokens: 3, outputTokens: 2 } },
    ]);
    expect(await chat.say('Hi, agent')).toEqual(['Hello.']);
    expect(chat.context.end).toEqual({
      reason: 'answered',
      text: 'Hello.',
      usage: { steps: 1, inputTokens: 3, outputTokens: 2, cost: 0 },
    });
    expect(model.last).toEqual([
      { role: 'system', text: 'Help ann.' },
      { role: 'user', text: 'Hi, agent' },
    ]);
    expect(model.requests[0]?.tools?.map(({ name }) => name)).toEqual(['find', 'refund', 'ping']);
  });

  it('that runs alone begins with its text, and then reads the message that started it', async () => {
    const model = playing([{ text: 'One.' }, { text: 'Two.' }]);
    const input = () => ({ text: 'Hi', about: { openid: 'ann' } });
    const chat = converse(agentOf({ model }), { input, deadlineMs: 1000 });
    expect(await chat.say('hello?')).toEqual(['One.', 'Two.']);
    expect(model.requests[0]?.messages.at(-1)).toEqual({ role: 'user', text: 'Hi' });
    expect(model.last.at(-1)).toEqual({ role: 'user', text: 'hello?' });
  });

  it('runs the calls of an answer one after the other, and gives the model their results', async () => {
    const { chat, model } = talk([
      { text: 'A moment.', calls: [call('find', { order: 'A1' }), call('ping')] },
      { text: 'It is there.' },
    ]);
    expect(await chat.say('Where is A1?')).toEqual(['A moment.', 'It is there.']);
    expect(model.last.slice(2)).toEqual([
      { role: 'assistant', text: 'A moment.', calls: [expect.anything(), expect.anything()] },
      expect.objectContaining({
        role: 'tool',
        name: 'find',
        text: '{"order":"A1","amount":5,"of":"ann"}',
      }),
      expect.objectContaining({ role: 'tool', name: 'ping', text: 'open' }),
    ]);
  });

  it('gives each call of the model and of a tool its own key, which stays the same in a retry of the tool', async () => {
    const keys: string[] = [];
    let runs = 0;
    const once = {
      description: 'Fails once.',
      retries: 1,
      run: ({ key }: { key: string }) => {
        keys.push(key);
        runs += 1;
        if (runs === 1) throw new Error('secret');
        return runs;
      },
    };
    const agent = createAgent({
      id: 'keyed',
      model: playing([{ calls: [call('once')] }, { text: 'Yes.' }]),
      instructions: '',
      tools: { once },
    });
    const chat = converse(agent, { input: () => ({ text: 'Go' }) });
    await chat.say('Go');
    await chat.advance({ seconds: 1 });
    expect(chat.lastReply).toBe('Yes.');
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it.each([
    [
      'a tool that does not exist',
      call('delete_all', { order: 'A1' }),
      'Not done: there is no such tool.',
    ],
    ['an inherited name', call('toString'), 'Not done: there is no such tool.'],
    ['an input of another type', call('find', 7), /^Not done\. The input is not valid: /u],
    [
      'an input that is no JSON',
      call('find', '{"order":'),
      /^Not done\. The input is not valid: /u,
    ],
    ['an input without a part', call('find', {}), /order: /u],
    [
      'an input for a tool that takes none',
      call('ping', { force: true }),
      'Not done. This tool takes no input.',
    ],
    [
      'a key that reaches a prototype',
      call('find', JSON.parse('{"__proto__":{}}')),
      'Not done: the input is too large, or no JSON.',
    ],
    [
      'an input that is too large',
      call('find', { order: 'A'.repeat(9000) }),
      'Not done: the input is too large, or no JSON.',
    ],
    [
      'an input over the bounds of its schema',
      call('refund', { order: 'A1', amount: 1e9 }),
      /amount: /u,
    ],
  ])('answers %s with the reason, and goes on', async (_, wrong, why) => {
    const { chat, model } = talk([{ calls: [wrong] }, { text: 'I see.' }]);
    expect(await chat.say('Do it')).toEqual(['I see.']);
    const result = model.last.at(-1) as { role: string; text: string };
    expect(result.role).toBe('tool');
    expect(result.text).toMatch(why);
    expect(refunds).toEqual([]);
  });

  it('makes eight calls of an answer at most', async () => {
    const calls = Array.from({ length: 1000 }, () => call('ping'));
    const { chat, model } = talk([{ calls }, { text: 'Open.' }]);
    expect(await chat.say('Open?')).toEqual(['Open.']);
    const results = model.last.flatMap((each) => (each.role === 'tool' ? [each.text] : []));
    expect(results).toHaveLength(9);
    expect(results.filter((text) => text === 'open')).toHaveLength(8);
    expect(results).toContainEqual(expect.stringMatching(/^Not done: .* maximum of 8/u));
  });

  it.each([
    ['throws', fails(9), 0, 'The tool failed.'],
    ['is too slow', hangs(), 30, 'The tool took too long; it may have been done.'],
  ])(
    'tells the model of a tool that %s, without what was thrown',
    async (_, stub, seconds, text) => {
      const answers = [{ calls: [call('ping')] }, { text: 'Later.' }];
      const { chat, model } = talk(answers, {}, { ping: stub });
      const texts = [...(await chat.say('Open?')), ...(await chat.advance({ seconds }))];
      expect(texts).toEqual(['Later.']);
      expect(model.last.at(-1)).toMatchObject({ role: 'tool', text });
    },
  );

  it('cuts a result that is too long, and says so', async () => {
    const answers = [{ calls: [call('ping')] }, { text: 'Long.' }];
    const { chat, model } = talk(answers, {}, { ping: () => '长'.repeat(10_000) });
    await chat.say('Open?');
    const { text } = model.last.at(-1) as { text: string };
    expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(4096);
    expect(text).toMatch(/^长+… \(cut: a result has a maximum of 4096 bytes\)$/u);
  });

  it.each([
    [
      'refuses',
      { finish: 'refusal', text: 'I must not.' },
      ['I must not.'],
      { reason: 'refused', text: 'I must not.' },
    ],
    [
      'is cut off',
      { finish: 'length', text: 'I would s', calls: [call('refund', { order: 'A1', amount: 1 })] },
      [],
      { reason: 'failed', problem: 'cut' },
    ],
    ['says nothing', {}, [], { reason: 'failed', problem: 'empty' }],
    ['gives nonsense', () => 7, [], { reason: 'failed', problem: 'empty' }],
  ] as const)('ends with the reason where the model %s', async (_, answer, texts, end) => {
    const { chat } = talk([answer as never]);
    const heard = await chat.say('Money!');
    expect(heard.filter((text) => text !== 'I could not help.')).toEqual(texts);
    expect(chat.context.end).toMatchObject(end);
    expect(refunds).toEqual([]);
  });

  it('calls a model that fails again, and ends when it fails each time', async () => {
    const { chat, model } = talk([new Error('no'), new Error('no'), new Error('no')]);
    await chat.say('Hi');
    await chat.advance({ seconds: 1 });
    await chat.advance({ seconds: 2 });
    expect(model.requests).toHaveLength(3);
    expect(chat.context.end).toMatchObject({
      reason: 'failed',
      problem: 'model',
      usage: { steps: 1 },
    });
    expect(chat.lastReply).toBe('I could not help.');
  });

  it('calls a model that is too slow again', async () => {
    const { chat } = talk([() => new Promise(() => {}), { text: 'Here.' }]);
    await chat.say('Hi');
    await chat.advance({ seconds: 60 });
    expect(await chat.advance({ seconds: 1 })).toEqual(['Here.']);
  });

  it('gives the model what was said before', async () => {
    const model = playing([{ text: 'Yes.' }]);
    const agent = createAgent({ id: 'a', model, instructions: 'Help.' });
    const history = [
      { role: 'user', text: 'Is it red?' },
      { role: 'assistant', text: 'It is.' },
    ] as const;
    const chat = converse(agent, { input: () => ({ text: 'Sure?', history }) });
    await chat.say('hi');
    expect(model.requests[0]?.messages).toEqual([
      { role: 'system', text: 'Help.' },
      ...history,
      { role: 'user', text: 'Sure?' },
    ]);
    expect(model.requests[0]).not.toHaveProperty('tools');
  });
});

describe('an agent with an output', () => {
  const output = {
    description: 'The user has chosen.',
    schema: z.object({ colour: z.enum(['red', 'blue']) }),
  };

  it('listens after each text, and ends when the model finishes with a value that the schema takes', async () => {
    const { chat, model } = talk(
      [
        { text: 'Red or blue?' },
        { calls: [call('finish', { colour: 'green' })] },
        { text: 'There is no green.' },
        { text: 'Blue it is.', calls: [call('finish', { colour: 'blue' })] },
      ],
      { output },
    );
    expect(await chat.say('A colour')).toEqual(['Red or blue?']);
    expect(await chat.say('green')).toEqual(['There is no green.']);
    expect(model.last.at(-1)).toMatchObject({
      role: 'tool',
      name: 'finish',
      text: expect.stringMatching(/^Not done\. /u),
    });
    expect(await chat.say('blue then')).toEqual(['Blue it is.']);
    expect(chat.context.end).toMatchObject({
      reason: 'answered',
      value: { colour: 'blue' },
      text: 'Blue it is.',
    });
    const roles = model.last.map(({ role }) => role);
    expect(roles).toEqual([
      'system',
      'user',
      'assistant',
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
    ]);
  });

  it('runs the calls before a finish, and none after it', async () => {
    const finish = call('finish', { colour: 'red' });
    const ran: string[] = [];
    const answers = [{ calls: [call('find', { order: 'A1' }), finish, call('ping')] }];
    const services = { find: () => ran.push('find'), ping: () => ran.push('ping') };
    const { chat } = talk(answers, { output }, services);
    await chat.say('Red');
    expect(ran).toEqual(['find']);
    expect(chat.context.end).toMatchObject({ value: { colour: 'red' } });
  });

  it('reads a message of another kind as what it is', async () => {
    const { chat, model } = talk([{ text: 'A photo?' }, { text: 'Thank you.' }], { output });
    await chat.say('It is broken');
    await chat.say({ type: 'message.image', url: 'https://example.com/secret' });
    expect(model.last.at(-1)).toEqual({ role: 'user', text: '(image)' });
    await chat.say({ type: 'message.location', latitude: 1, longitude: 2, label: 'Home' });
  });
});

describe('what is said while an agent is at work', () => {
  const slow = { ping: takes({ seconds: 20 }, () => 'open') };

  it('is kept in order, and the model reads it with the next call', async () => {
    const answers = [{ calls: [call('ping')] }, { text: 'Open.' }];
    const { chat, model } = talk(answers, { busy: 'One moment.' }, slow);
    await chat.say('Open?');
    await chat.advance({ seconds: 1 });
    expect(await chat.say('And on Sunday?')).toEqual(['One moment.']);
    expect(await chat.say('I mean the shop')).toEqual(['One moment.']);
    expect(await chat.advance({ seconds: 20 })).toEqual(['Open.']);
    expect(model.last.slice(-3)).toEqual([
      expect.objectContaining({ role: 'tool' }),
      { role: 'user', text: 'And on Sunday?' },
      { role: 'user', text: 'I mean the shop' },
    ]);
  });

  it('has the agent go on where the model would have ended', async () => {
    const asked: unknown[][] = [];
    const first = takes({ seconds: 9 }, () => whole({ text: 'Yes.' }));
    const model: Stub<{ messages: unknown[] }> = (input, about) => {
      asked.push(input.messages);
      return asked.length === 1 ? first(input, about) : whole({ text: 'Both, then.' });
    };
    const { chat } = talk([], {}, { 'support.model': model });
    await chat.say('Open?');
    await chat.advance({ seconds: 1 });
    await chat.say('And on Sunday?');
    expect(await chat.advance({ seconds: 9 })).toEqual(['Yes.', 'Both, then.']);
    expect(asked[1]?.slice(-2)).toEqual([
      { role: 'assistant', text: 'Yes.' },
      { role: 'user', text: 'And on Sunday?' },
    ]);
  });

  it('is not kept over ten messages, and the user reads so', async () => {
    const { chat, model } = talk([{ calls: [call('ping')] }, { text: 'Open.' }], {}, slow);
    await chat.say('Open?');
    await chat.advance({ seconds: 1 });
    for (let n = 1; n <= 10; n += 1) expect(await chat.say(`more ${n}`)).toEqual([]);
    expect(await chat.say('more 11')).toEqual([
      'One thing after the other, please. I will read more when I have answered.',
    ]);
    await chat.advance({ seconds: 20 });
    expect(model.last.at(-1)).toEqual({ role: 'user', text: 'more 10' });
  });
});
