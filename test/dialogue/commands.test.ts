import { commandIntents, keywords, setupDialogue, formatReply } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { text } from '../../src/dialogue/parsers/text.ts';
import { createWorld } from '../runner/world.ts';

interface Data {
  name?: string;
  city?: string;
  locale?: string;
}

const words = setupDialogue({
  types: {} as { context: Data },
  intents: { ...commandIntents, hours: keywords('hours'), mood: keywords('mood') },
});

const dialogue = words.createDialogue({
  id: 'commanding',
  context: {},
  initial: 'main',
  on: {
    ...words.commands({
      help: {},
      cancel: { target: '.bye', say: 'Cancelled.' },
      restart: '.main',
      back: '.main.resume',
      hours: { say: ({ event }) => `From 9 to 5 (${event.score}).` },
    }),
    'intent.mood': '.mood',
  },
  states: {
    main: {
      initial: 'name',
      states: {
        name: words.ask({ question: 'Name?', parse: text(), assign: 'name', target: 'city' }),
        city: words.ask({ question: 'City?', parse: text(), assign: 'city', target: 'done' }),
        done: { entry: words.reply('Thanks.') },
        resume: { type: 'history', history: 'deep' },
      },
    },
    mood: words.ask({ question: 'How are you?', parse: text(), target: 'main.resume' }),
    bye: words.done('Bye.'),
  },
});

describe('commands', () => {
  it('work in every state, and a mere answer is none', async () => {
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say('Cancel!')).toEqual(['Cancelled.', 'Bye.']);
    await chat.say('hi');
    expect(await chat.say('I cancel nothing')).toEqual(['City?']);
  });

  it('help says what can be said, in the language of the user, and has the question repeated', async () => {
    const chat = converse(dialogue);
    await chat.say('hi');
    const said = await chat.say('help');
    expect(said).toHaveLength(2);
    expect(said[1]).toBe('Name?');
    expect(chat.state).toBe('main.name.waiting');
    const { store, runner } = createWorld(dialogue);
    await runner.handle('ann', 'hi');
    await store.update('ann', (context) => void context.set('locale', 'zh-CN'));
    const [help] = (await runner.handle('ann', '帮助')).replies.map(formatReply);
    expect(help).toMatch(/\p{Script=Han}/u);
  });

  it('a command of your own is an interruption that resumes where it was left', async () => {
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    await chat.say('help');
    expect(await chat.say('hours')).toEqual(['From 9 to 5 (1).', 'City?']);
    expect(await chat.say('Oslo')).toEqual(['Thanks.']);
    expect(chat.context).toEqual({ name: 'Ann', city: 'Oslo' });
  });

  it('an interruption that is a separate state resumes by history, and asks again', async () => {
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say('mood')).toEqual(['How are you?']);
    expect(await chat.say('fine')).toEqual(['City?']);
  });

  it('back leaves an interruption', async () => {
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    await chat.say('mood');
    expect(await chat.say('back')).toEqual(['City?']);
  });

  it('restart begins again', async () => {
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say('start over')).toEqual(['Name?']);
  });

  it('is passed over where its guard does not hold, and the message is an answer', async () => {
    const guarded = words.createDialogue({
      id: 'guarded',
      context: {},
      initial: 'name',
      on: words.commands({
        cancel: { target: '.bye', guard: ({ context }) => context.city !== undefined },
      }),
      states: {
        name: words.ask({ question: 'Name?', parse: text(), assign: 'name', target: 'bye' }),
        bye: words.done(({ context }) => `Bye ${context.name}.`),
      },
    });
    const chat = converse(guarded);
    await chat.say('hi');
    expect(await chat.say('cancel')).toEqual(['Bye cancel.']);
  });

  it('repeats the question that a sub-dialogue asks, three levels down', async () => {
    const setup = setupDialogue({ types: {} as { context: Data } });
    const third = setup.createDialogue({
      id: 'third',
      context: {},
      initial: 'name',
      states: {
        name: setup.ask({ question: 'Name?', parse: text(), assign: 'name', target: 'done' }),
        done: { type: 'final' },
      },
    });
    const secondSetup = setupDialogue({ types: {} as { context: Data }, actors: { third } });
    const second = secondSetup.createDialogue({
      id: 'second',
      context: {},
      initial: 'asking',
      states: { asking: { invoke: { src: 'third', onDone: 'done' } }, done: { type: 'final' } },
    });
    const firstSetup = setupDialogue({
      types: {} as { context: Data },
      actors: { second },
      intents: { ...commandIntents },
    });
    const first = firstSetup.createDialogue({
      id: 'first',
      context: {},
      initial: 'asking',
      on: firstSetup.commands({ help: { say: 'Your name, please.' } }),
      states: {
        asking: { invoke: { src: 'second', onDone: 'done' } },
        done: firstSetup.done('Thanks.'),
      },
    });
    const chat = converse(first);
    expect(await chat.say('hi')).toEqual(['Name?']);
    expect(await chat.say('help')).toEqual(['Your name, please.', 'Name?']);
    expect(await chat.say('Ann')).toEqual(['Thanks.']);
  });
});
