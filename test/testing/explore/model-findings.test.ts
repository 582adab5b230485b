import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { type Recognizer, commandIntents, integer, setupDialogue, text } from 'colloquy';
import { WalkFailure, explore, modelFindings, walkDialogue } from 'colloquy/testing';

interface Shop {
  order?: string;
  amount?: number;
  said?: number;
  isConfirmed?: boolean;
  refunds?: number;
}

/** A shop that refunds what was paid after a yes; `hole` is a mistake in it. */
function shop(hole?: 'an intent that skips confirm' | 'a slot without a parser'): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: Shop },
    intents: { ...commandIntents, refund: {}, yes: {} },
  });
  const refunding = words.assign({ refunds: ({ context }) => (context.refunds ?? 0) + 1 });
  const slots = {
    order: { question: 'Which order?', parse: text({ maxLength: 4 }) },
    ...(hole !== 'a slot without a parser' && {
      amount: { question: 'How much?', parse: integer({ min: 1, max: 50 }) },
    }),
  } as const;
  return words.createDialogue({
    id: 'shop',
    context: {},
    initial: 'open',
    on: words.commands({ cancel: '.open' }),
    states: {
      open: {
        on: {
          'intent.refund': {
            target: 'details',
            // The hole: what a model found goes into the context by another way than a parser.
            ...(hole === 'a slot without a parser' && {
              actions: words.assign({
                amount: ({ event }) => event.values['amount'] as number,
              }),
            }),
          },
          'message.*': { actions: words.reply('What can I do for you?') },
        },
      },
      details: words.form({
        slots,
        confirm: false,
        target: 'confirm',
        ...(hole === 'an intent that skips confirm' && { on: { 'intent.yes': 'refunded' } }),
      }),
      confirm: words.confirm({
        question: ({ context }) => `Give back ${context.amount}?`,
        yes: { target: 'refunded', actions: words.assign({ isConfirmed: true }) },
        no: 'open',
      }),
      refunded: { entry: [refunding, words.reply('Given back.')], always: 'end' },
      end: words.done(),
    },
  });
}

const findings = modelFindings({
  intents: { refund: { order: ['17'], amount: ['20', '49'] }, yes: {} },
  slots: { order: ['17'], amount: ['20'] },
});

const invariants = {
  'no refund without a confirm': ({ context }: { context: Shop }) =>
    context.refunds === undefined || context.isConfirmed === true,
  'an amount is a number from 1 to 50': ({ context: { amount } }: { context: Shop }) =>
    amount === undefined || (Number.isInteger(amount) && amount >= 1 && amount <= 50),
};

const walk = async (dialogue: AnyStateMachine): Promise<unknown> =>
  walkDialogue(dialogue, { fc, ...findings, invariants, runs: 150 }).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('modelFindings', () => {
  it('leaves invariants whole where each value goes through a parser', async () => {
    expect(await walk(shop())).toBeUndefined();
  });

  it.each([
    ['an intent that skips confirm', 'no refund without a confirm'],
    ['a slot without a parser', 'an amount is a number from 1 to 50'],
  ] as const)('finds %s, with a short conversation', async (hole, broken) => {
    const failure = await walk(shop(hole));
    expect(failure).toBeInstanceOf(WalkFailure);
    const { message } = failure as WalkFailure;
    expect(message).toContain(broken);
    expect(message.split('\n').filter((line) => line.startsWith('>')).length).toBeLessThan(6);
  });

  it('is said by explore as well, whose turns never fail of it', async () => {
    const { coverage, failures } = await explore(shop(), { ...findings, budget: 1500 });
    expect(failures).toEqual([]);
    expect(coverage.summary().states.missing).toEqual([]);
  });

  it.each(['understand of a form', 'recognize of the dialogue'])(
    'is needed for a model: explore asks one that takes time once, as %s',
    async (place) => {
      let calls = 0;
      const slow: Recognizer = async () => {
        calls += 1;
        return [];
      };
      const isOfForm = place === 'understand of a form';
      const words = setupDialogue({
        types: {} as { context: { amount?: number } },
        intents: { refund: {} },
        ...(!isOfForm && { recognize: slow }),
      });
      const dialogue = words.createDialogue({
        id: 'slow',
        context: {},
        initial: 'form',
        on: { 'intent.refund': { actions: words.reply('At once.') } },
        states: {
          form: words.form({
            slots: { amount: { question: 'How much?', parse: integer() } },
            ...(isOfForm && { understand: slow }),
            target: 'end',
          }),
          end: words.done('Thanks.'),
        },
      });
      const { steps } = await explore(dialogue, { budget: 300 });
      expect(steps).toBeGreaterThan(20);
      // The found conversations are played on the real runner, which asks for each of their messages.
      expect(calls).toBeLessThan(steps / 2);
      calls = 0;
      await walkDialogue(dialogue, { fc, runs: 20 });
      expect(calls).toBe(1);
    },
  );

  it('has one message for each finding, and nothing for other messages', async () => {
    const { samples, recognize } = modelFindings({ slots: { people: ['4'] } });
    expect(samples[0]).toBe('The model finds [{"values":{"people":"4"}}]');
    expect(new Set(samples).size).toBe(samples.length);
    expect(recognize({ type: 'message.text', text: samples[0] as string }, {} as never)).toEqual([
      { values: { people: '4' } },
    ]);
    expect(recognize({ type: 'message.text', text: 'hello' }, {} as never)).toEqual([]);
  });

  it.each([
    ['an unknown key', { slot: {} }],
    ['values that are no list', { slots: { people: '4' } }],
  ])('refuses %s', (_what, findable) => {
    expect(() => modelFindings(findable as never)).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });
});
