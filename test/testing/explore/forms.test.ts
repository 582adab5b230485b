import type { AnyStateMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { choice, commandIntents, integer, setupDialogue, text } from 'colloquy';
import { explore } from 'colloquy/testing';

const words = setupDialogue({
  types: {} as {
    context: { size?: string; toppings?: string[]; count?: number; note?: string };
  },
  intents: commandIntents,
});

const SIZE = { question: 'Which size?', options: ['small', 'large'] } as const;
const COUNT = { question: 'How many?', parse: integer({ min: 1, max: 9 }) };
const TOPPINGS = { question: 'Which toppings?', options: ['ham', 'cheese'], list: true } as const;
const NOTE = { question: 'A note?', parse: text() };

describe('explore reaches every place of', () => {
  it.each<[what: string, state: object]>([
    [
      'a form of a choice and a number',
      words.form({ slots: { size: SIZE, count: COUNT }, target: 'end' }),
    ],
    [
      'a form whose slots are found in any message',
      words.form({
        slots: { size: { ...SIZE, extract: choice(['small', 'large']) }, count: COUNT },
        target: 'end',
      }),
    ],
    [
      'a form with a list and a slot that depends on another',
      words.form({
        slots: {
          size: SIZE,
          count: { ...COUNT, when: ({ context }) => context.size === 'small' },
          toppings: { ...TOPPINGS, min: 0 },
        },
        target: 'end',
      }),
    ],
    [
      'a form without a summary',
      words.form({ slots: { size: SIZE, count: COUNT }, confirm: false, target: 'end' }),
    ],
    [
      'a questionnaire',
      words.questions({
        questions: [
          { key: 'size', ...SIZE },
          { key: 'count', ...COUNT, when: ({ context }) => context.size === 'small' },
          { key: 'note', ...NOTE },
        ],
        target: 'end',
      }),
    ],
  ])('%s', async (_, form) => {
    const dialogue = words.createDialogue({
      id: 'order',
      context: {},
      initial: 'form',
      on: words.commands({ help: { say: 'Just answer.' } }),
      states: { form, end: words.done('Thanks.') },
    } as never) as unknown as AnyStateMachine;
    const { failures, unreached } = await explore(dialogue, { budget: 3000 });
    expect(failures).toEqual([]);
    expect(unreached.map(({ path, item }) => `${path}: ${item?.label}`)).toEqual([]);
  });
});
