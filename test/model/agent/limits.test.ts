import { converse } from 'colloquy/testing';
import { type AgentContext, type ModelMessage, createAgent } from 'colloquy/model';
import { z } from 'zod';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, call, playing, whole } from './answers.ts';
import { deskOf, refunds } from './desk.ts';

function talk(answers: readonly Answer[], more: object) {
  const model = playing(answers);
  return { model, chat: converse(deskOf({ model, more })) };
}

const ping = (): Answer => ({
  calls: [call('ping')],
  usage: { inputTokens: 60, outputTokens: 40 },
});
const refund = (): Answer => ({
  calls: [call('refund', { order: 'A1', amount: 1 })],
  usage: { inputTokens: 60, outputTokens: 40 },
});
const price = ({ inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }) =>
  inputTokens * 0.01 + outputTokens * 0.1;

describe('an agent ends with the limit that it reaches', () => {
  it.each([
    ['steps', { limits: { steps: 3 } }, { steps: 3 }],
    ['tokens', { limits: { tokens: 250 } }, { steps: 3, inputTokens: 180, outputTokens: 120 }],
    ['cost', { limits: { cost: 9 }, price }, { steps: 2, cost: 9.2 }],
  ])('%s', async (limit, more, usage) => {
    const { chat } = talk([ping(), ping(), ping(), ping(), ping()], more);
    expect(await chat.say('Open?')).toEqual(['I could not help.']);
    expect(chat.context.end).toMatchObject({ reason: 'limit', limit, usage });
  });

  it('time, with the time that it waits for an answer', async () => {
    const { chat } = talk([refund()], { limits: { time: { minutes: 2 } } });
    await chat.say('Money back');
    expect(await chat.advance({ minutes: 2 })).toEqual(['I could not help.']);
    expect(chat.context.end).toMatchObject({ reason: 'limit', limit: 'time' });
    expect(chat.services).toEqual([]);
    expect(chat.timers).toEqual([]);
  });

  it('and the calls of the answer that reached it are not made', async () => {
    const { chat } = talk([refund()], { limits: { tokens: 100 } });
    expect(await chat.say('Money back')).toEqual(['I could not help.']);
    expect(refunds).toEqual([]);
  });

  it('but not where the answer is the last one anyway', async () => {
    const { chat } = talk([{ text: 'Yes.', usage: { inputTokens: 900, outputTokens: 900 } }], {
      limits: { tokens: 100, steps: 1 },
    });
    expect(await chat.say('Open?')).toEqual(['Yes.']);
    expect(chat.context.end).toMatchObject({ reason: 'answered' });
  });

  it.each([
    ['no usage', undefined],
    ['nonsense', { inputTokens: Number.NaN, outputTokens: -5 }],
    ['texts', { inputTokens: '900', outputTokens: null }],
  ])('counts %s as nothing', async (_, usage) => {
    const answer = () => ({ ...whole({ calls: [call('ping')] }), usage });
    const { chat } = talk([answer, { text: 'Open.' }], { limits: { tokens: 1, cost: 1 }, price });
    expect(await chat.say('Open?')).toEqual(['Open.']);
    expect(chat.context.end).toMatchObject({ usage: { inputTokens: 0, outputTokens: 0, cost: 0 } });
  });
});

describe('what an agent keeps', () => {
  const limits = { steps: 10_000, messages: 24, bytes: 8192, resultBytes: 1024 };
  const output = { description: 'Over.', schema: z.object({}) };

  /** What the model would read next, and what is stored. */
  async function kept(answers: readonly Answer[], said: readonly string[]) {
    const model = playing(answers);
    const agent = createAgent({
      id: 'keeper',
      model,
      instructions: 'Keep.',
      tools: { echo: { description: '', input: z.string(), run: ({ input }) => input.repeat(9) } },
      output,
      limits,
    });
    const chat = converse(agent, { input: () => ({ text: 'FIRST' }) });
    for (const text of said) await chat.say(text);
    return { model, context: chat.context as unknown as AgentContext };
  }

  it('is the system text, the first words, and as much of the newest as the limits allow', async () => {
    const answers = Array.from({ length: 60 }, (_, n) => ({ text: `answer ${n}` }));
    const said = Array.from({ length: 50 }, (_, n) => `question ${n}`);
    const { model } = await kept(answers, said);
    expect(model.last.slice(0, 2)).toEqual([
      { role: 'system', text: 'Keep.' },
      { role: 'user', text: 'FIRST' },
    ]);
    expect(model.last).toHaveLength(25);
    expect(model.last.at(-1)).toEqual({ role: 'user', text: 'question 49' });
  });

  it('stays within its messages and bytes, and a result is never without its call', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '长', '"', '\n', '\u{1F600}'),
      maxLength: 3000,
    });
    const answer = fc.record({
      text,
      calls: fc.array(
        fc.record({
          id: fc.constantFrom('x', 'y', '', 'ü'),
          name: fc.constantFrom('echo', 'nothing', '日本'),
          input: fc.oneof(text, fc.integer()),
        }),
        { maxLength: 11 },
      ),
      finish: fc.constantFrom('stop', 'calls'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 5, maxLength: 25 }),
        fc.array(text, { minLength: 3, maxLength: 8 }),
        async (answers, said) => {
          const { model, context } = await kept(answers as never, ['go', ...said]);
          for (const { messages } of model.requests) {
            expectPaired(messages);
            expect(messages.length).toBeLessThanOrEqual(25);
            expect(Buffer.byteLength(JSON.stringify(messages))).toBeLessThan(8192 * 1.05);
          }
          expect(Buffer.byteLength(JSON.stringify(context))).toBeLessThan(8192 * 1.4);
        },
      ),
      { numRuns: 15 },
    );
  });

  function expectPaired(messages: readonly ModelMessage[]): void {
    let open: string[] = [];
    for (const message of messages) {
      if (message.role === 'tool') {
        expect(open).toContain(message.call);
        open = open.filter((id) => id !== message.call);
      } else {
        expect(open).toEqual([]);
        if (message.role === 'assistant') open = (message.calls ?? []).map(({ id }) => id);
      }
    }
    expect(open).toEqual([]);
  }
});

describe('createAgent()', () => {
  const model = playing([]);
  const run = () => 'x';
  const base = { id: 'a', model, instructions: '' };
  it.each([
    ['an id with a dot', { id: 'a.b' }, /`id`/],
    ['no model', { model: undefined }, /takes a model/],
    ['no instructions', { instructions: undefined }, /`instructions`/],
    ['an unknown option', { tool: {} }, /did you mean 'tools'/],
    [
      'an unknown key of a tool',
      { tools: { t: { description: '', run, aprove: true } } },
      /did you mean 'tools\.t\.approve'/,
    ],
    ['a tool without a run', { tools: { t: { description: '' } } }, /a `run` in tool 't'/],
    [
      'a tool with a name that no provider takes',
      { tools: { 'a b': { description: '', run } } },
      /up to 64 letters/,
    ],
    [
      'parameters that nothing checks',
      { tools: { t: { description: '', run, parameters: {} } } },
      /needs an `input`/,
    ],
    [
      'a schema that says nothing to the model',
      {
        tools: {
          t: {
            description: '',
            run,
            input: {
              '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) },
            },
          },
        },
      },
      /needs `parameters`/,
    ],
    [
      'an input that is no schema',
      { tools: { t: { description: '', run, input: () => true } } },
      /Standard Schema/,
    ],
    [
      'someone to ask, and no way to reach them',
      { tools: { t: { description: '', run, approve: { to: 'x' } } } },
      /needs a `notify`/,
    ],
    [
      'someone who may never answer',
      { tools: { t: { description: '', run, approve: { notify: run } } } },
      /needs a `timeout`/,
    ],
    ['a cost without a price', { limits: { cost: 1 } }, /needs a `price`/],
    ['a limit of no steps', { limits: { steps: 0 } }, /`limits\.steps`/],
    [
      'a tool in the place of finish',
      {
        tools: { finish: { description: '', run } },
        output: { description: '', schema: z.object({}) },
      },
      /the tool 'finish' itself/,
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => createAgent({ ...base, ...options } as never)).toThrow(message);
    expect(() => createAgent({ ...base, ...options } as never)).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });
});
