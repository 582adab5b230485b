import { type Answerers, type Message, type Person, integer, setupDialogue, text } from 'colloquy';
import { converse, explore } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

const ANN = { id: '1', name: 'Ann' };
const BOB = { id: '2', name: 'Bob' };

const by = (from: Person | undefined, said: string): Message => ({
  type: 'message.text',
  text: said,
  ...(from && { from }),
});

const room = setupDialogue({
  types: {} as { context: { turn?: string; age?: number; heard?: string[] } },
});

const asked = (of: Answerers<{ turn?: string }> | undefined, attempts = 2) =>
  room.createDialogue({
    id: 'room',
    context: { turn: '1' },
    initial: 'age',
    states: {
      age: {
        initial: 'asking',
        on: { 'message.*': { actions: room.reply('It is not your turn.') } },
        onDone: 'over',
        states: {
          asking: room.ask({
            question: 'How old are you?',
            of,
            parse: integer({ min: 1, max: 120 }),
            assign: 'age',
            attempts,
            otherwise: 'given',
            target: 'given',
          }),
          given: { type: 'final' },
        },
      },
      over: room.done(({ context }) => `Age: ${context.age ?? 'unknown'}`),
    },
  });

describe('a question to one person of a conversation', () => {
  it.each([
    ['an id', '1'],
    ['a list of ids', ['0', '1']],
    ['what the context says', ({ context }: { context: { turn?: string } }) => context.turn],
  ] as const)('takes the answer of nobody else, by %s', async (_how, of) => {
    const chat = converse(asked(of as never));
    await chat.say(by(ANN, 'hi'));
    await chat.say(by(BOB, '30'));
    expect(chat.replies).toEqual(['It is not your turn.']);
    await chat.say(by(undefined, '31'));
    expect(chat.replies).toEqual(['It is not your turn.']);
    await chat.say(by(ANN, '32'));
    expect(chat.replies).toEqual(['Age: 32']);
  });

  it('counts as an attempt only what that person says', async () => {
    const chat = converse(asked('1'));
    await chat.say(by(ANN, 'hi'));
    for (const said of ['old', 'older', 'oldest']) await chat.say(by(BOB, said));
    await chat.say(by(ANN, 'old'));
    expect(chat.state).toBe('age.asking.retry1');
    await chat.say(by(ANN, 'older'));
    expect(chat.replies).toEqual(['Age: unknown']);
  });

  it.each([
    ['undefined', undefined],
    ['a function that gives undefined', () => undefined],
  ])('takes the answer of everybody with %s', async (_how, of) => {
    const chat = converse(asked(of as never));
    await chat.say(by(ANN, 'hi'));
    await chat.say(by(BOB, '30'));
    expect(chat.replies).toEqual(['Age: 30']);
  });

  it('takes no answer where no person may give one', async () => {
    const chat = converse(asked([]));
    await chat.say(by(ANN, 'hi'));
    await chat.say(by(ANN, '30'));
    expect(chat.replies).toEqual(['It is not your turn.']);
  });

  it('ignores the button that another person pressed', async () => {
    const choosing = room.createDialogue({
      id: 'choosing',
      context: {},
      initial: 'colour',
      states: {
        colour: room.choose({
          question: 'Colour?',
          of: '1',
          options: ['red', 'blue'],
          target: 'over',
        }),
        over: room.done('Good.'),
      },
    });
    const chat = converse(choosing);
    await chat.say(by(ANN, 'hi'));
    await chat.say({ type: 'message.action', value: 'red', from: BOB });
    expect(chat.replies).toEqual([]);
    await chat.say({ type: 'message.action', value: 'red', from: ANN });
    expect(chat.replies).toEqual(['Good.']);
  });

  it('holds for all that a form and a questionnaire ask', async () => {
    const words = setupDialogue({
      types: {} as { context: { name?: string; size?: string; answers?: { best?: string } } },
    });
    const dialogue = words.createDialogue({
      id: 'words',
      context: {},
      initial: 'order',
      states: {
        order: words.form({
          of: '1',
          slots: {
            name: { question: 'Name?', parse: text() },
            size: { question: 'Size?', options: ['small', 'large'] },
          },
          confirm: true,
          target: 'more',
        }),
        more: words.questions({
          of: '2',
          questions: [{ key: 'best', question: 'What was best?', parse: text() }],
          answers: 'answers',
          target: 'over',
        }),
        over: words.done(
          ({ context }) => `${context.name}, ${context.size}: ${context.answers?.best}`,
        ),
      },
    });
    const chat = converse(dialogue);
    await chat.say(by(ANN, 'hi'));
    for (const [person, said] of [
      [BOB, 'Bob'],
      [ANN, 'Ann'],
      [BOB, 'large'],
      [ANN, 'small'],
      [BOB, 'no, large'],
      [BOB, 'yes'],
      [ANN, 'yes'],
      [ANN, 'The tea.'],
      [BOB, 'The cake.'],
    ] as const) {
      await chat.say(by(person, said));
    }
    expect(chat.replies).toEqual(['Ann, small: The cake.']);
  });

  it('is answered by its people where a dialogue is explored', async () => {
    const found = await explore(asked('1'));
    expect(found.unreached).toEqual([]);
  });
});
