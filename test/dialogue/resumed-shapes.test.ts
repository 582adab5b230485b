import { type AnyStateMachine, fromPromise, spawnChild } from 'xstate';
import { commandIntents, keywords, setupDialogue, text } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

/** Where in a machine a sub-dialogue may stand when it is left, and the ways back to it. */

const own = setupDialogue({ types: {} as { context: { a?: string; at?: Date } } });
const { ask, done } = own;
const child = own.createDialogue({
  id: 'child',
  context: {},
  initial: 'a',
  states: {
    a: ask({
      question: 'a?',
      parse: text(),
      // A Date cannot be frozen, so its context is copied before each step.
      assign: ({ value }) => ({ a: value, at: new Date(0) }),
      target: 'b',
    }),
    b: ask({ question: 'b?', parse: text(), target: 'end' }),
    end: done(({ context }) => `Done, ${context.a}.`),
  },
});

const intents = {
  ...commandIntents,
  away: keywords('away'),
  again: keywords('again'),
  other: keywords('other'),
};
const mute = own.createDialogue({ id: 'mute', context: {}, on: { 'event.follow': {} } });
const words = setupDialogue({ actors: { child, mute }, intents });
const { reply } = words;
const invoke = { src: 'child' };
const wait = { on: { 'message.text': {} } };
const last = { type: 'history', history: 'deep' } as const;

function make(config: object) {
  return words.createDialogue({
    id: 'made',
    context: {},
    ...config,
  } as never) as unknown as AnyStateMachine;
}

/** A dialogue that is left for `away` on “away”, and goes to `target` on “back”. */
function around(talk: object, target = '.talk.last', more: object = {}) {
  return make({
    initial: 'talk',
    on: {
      'intent.away': '.away',
      'intent.back': target,
      ...('other' in (talk as { states: object }).states && { 'intent.other': '.talk.other' }),
    },
    states: { talk, away: { entry: reply('Away.'), ...wait }, ...more },
  });
}

describe('a sub-dialogue goes on by history', () => {
  it.each<[string, object]>([
    ['from the state beside the history', { initial: 'x', states: { x: { invoke }, last } }],
    [
      'from a state further down',
      { initial: 'x', states: { x: { initial: 'y', states: { y: { invoke } } }, last } },
    ],
    ['from the state around the history', { invoke, initial: 'x', states: { x: wait, last } }],
    [
      'by a shallow history, from a compound state beside it',
      {
        initial: 'x',
        states: { x: { invoke, initial: 'y', states: { y: wait } }, last: { type: 'history' } },
      },
    ],
    [
      'where the state has another id for its invocation',
      { initial: 'x', states: { x: { invoke: { ...invoke, id: 'asker' } }, last } },
    ],
    [
      'where the history is the initial state',
      { initial: 'last', states: { x: { invoke }, last: { ...last, target: 'x' } } },
    ],
    [
      'where the state has several invocations',
      {
        initial: 'x',
        states: { x: { invoke: [{ ...invoke, id: 'one' }, { src: 'mute' }] }, last },
      },
    ],
    [
      'from a region',
      {
        type: 'parallel',
        states: { x: { initial: 'y', states: { y: { invoke }, z: wait } }, w: wait, last },
      },
    ],
  ])('%s', async (_, talk) => {
    const chat = converse(around(talk));
    expect(await chat.say('hi')).toEqual(['a?']);
    await chat.say('Ann');
    expect(await chat.say('away')).toEqual(['Away.']);
    expect(await chat.say('back')).toEqual(['b?']);
    await chat.say('away');
    await chat.crash();
    expect(await chat.say('back')).toEqual(['b?']);
    expect(await chat.say('Bob')).toEqual(['Done, Ann.']);
  });

  it('where the state around it is left and entered by one message', async () => {
    const dialogue = make({
      initial: 'talk',
      states: {
        talk: {
          initial: 'x',
          on: { 'intent.again': { target: 'talk.last', reenter: true, actions: reply('Again.') } },
          states: { x: { invoke }, last },
        },
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say('again')).toEqual(['Again.', 'b?']);
  });

  it('where a state in between is passed at once', async () => {
    const dialogue = around({ initial: 'x', states: { x: { invoke }, last } }, '.between', {
      between: { entry: reply('Now.'), always: 'talk.last' },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say('back')).toEqual(['Now.', 'b?']);
  });
});

describe('a sub-dialogue starts again', () => {
  it.each<[string, string]>([
    ['by the state that invokes it', '.talk.x'],
    ['by the initial state around it', '.talk'],
    ['by a shallow history of a state further out', '#made.shallow'],
  ])('%s', async (_, target) => {
    const dialogue = make({
      initial: 'talk',
      on: { 'intent.away': '.away', 'intent.back': target },
      states: {
        talk: { initial: 'x', states: { x: { invoke }, last } },
        away: wait,
        shallow: { type: 'history', id: 'made.shallow' },
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    await chat.say('away');
    // The root is never left, so its history has nothing to remember.
    expect(await chat.say('back')).toEqual(['a?']);
    await chat.say('away');
    expect(await chat.say('back')).toEqual(['a?']);
  });

  it('where no history remembers its state, and by a history that has not seen it', async () => {
    const chat = converse(around({ initial: 'x', states: { x: { invoke }, other: wait, last } }));
    await chat.say('hi');
    await chat.say('Ann');
    await chat.say('other'); // This leaves the state, and not the one that has the history.
    await chat.say('away');
    expect(await chat.say('back')).toEqual([]);
    expect(chat.state).toBe('talk.other');
  });

  it('where a later departure made the history remember another state', async () => {
    const chat = converse(
      around({
        initial: 'x',
        states: { x: { invoke }, other: { on: { 'message.text': 'x' } }, last },
      }),
    );
    await chat.say('hi');
    await chat.say('Ann');
    await chat.say('away');
    await chat.say('other');
    await chat.say('away');
    await chat.say('back');
    expect(chat.state).toBe('talk.other');
    expect(await chat.say('go')).toEqual(['a?']);
  });

  it('where its shallow history remembers only the state around it', async () => {
    const talk = {
      initial: 'x',
      states: {
        x: { initial: 'y', states: { y: { invoke } } },
        last: { type: 'history', history: 'shallow' },
      },
    };
    const chat = converse(around(talk));
    await chat.say('hi');
    await chat.say('Ann');
    await chat.say('away');
    expect(await chat.say('back')).toEqual(['a?']);
  });
});

describe('what runs in a sub-dialogue goes on with it', () => {
  const inner = setupDialogue({ actors: { child }, intents });
  const service = fromPromise(async () => 'found');
  const middle = setupDialogue({ actors: { child, service }, intents });

  it.each<[string, object]>([
    ['a sub-dialogue that it invokes', { initial: 'x', states: { x: { invoke } } }],
    ['one that its outermost state invokes', { invoke, initial: 'x', states: { x: wait } }],
    [
      'one that it spawned',
      { entry: spawnChild('child', { id: 'own' }), initial: 'x', states: { x: {} } },
    ],
    [
      'one in each of its regions, of which one is over',
      {
        type: 'parallel',
        states: {
          x: { initial: 'y', states: { y: { invoke } } },
          z: { initial: 'w', states: { w: { type: 'final' } } },
        },
      },
    ],
  ])('%s', async (_, config) => {
    const outer = inner.createDialogue({
      id: 'outer',
      context: {},
      ...config,
    } as never) as unknown as AnyStateMachine;
    const dialogue = setupDialogue({ actors: { child: outer }, intents }).createDialogue({
      id: 'made',
      context: {},
      initial: 'talk',
      on: { 'intent.away': '.away', 'intent.back': '.talk.last' },
      states: { talk: { initial: 'x', states: { x: { invoke }, last } }, away: wait },
    } as never) as unknown as AnyStateMachine;
    const chat = converse(dialogue);
    await chat.say('hi');
    expect(await chat.say('Ann')).toEqual(['b?']);
    for (let round = 0; round < 2; round += 1) {
      await chat.say('away');
      if (round === 1) await chat.crash();
      expect(await chat.say('back')).toEqual(['b?']);
    }
    expect(await chat.say('Bob')).toEqual(['Done, Ann.']);
  });

  it('a sub-dialogue that is paused in it', async () => {
    const outer = inner.createDialogue({
      id: 'outer',
      context: {},
      initial: 'talk',
      on: { 'intent.other': '.pause', 'intent.again': '.talk.last' },
      states: {
        talk: { initial: 'x', states: { x: { invoke }, last } },
        pause: { entry: own.reply('Pause.'), ...wait },
      },
    } as never) as unknown as AnyStateMachine;
    const dialogue = setupDialogue({ actors: { child: outer }, intents }).createDialogue({
      id: 'made',
      context: {},
      initial: 'talk',
      on: { 'intent.away': '.away', 'intent.back': '.talk.last' },
      states: { talk: { initial: 'x', states: { x: { invoke }, last } }, away: wait },
    } as never) as unknown as AnyStateMachine;
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('Ann');
    expect(await chat.say('other')).toEqual(['Pause.']);
    await chat.say('away');
    await chat.crash();
    expect(await chat.say('back')).toEqual(['Pause.']);
    expect(await chat.say('again')).toEqual(['b?']);
  });

  it('a service, which starts again', async () => {
    const outer = middle.createDialogue({
      id: 'outer',
      context: {},
      initial: 'a',
      states: {
        a: middle.ask({ question: 'a?', parse: text(), target: 'looking' }),
        looking: { invoke: { src: 'service', onDone: 'found', onError: 'found' } },
        found: middle.done('Found.'),
      },
    });
    const dialogue = setupDialogue({ actors: { child: outer }, intents }).createDialogue({
      id: 'made',
      context: {},
      initial: 'talk',
      on: { 'intent.away': '.away', 'intent.back': '.talk.last' },
      states: { talk: { initial: 'x', states: { x: { invoke }, last } }, away: wait },
    } as never) as unknown as AnyStateMachine;
    let calls = 0;
    const chat = converse(dialogue, {
      services: {
        service: async () => {
          calls += 1;
          return calls === 1 ? new Promise(() => {}) : 'found';
        },
      },
    } as never);
    await chat.say('hi');
    await chat.say('Ann');
    await chat.advance({ seconds: 5 });
    expect(chat.services).toHaveLength(1);
    await chat.say('away');
    expect(chat.services).toEqual([]);
    expect(await chat.say('back')).toEqual(['Found.']);
    expect(calls).toBe(2);
  });
});
