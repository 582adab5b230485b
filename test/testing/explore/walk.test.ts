import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integer, setupDialogue } from 'colloquy';
import { walkDialogue } from 'colloquy/testing';
import survey from '../../../examples/survey/dialogue.ts';
import { noFallback } from '../broken/no-fallback.ts';

const words = setupDialogue({ types: {} as { context: { sum: number } } });
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

describe('a walk at random', () => {
  it('finds nothing wrong with an example', async () => {
    expect(await walkDialogue(survey, { fc, runs: 30 })).toBeUndefined();
  });

  it('breaks an invariant of the user’s, and shrinks to the shortest conversation that does', async () => {
    const invariants = {
      'the sum is not negative': ({ context }: { context: { sum?: unknown } }) =>
        context.sum === undefined || Number(context.sum) >= 0,
    };
    const failure = await walkDialogue(till, { fc, invariants });
    expect(failure?.message).toBe("The invariant 'the sum is not negative' does not hold.");
    expect(failure?.transcript).toMatch(/^> hello\n< How much\?\n> -\d\n< How much\?\n$/u);
    expect(await walkDialogue(till, { fc, invariants })).toEqual(failure);
  });

  it('breaks an invariant of ours', async () => {
    const failure = await walkDialogue(noFallback, { fc });
    expect(failure?.message).toBe('No state takes the message.');
    expect(failure?.transcript).toContain('! unhandled');
  });
});
