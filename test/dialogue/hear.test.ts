import fc from 'fast-check';
import { and, createActor, not, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { hear } from 'colloquy';

const text = (words: string): { type: string; text: string } => ({
  type: 'message.text',
  text: words,
});

describe('hear', () => {
  it.each<[said: string, phrase: string | RegExp, heard: boolean]>([
    ['yes', 'yes', true],
    ['  YES!  ', 'yes', true],
    ['yes', 'Yes.', true],
    ['ｙｅｓ', 'yes', true],
    ['start   over', 'start over', true],
    ['好的。', '好的', true],
    ['?', '？', true],
    ['yes please', 'yes', false],
    ['', 'yes', false],
    ['yes please', /yes/u, true],
    ['YES', /yes/u, false],
    ['YES', /yes/iu, true],
    ['  2 ', /^2$/u, true],
    ['２', /^2$/u, true],
    ['', /^$/u, true],
  ])('%j by %s: %s', (said, phrase, heard) => {
    expect(hear(phrase)({ event: text(said) })).toBe(heard);
  });

  it.each<[what: string, event: { type: string }, heard: boolean]>([
    ['a text', text('tea'), true],
    [
      'a voice that was understood',
      { type: 'message.voice', transcript: 'Tea.' } as { type: string },
      true,
    ],
    ['a voice that was not', { type: 'message.voice' }, false],
    ['a button by its value', { type: 'message.action', value: 'tea' } as { type: string }, true],
    [
      'a button by its label',
      { type: 'message.action', value: 'item-1', label: 'Tea' } as { type: string },
      true,
    ],
    ['an intent by its text', { type: 'intent.order', text: 'tea' } as { type: string }, true],
    [
      'an intent by the button it came by',
      {
        type: 'intent.order',
        text: 'item-1',
        message: { type: 'message.action', value: 'item-1', label: 'Tea' },
      } as { type: string },
      true,
    ],
    ['a picture', { type: 'message.image' }, false],
    ['an event', { type: 'event.follow' }, false],
    ['words that are none', { type: 'message.voice', transcript: 7 } as { type: string }, false],
  ])('listens to %s', (_what, event, heard) => {
    expect(hear('tea')({ event })).toBe(heard);
    expect(hear(/^tea/iu)({ event })).toBe(heard);
  });

  it('gives the match: the first phrase that fits, the words as they were put', () => {
    const guard = hear('tea', 'coffee', /^(?<n>\d+) (?<what>\w+)( please)?(?<rest>.+)?$/u);
    expect(guard.match(text(' Coffee! '))).toEqual({
      text: 'Coffee!',
      phrase: 'coffee',
      groups: {},
      captures: [],
    });
    expect(guard.match(text('2 Teas please'))).toEqual({
      text: '2 Teas please',
      groups: { n: '2', what: 'Teas' },
      captures: ['2', 'Teas', ' please', ''],
    });
    expect(guard.match(text('water'))).toBeUndefined();
  });

  it('keeps no state between calls, also for a pattern with the flags g and y', () => {
    const given = /a/giuy;
    given.lastIndex = 1;
    const guard = hear(given);
    const answers = [1, 2, 3].map(() => guard({ event: text('xa') }));
    expect(answers).toEqual([true, true, true]);
    expect(given.lastIndex).toBe(1);
  });

  it('looks at the first 10 000 code units, and no further', () => {
    const end = /needle/u;
    expect(hear(end)({ event: text(`${'x'.repeat(9994)}needle`) })).toBe(true);
    expect(hear(end)({ event: text(`${'x'.repeat(9995)}needle`) })).toBe(false);
  });

  it.each<[what: string, phrases: unknown[]]>([
    ['no phrase', []],
    ['an empty phrase', ['yes', '']],
    ['white space', ['  ']],
    ['a number', [7]],
    ['undefined', [undefined]],
    ['a list', [['yes']]],
  ])('refuses %s where it is defined', (_what, phrases) => {
    const act = (): unknown => hear(...(phrases as string[]));
    expect(act).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'bad_phrase' }) as Error,
    );
  });

  it('has a name that a diagram can show', () => {
    expect(hear('yes', /ok/u).name).toBe("hear('yes', /ok/u)");
  });

  it('is a guard of XState, alone and within others', () => {
    const machine = setup({
      types: {} as { events: { type: 'message.text'; text: string } },
      guards: { never: () => false },
    }).createMachine({
      initial: 'a',
      states: {
        a: {
          on: {
            'message.text': [
              { guard: hear('yes'), target: 'b' },
              { guard: and([hear(/^n/u), not(hear('no'))]), target: 'c' },
            ],
          },
        },
        b: {},
        c: {},
      },
    });
    const stateAfter = (said: string): unknown => {
      const actor = createActor(machine).start();
      actor.send({ type: 'message.text', text: said });
      return actor.getSnapshot().value;
    };
    expect(['Yes!', 'no', 'nay', 'x'].map(stateAfter)).toEqual(['b', 'a', 'c', 'a']);
  });

  it('never throws on any text', () => {
    const guard = hear('yes', /^(?<a>.)(.*)$/su);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (said) => {
        expect(typeof guard({ event: text(said) })).toBe('boolean');
      }),
      { numRuns: 10_000 },
    );
  });
});
