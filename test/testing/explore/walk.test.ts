import fc from 'fast-check';
import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';
import { integer, keywords, setupDialogue } from 'colloquy';
import { type WalkOptions, WalkFailure, walkDialogue } from 'colloquy/testing';
import type { AnyStateMachine } from 'xstate';
import survey from '../../../examples/telegram/dialogue.ts';
import { noFallback } from '../broken/no-fallback.ts';

const words = setupDialogue({
  types: {} as { context: { sum: number } },
  intents: { cancel: keywords('cancel'), again: keywords('start over') },
});
const till = words.createDialogue({
  id: 'till',
  context: { sum: 0 },
  initial: 'amount',
  states: {
    amount: words.ask({
      question: 'How much?',
      parse: integer({ min: -5, max: 100 }),
      assign: ({ context, value }) => ({ sum: context.sum + value }),
      target: 'amount',
      otherwise: 'over',
    }),
    over: words.done('Bye.'),
  },
});
const counter = words.createDialogue({
  id: 'counter',
  context: { sum: 0 },
  initial: 'counting',
  on: words.commands({ cancel: '.over', again: '.counting' }),
  states: {
    counting: {
      on: {
        'message.*': {
          actions: [words.assign({ sum: ({ context }) => context.sum + 1 }), words.reply('More?')],
        },
      },
    },
    over: words.done('Bye.'),
  },
});
const notNegative = {
  'the sum is not negative': ({ context }: { context: { sum?: unknown } }) =>
    context.sum === undefined || Number(context.sum) >= 0,
};

async function failureOf(
  dialogue: AnyStateMachine,
  options: Partial<WalkOptions> = {},
): Promise<WalkFailure> {
  const failure: unknown = await walkDialogue(dialogue, { fc, ...options }).catch(
    (error: unknown) => error,
  );
  if (!(failure instanceof WalkFailure)) throw new Error('Nothing failed.', { cause: failure });
  return failure;
}

describe('a walk at random', () => {
  it('finds nothing wrong with an example', async () => {
    await expect(walkDialogue(survey, { fc, runs: 30 })).resolves.toBeUndefined();
  });

  it('breaks an invariant of the user’s, and shrinks to the shortest conversation that does', async () => {
    const failure = await failureOf(till, { invariants: notNegative });
    expect(failure.message).toMatch(
      /^The invariant 'the sum is not negative' does not hold\.\n\n {4}> hello\n/u,
    );
    expect(failure.invariant).toBe('the sum is not negative');
    expect(failure.transcript).toMatch(/^> hello\n< How much\?\n> -\d\n< How much\?\n$/u);
    const again = await failureOf(till, { invariants: notNegative });
    expect(again.message).toBe(failure.message);
  });

  it('throws what an invariant threw as the cause', async () => {
    const thrown = new TypeError('sum is no number');
    const invariants = {
      sum: () => {
        throw thrown;
      },
    };
    const failure = await failureOf(till, { invariants });
    expect(failure.message).toContain("The invariant 'sum' does not hold: sum is no number");
    expect(failure.cause).toBe(thrown);
  });

  it('breaks an invariant of ours', async () => {
    const failure = await failureOf(noFallback);
    expect(failure.message).toContain('No state takes the message.');
    expect(failure.invariant).toBeUndefined();
    expect(failure.transcript).toContain('! unhandled');
  });

  it('is as long as it may be, and no longer', async () => {
    const lengths = async (maxLength: number): Promise<number> => {
      let longest = 0;
      await walkDialogue(counter, {
        fc,
        maxLength,
        runs: 200,
        invariants: {
          count: ({ context }) => {
            longest = Math.max(longest, Number(context['sum'] ?? 0));
          },
        },
      });
      return longest;
    };
    expect(await lengths(5)).toBe(5);
    expect(await lengths(30)).toBe(30);
  });

  it('counts to three hundred, since it seldom says a command', async () => {
    const failure = await failureOf(counter, {
      maxLength: 600,
      runs: 20,
      invariants: { 'fewer than 300': ({ context }) => Number(context['sum'] ?? 0) < 300 },
    });
    expect(failure.transcript.match(/^>/gmu)?.length).toBeGreaterThanOrEqual(300);
  });

  it('says a command now and then', async () => {
    const invariants = { goes: ({ done }: { done: boolean }) => !done };
    const failure = await failureOf(counter, { invariants });
    expect(failure.transcript).toBe('> cancel\n< Bye.\n');
  });

  it('shows an invariant the state', async () => {
    const states = new Set<string>();
    const invariants = { seen: ({ state }: { state: string }) => void states.add(state) };
    await walkDialogue(counter, { fc, invariants });
    expect([...states].toSorted()).toEqual(['counting', 'over']);
  });
});

describe('a service on a walk', () => {
  const paying = setupDialogue({
    types: {} as { context: { paid?: string } },
    actors: { pay: fromPromise(async () => 'R-1') },
  });
  const shop = (reads: boolean): AnyStateMachine =>
    paying.createDialogue({
      id: 'shop',
      context: {},
      initial: 'paying',
      states: {
        paying: {
          invoke: {
            src: 'pay',
            onDone: reads
              ? { target: 'over', actions: paying.assign({ paid: ({ event }) => event.output }) }
              : 'over',
            onError: 'over',
          },
          on: { 'message.*': { actions: paying.reply('One moment.') } },
        },
        over: paying.done('Bye.'),
      },
    });

  it('needs outputs where the dialogue looks at them', async () => {
    await expect(walkDialogue(shop(true), { fc })).rejects.toThrow(
      "The service 'pay' needs outputs under `services`.",
    );
    await walkDialogue(shop(true), { fc, services: { pay: ['R-7'] } });
  });

  it('needs none where the dialogue only hears that it ended', async () => {
    await expect(walkDialogue(shop(false), { fc })).resolves.toBeUndefined();
  });
});
