import type { AnyStateMachine } from 'xstate';
import { setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Order {
  readonly places: readonly string[];
  readonly place?: string;
  readonly answers?: Record<string, string>;
}

const words = setupDialogue({ types: {} as { context: Order } });
const PLACE = {
  question: 'Which one?',
  options: ({ context }: { readonly context: Order }) => context.places,
};

const KINDS = {
  'a choice': words.choose({ ...PLACE, assign: 'place', target: 'end' }),
  'a slot of a form': words.form({ slots: { place: PLACE }, target: 'end' } as never),
  'a question of a questionnaire': words.questions({
    questions: [{ key: 'q', ...PLACE }],
    answers: 'answers',
    target: 'end',
  }),
};

const NONE =
  'A question has no options: its `options` gave an empty list. Leave it out where there is nothing to choose from, by `when`.';
const TWICE =
  'A question has two options of one value. Give each its own `value`, such as its place in the list, and a `label` for the user.';

describe.each(Object.entries(KINDS))('%s whose options follow from the context', (_, state) => {
  it.each([
    ['are none', [], NONE],
    ['are the same twice', ['ham', 'tea', 'ham'], TWICE],
  ])('and %s fails its turn with the reason and a remedy', async (_what, places, message) => {
    const chat = converse(
      words.createDialogue({
        id: 'order',
        context: { places },
        initial: 'asks',
        states: { asks: state, end: words.done('Thanks.') },
      } as never) as unknown as AnyStateMachine,
    );
    const { outcome, error } = await chat.send('hi');
    expect(outcome).toBe('failed');
    expect(error).toMatchObject({ code: 'bad_reply', message });
  });
});
