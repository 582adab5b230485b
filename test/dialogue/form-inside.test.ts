import { anywhere, integer, pattern, setupDialogue, text, within } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Item {
  count?: number;
  name?: string;
}

const inner = setupDialogue({
  types: {} as { context: Item; output: Item },
  intents: { add: {} },
});
const slots = {
  count: {
    question: 'How many?',
    parse: integer(),
    extract: anywhere(within(/(?:add|加) ?(\S+?)(?: |个|$)/u, integer())),
  },
  name: { question: 'Of what?', parse: text() },
} as const;
const item = inner.createDialogue({
  id: 'item',
  context: {},
  initial: 'form',
  states: {
    form: inner.form({ slots, target: 'end', confirm: false }),
    end: { type: 'final' },
  },
  output: ({ context }) => context,
});

/** A dialogue around the one with the form, with nothing but it. */
const middle = setupDialogue({ types: {} as { output: Item }, actors: { item } });
const nested = middle.createDialogue({
  id: 'nested',
  context: {},
  initial: 'in',
  states: { in: { invoke: { src: 'item', onDone: 'end' } }, end: { type: 'final' } },
});

const outer = setupDialogue({
  types: {} as { context: { size?: number } },
  actors: { item, nested },
  intents: { add: pattern(/^add (?:(?<count>\d+) )?(?<name>\p{L}+)$/iu) },
});
const DONE = outer.done('Done.');

describe('a form at the beginning of a sub-dialogue', () => {
  const shop = (src: 'item' | 'nested', on: object) =>
    converse(
      outer.createDialogue({
        id: 'shop',
        context: {},
        initial: 'open',
        states: { open: { on }, adding: { invoke: { src, onDone: 'end' } }, end: DONE },
      }),
    );

  it.each([
    ['item', 'please add 3'],
    ['nested', 'please add 3'],
    ['item', '加3个'],
    ['nested', '加三个'],
  ] as const)('hears the message that led to %s: %s', async (src, said) => {
    const chat = shop(src, { 'message.text': 'adding' });
    expect(await chat.say(said)).toEqual(['Of what?']);
    expect(await chat.say('tea')).toEqual(['Done.']);
  });

  it.each(['item', 'nested'] as const)('takes the values of the intent: %s', async (src) => {
    const chat = shop(src, { 'intent.add': 'adding', 'message.text': {} });
    await chat.say('hello');
    expect(await chat.say('add 2 teas')).toEqual(['Done.']);
    const some = shop(src, { 'intent.add': 'adding' });
    expect(await some.say('add tea')).toEqual(['How many?']);
    expect(await some.say('4')).toEqual(['Done.']);
  });

  it('does not hear the message that started the dialogue around it', async () => {
    const chat = converse(
      outer.createDialogue({
        id: 'shop',
        context: {},
        initial: 'adding',
        states: { adding: { invoke: { src: 'item', onDone: 'end' } }, end: DONE },
      }),
    );
    expect(await chat.say('add 3 please')).toEqual(['How many?']);
  });

  it('does not hear an answer that was not understood, as in one dialogue', async () => {
    const chat = converse(
      outer.createDialogue({
        id: 'shop',
        context: {},
        initial: 'ask',
        states: {
          ask: outer.ask({
            question: 'Size?',
            parse: integer(),
            attempts: 1,
            otherwise: 'adding',
            target: 'adding',
          }),
          adding: { invoke: { src: 'item', onDone: 'end' } },
          end: DONE,
        },
      }),
    );
    await chat.say('hi');
    expect(await chat.say('please add 3 of it')).toEqual(['How many?']);
  });

  it('does not hear it where a later state of the sub-dialogue has the form', async () => {
    const late = inner.createDialogue({
      id: 'late',
      context: {},
      initial: 'greet',
      states: {
        greet: { on: { 'message.text': 'form' } },
        form: inner.form({ slots, target: 'end' }),
        end: { type: 'final' },
      },
    });
    const around = setupDialogue({ actors: { late } });
    const chat = converse(
      around.createDialogue({
        id: 'around',
        context: {},
        initial: 'open',
        states: { open: { on: { 'message.text': 'in' } }, in: { invoke: { src: 'late' } } },
      }),
    );
    await chat.say('add 3 please');
    expect(await chat.say('hello')).toEqual(['How many?']);
  });
});
