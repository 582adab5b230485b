import { type AnyStateMachine, createActor } from 'xstate';
import { commandIntents, keywords, setupDialogue, text } from 'colloquy';
import { converse, createCoverage } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

/** Commands in a dialogue with parallel regions: one talks, the other one counts. */

const intents = { ...commandIntents, away: keywords('away'), tick: keywords('tick') };
const own = setupDialogue({});
const child = own.createDialogue({
  id: 'child',
  context: {},
  initial: 'a',
  states: {
    a: own.ask({ question: 'a?', parse: text(), target: 'b' }),
    b: own.ask({ question: 'b?', parse: text(), target: 'end' }),
    end: own.done(),
  },
});
const words = setupDialogue({ actors: { child }, intents });
const { ask, commands, reply } = words;

const talk = {
  initial: 'ready',
  states: {
    ready: { entry: reply('Ready.'), on: { 'message.text': 'steps' } },
    steps: {
      initial: 'name',
      states: {
        name: ask({ question: 'Name?', parse: text(), target: 'city' }),
        city: ask({ question: 'City?', parse: text(), target: 'city' }),
        last: { type: 'history', history: 'deep' },
      },
    },
    away: { entry: reply('Away.'), on: { 'message.text': {} } },
  },
};
const count = {
  initial: 'fresh',
  entry: reply('Counting.'),
  states: {
    fresh: { on: { 'intent.tick': 'late' }, after: { 600_000: 'late' } },
    late: {},
  },
};

const TARGETS = {
  help: { say: 'Help.' },
  cancel: { target: '.talk.ready', say: 'Cancelled.' },
  restart: '.talk',
  back: '.talk.steps.last',
  away: '.talk.away',
};

/** The same two regions in different places, with the commands in different states. */
const PLACES: [string, object, string][] = [
  [
    'commands of a parallel root',
    { type: 'parallel', on: commands(TARGETS), states: { talk, count } },
    '',
  ],
  [
    'commands of a parallel state',
    {
      initial: 'p',
      states: { p: { type: 'parallel', on: commands(TARGETS), states: { talk, count } } },
    },
    'p.',
  ],
  [
    'commands of a state around it',
    {
      initial: 'p',
      on: commands({
        help: { say: 'Help.' },
        cancel: { target: '.p.talk.ready', say: 'Cancelled.' },
        restart: '.p.talk',
        back: '.p.talk.steps.last',
        away: '.p.talk.away',
      }),
      states: { p: { type: 'parallel', states: { talk, count } } },
    },
    'p.',
  ],
  [
    'commands of the region',
    {
      type: 'parallel',
      states: {
        talk: {
          ...talk,
          on: commands({
            help: { say: 'Help.' },
            cancel: { target: '.ready', say: 'Cancelled.' },
            restart: '.ready',
            back: '.steps.last',
            away: '.away',
          }),
        },
        count,
      },
    },
    '',
  ],
];

describe.each(PLACES)('%s', (_, config, at) => {
  const make = () =>
    words.createDialogue({
      id: 'made',
      context: {},
      ...config,
    } as never) as unknown as AnyStateMachine;

  async function started() {
    const chat = converse(make());
    for (const message of ['hi', 'go', 'tick', 'Ann']) await chat.say(message);
    expect(chat.state).toBe(`${at}talk.steps.city.waiting, ${at}count.late`);
    return chat;
  }

  it.each([
    ['help', ['Help.', 'City?'], 'talk.steps.city.waiting'],
    ['cancel', ['Cancelled.', 'Ready.'], 'talk.ready'],
    ['restart', ['Ready.'], 'talk.ready'],
    ['away', ['Away.'], 'talk.away'],
  ])(
    '“%s” does what it says once, and leaves the other region as it is',
    async (said, replies, state) => {
      const chat = await started();
      expect(await chat.say(said)).toEqual(replies);
      expect(chat.state).toBe(`${at}${state}, ${at}count.late`);
    },
  );

  it('“back” resumes the one region', async () => {
    const chat = await started();
    await chat.say('away');
    expect(await chat.say('back')).toEqual(['City?']);
    expect(chat.state).toBe(`${at}talk.steps.city.waiting, ${at}count.late`);
  });

  it('leaves the timer of the other region as it is', async () => {
    const chat = converse(make());
    await chat.say('hi');
    await chat.advance({ minutes: 4 });
    const { timers } = chat;
    await chat.say('cancel');
    expect(chat.timers).toEqual(timers);
  });
});

describe('a command into a region', () => {
  const config = {
    initial: 'p',
    on: commands({ cancel: '.p.talk.away', restart: '.p', back: '.before' }),
    states: {
      p: { type: 'parallel', states: { talk, count } },
      before: { on: { 'message.text': {} } },
    },
  };
  const dialogue = words.createDialogue({
    id: 'made',
    context: {},
    ...config,
  } as never) as unknown as AnyStateMachine;

  it('enters the others where the parallel state is not active', async () => {
    const chat = converse(dialogue);
    for (const message of ['hi', 'tick', 'back']) await chat.say(message);
    expect(chat.state).toBe('before');
    expect(await chat.say('cancel')).toEqual(['Away.', 'Counting.']);
    expect(chat.state).toBe('p.talk.away, p.count.fresh');
  });

  it('that is one to the whole parallel state begins all regions again', async () => {
    const chat = converse(dialogue);
    for (const message of ['hi', 'go', 'tick']) await chat.say(message);
    expect(await chat.say('restart')).toEqual(['Ready.', 'Counting.']);
    expect(chat.state).toBe('p.talk.ready, p.count.fresh');
  });

  it('counts as taken, for coverage', async () => {
    const coverage = createCoverage(dialogue);
    const chat = converse(dialogue);
    for (const message of ['hi', 'cancel']) await chat.say(message);
    expect(coverage.toText()).not.toContain('intent.cancel');
  });

  it('has its guard', async () => {
    const guarded = words.createDialogue({
      id: 'made',
      context: {},
      type: 'parallel',
      on: commands({ cancel: { target: '.talk.away', guard: () => false } }),
      states: { talk, count },
    } as never) as unknown as AnyStateMachine;
    const chat = converse(guarded);
    for (const message of ['hi', 'cancel']) await chat.say(message);
    expect(chat.state).toBe('talk.steps.name.waiting, count.fresh');
  });

  it('leaves a sub-dialogue of the other region as it is', async () => {
    const both = words.createDialogue({
      id: 'made',
      context: {},
      type: 'parallel',
      on: commands({ cancel: '.count.late', restart: '.talk' }),
      states: { talk: { initial: 'x', states: { x: { invoke: { src: 'child' } } } }, count },
    } as never) as unknown as AnyStateMachine;
    const chat = converse(both);
    for (const message of ['hi', 'Ann', 'cancel']) await chat.say(message);
    expect(chat.state).toMatch(/b\.waiting.*count\.late/u);
    expect(await chat.say('restart')).toEqual(['a?']);
    expect(chat.state).toContain('count.late');
  });
});

it('a transition that is no command goes as in XState, which enters the other regions again', async () => {
  const machine = words.createDialogue({
    id: 'made',
    context: {},
    type: 'parallel',
    on: { 'intent.away': '.talk.away' },
    states: { talk, count },
  } as never) as unknown as AnyStateMachine;
  const chat = converse(machine);
  for (const message of ['hi', 'tick', 'away']) await chat.say(message);
  expect(chat.state).toBe('talk.away, count.fresh');
  const actor = createActor(machine).start();
  actor.send({ type: 'intent.tick' } as never) as unknown as AnyStateMachine;
  actor.send({ type: 'intent.away' } as never) as unknown as AnyStateMachine;
  expect((actor.getSnapshot() as { value: unknown }).value).toEqual({
    talk: 'away',
    count: 'fresh',
  });
});
