import { commandIntents, integer, keywords, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Data {
  name?: string;
  age?: number;
}

const words = setupDialogue({
  types: {} as { context: Data },
  intents: { ...commandIntents, price: keywords('price') },
});
const { ask, commands, createDialogue, done, form } = words;

const MINUTE = { minutes: 1 };
const LEAVES = [
  { after: { minutes: 10 }, say: 'Are you there?' },
  { after: { minutes: 20 }, target: 'gone' },
] as const;

const CALLS = commands({
  help: { say: 'Help.' },
  price: { say: 'It is free.' },
  cancel: '.cancelled',
});

describe('a question that is repeated', () => {
  const ran: string[] = [];
  function survey(timeout: unknown = LEAVES) {
    ran.length = 0;
    return createDialogue({
      id: 'survey',
      context: {},
      initial: 'name',
      on: CALLS,
      states: {
        name: ask({
          question: 'Your name?',
          parse: text(),
          assign: 'name',
          target: 'age',
          timeout: timeout as never,
          entry: () => void ran.push('entry'),
          exit: () => void ran.push('exit'),
        }),
        age: ask({
          question: 'Your age?',
          parse: integer(),
          assign: 'age',
          target: 'end',
          attempts: 2,
          otherwise: 'gone',
          timeout: LEAVES as never,
        }),
        end: done('Thanks.'),
        gone: done('Gone.'),
        cancelled: done('Cancelled.'),
      },
    });
  }

  it.each(['help', 'price', '帮助', 'Help!'])('by “%s” counts its timeout again', async (said) => {
    const chat = converse(survey());
    await chat.say('hi');
    await chat.advance({ minutes: 9, seconds: 59 });
    expect((await chat.say(said)).at(-1)).toBe('Your name?');
    expect(await chat.advance({ minutes: 9, seconds: 59 })).toEqual([]);
    expect(await chat.advance({ seconds: 1 })).toEqual(['Are you there?']);
    expect(await chat.advance({ minutes: 10 })).toEqual(['Gone.']);
  });

  it('counts all its stages again, those that passed too', async () => {
    const chat = converse(survey());
    await chat.say('hi');
    expect(await chat.advance({ minutes: 19 })).toEqual(['Are you there?']);
    await chat.say('help');
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance(MINUTE)).toEqual(['Are you there?']);
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance(MINUTE)).toEqual(['Gone.']);
  });

  it('leaves alone the actions of the state', async () => {
    const chat = converse(survey());
    await chat.say('hi');
    await chat.say('help');
    await chat.say('price');
    expect(ran).toEqual(['entry']);
    await chat.say('Ann');
    expect(ran).toEqual(['entry', 'exit']);
  });

  it('is no attempt, and counts from where the attempts are', async () => {
    const chat = converse(survey());
    for (const said of ['hi', 'Ann', 'old']) await chat.say(said);
    await chat.advance({ minutes: 9 });
    for (const said of ['help', 'help', 'price']) await chat.say(said);
    expect(chat.state).toBe('age.retry1');
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance(MINUTE)).toEqual(['Are you there?']);
    expect(await chat.say('older')).toEqual(['Gone.']);
  });

  it('has one timer for each of its stages, however often it is repeated', async () => {
    const chat = converse(survey());
    await chat.say('hi');
    for (let time = 0; time < 5; time += 1) await chat.say('help');
    expect(chat.timers).toHaveLength(2);
  });

  it('without a timeout has none', async () => {
    const chat = converse(survey(undefined));
    await chat.say('hi');
    expect(await chat.say('help')).toEqual(['Help.', 'Your name?']);
  });

  it('counts again after a crash', async () => {
    const chat = converse(survey());
    await chat.say('hi');
    await chat.advance({ minutes: 9 });
    await chat.say('help');
    await chat.crash();
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance(MINUTE)).toEqual(['Are you there?']);
  });
});

describe('a timeout counts from the last question', () => {
  it('of a form’s slot, too', async () => {
    const dialogue = createDialogue({
      id: 'form',
      context: {},
      initial: 'form',
      on: CALLS,
      states: {
        form: form({
          slots: {
            name: { question: 'Your name?', parse: text() },
            age: { question: 'Your age?', parse: integer() },
          },
          target: 'end',
          timeout: LEAVES as never,
        }),
        end: done('Thanks.'),
        gone: done('Gone.'),
        cancelled: done(),
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    await chat.advance({ minutes: 9 });
    expect(await chat.say('help')).toEqual(['Help.', 'Your age?']);
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance(MINUTE)).toEqual(['Are you there?']);
    await chat.say('7');
    await chat.advance({ minutes: 9 });
    expect((await chat.say('price')).at(-1)).toContain('Is that right?');
    expect(await chat.advance({ minutes: 19 })).toEqual(['Are you there?']);
    expect(await chat.advance(MINUTE)).toEqual(['Gone.']);
  });

  it('of a sub-dialogue, where the command is its parent’s', async () => {
    const own = setupDialogue({ types: {} as { context: Data } });
    const inner = own.createDialogue({
      id: 'inner',
      context: {},
      initial: 'name',
      states: {
        name: own.ask({
          question: 'Your name?',
          parse: text(),
          assign: 'name',
          target: 'end',
          timeout: LEAVES as never,
        }),
        end: own.done(),
        gone: own.done('Gone.'),
      },
    });
    const outer = setupDialogue({
      types: {} as { context: Data },
      actors: { inner },
      intents: commandIntents,
    });
    const dialogue = outer.createDialogue({
      id: 'outer',
      context: {},
      initial: 'inside',
      on: outer.commands({ help: { say: 'Help.' } }),
      states: { inside: { invoke: { src: 'inner', onDone: 'end' } }, end: outer.done() },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.advance({ minutes: 9 });
    expect(await chat.say('help')).toEqual(['Help.', 'Your name?']);
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance(MINUTE)).toEqual(['Are you there?']);
    expect(await chat.advance({ minutes: 10 })).toEqual(['Gone.']);
  });

  it('where an interruption comes back by history', async () => {
    const dialogue = createDialogue({
      id: 'interrupted',
      context: {},
      initial: 'talk',
      on: { 'intent.price': '.price', ...commands({ back: '.talk.last' }) },
      states: {
        talk: {
          initial: 'name',
          states: {
            name: ask({
              question: 'Your name?',
              parse: text(),
              assign: 'name',
              timeout: { after: { minutes: 10 }, say: 'Are you there?' },
            }),
            last: { type: 'history', history: 'deep' },
          },
        },
        price: { entry: words.reply('It is free.') },
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.advance({ minutes: 9 });
    await chat.say('price');
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.say('back')).toEqual(['Your name?']);
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance(MINUTE)).toEqual(['Are you there?']);
  });
});
