import {
  DeliveryError,
  type Incoming,
  type RunnerOptions,
  createContextStore,
  createRunner,
  integer,
  setupDialogue,
  text,
} from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { converse, createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AnyStateMachine, fromPromise } from 'xstate';
import { texts } from './world.ts';

const words = setupDialogue({
  types: {} as { context: { name?: string; age?: number } },
});
const { ask, done, reply } = words;

/** Asks at once; takes the end of a follow in every state, and the view of a page in one. */
const survey = words.createDialogue({
  id: 'survey',
  context: {},
  initial: 'name',
  on: { 'event.unfollow': { target: '.gone' }, 'event.location': { actions: reply('Seen.') } },
  states: {
    name: ask({ question: 'Name?', parse: text(), assign: 'name', target: 'age' }),
    age: ask({
      question: 'Age?',
      parse: integer(),
      assign: 'age',
      attempts: 2,
      target: 'view',
      otherwise: 'gone',
    }),
    view: { on: { 'event.view': 'over' } },
    over: done('Thanks.'),
    gone: { type: 'final' },
  },
});

/** Says nothing before a page was opened. */
const gate = words.createDialogue({
  id: 'gate',
  context: {},
  initial: 'waiting',
  states: {
    waiting: { on: { 'event.view': { target: 'seen', actions: reply('Seen it.') } } },
    seen: { on: { 'message.text': { actions: reply('You have seen it.') } } },
  },
});

const LOCATION: Incoming = { type: 'event.location', key: '1' };
const VIEW: Incoming = { type: 'event.view' };
const UNFOLLOW: Incoming = { type: 'event.unfollow' };

function start(
  dialogue: AnyStateMachine,
  { disk = createDisk(), ...options }: RunnerOptions & { readonly disk?: Disk } = {},
) {
  const clock = createManualClock();
  const store = createContextStore({ clock, persister: memory(disk) });
  const runner = createRunner(dialogue, { ...options, store });
  onTestFinished(() => store.close());
  const say = async (message: Incoming, id?: string) => {
    const turn = await runner.handle('ann', message, id === undefined ? {} : { id });
    return [turn.outcome, ...texts(turn.replies)];
  };
  return { clock, store, runner, disk, say };
}

describe('an unspoken event', () => {
  it('is one turn if a state takes it', async () => {
    const { say, runner } = start(survey);
    await say('hi');
    await say('Ann');
    expect(await say(LOCATION, 'e1')).toEqual(['replied', 'Seen.']);
    expect(await say(LOCATION, 'e1')).toEqual(['duplicate', 'Seen.']);
    await say('30');
    expect(await say(VIEW, 'e2')).toEqual(['replied', 'Thanks.']);
    expect(await say(VIEW, 'e2')).toEqual(['duplicate', 'Thanks.']);
    expect((await runner.inspect('ann'))?.dialogue?.status).toBe('done');
  });

  it('is heard by the deepest sub-dialogue that names it', async () => {
    const inner = setupDialogue({ types: {} as { context: object; output: string } });
    const viewing = inner.createDialogue({
      id: 'viewing',
      context: {},
      initial: 'waiting',
      states: { waiting: { on: { 'event.view': 'over' } }, over: { type: 'final' } },
      output: () => 'seen',
    });
    const outer = setupDialogue({ types: {} as { context: object }, actors: { viewing } });
    const shop = outer.createDialogue({
      id: 'shop',
      context: {},
      initial: 'hello',
      states: {
        hello: { entry: outer.reply('Please look.'), on: { 'message.text': 'view' } },
        view: { invoke: { src: 'viewing', onDone: { target: 'over' } } },
        over: outer.done('Thanks.'),
      },
    });
    const { say } = start(shop);
    await say('hi');
    expect(await say(VIEW)).toEqual(['unhandled']);
    await say('ok');
    expect(await say(VIEW)).toEqual(['replied', 'Thanks.']);
  });

  it('does not begin a dialogue that starts with a question, although the dialogue names it', async () => {
    const { say, disk, store } = start(survey, { onUnhandled: () => 'What?' });
    for (const event of [UNFOLLOW, LOCATION, VIEW]) expect(await say(event)).toEqual(['unhandled']);
    expect([disk.records.size, await store.exists('ann')]).toEqual([0, false]);
    expect(await say('hi')).toEqual(['replied', 'Name?']);
  });

  it('does not begin a dialogue again that has ended', async () => {
    const { say, disk } = start(survey);
    await say('hi');
    await say(UNFOLLOW);
    const records = [...disk.records.values()];
    for (const event of [UNFOLLOW, LOCATION, VIEW]) expect(await say(event)).toEqual(['unhandled']);
    expect([...disk.records.values()]).toEqual(records);
    // The user who follows again is greeted.
    expect(await say({ type: 'event.follow' })).toEqual(['replied', 'Name?']);
  });

  it('begins a dialogue that says nothing before it, and whose first state names it', async () => {
    const { say } = start(gate);
    expect(await say(LOCATION)).toEqual(['unhandled']);
    expect(await say(VIEW, 'e1')).toEqual(['replied', 'Seen it.']);
    expect(await say(VIEW, 'e1')).toEqual(['duplicate', 'Seen it.']);
    expect(await say('hi')).toEqual(['replied', 'You have seen it.']);
  });

  it('starts no service of a dialogue that it does not begin', async () => {
    let calls = 0;
    const serving = setupDialogue({
      types: {} as { context: object },
      actors: {
        look: fromPromise(async () => {
          calls += 1;
        }),
      },
    });
    const lookup = serving.createDialogue({
      id: 'lookup',
      context: {},
      initial: 'looking',
      states: {
        looking: {
          invoke: { src: 'look', onDone: 'over' },
          on: { 'event.location': { guard: () => false, target: 'over' } },
        },
        over: serving.done('Done.'),
      },
    });
    const { say, runner } = start(lookup);
    expect(await say(LOCATION)).toEqual(['unhandled']);
    await runner.idle('ann');
    expect(calls).toBe(0);
    expect(await say('hi')).toEqual(['replied', 'Done.']);
    expect(calls).toBe(1);
  });

  it('does not begin a dialogue whose start throws, and the throw is no error', async () => {
    const { say, runner } = start(gate, {
      input: () => {
        throw new Error('no input');
      },
      onError: () => 'Sorry.',
    });
    const errors: unknown[] = [];
    runner.on('error', ({ error }) => errors.push(error));
    expect(await say(LOCATION)).toEqual(['unhandled']);
    expect(errors).toEqual([]);
  });

  it('is no answer: it spends no attempt, and onUnhandled is not called', async () => {
    const { say } = start(survey, { onUnhandled: () => 'What?' });
    await say('hi');
    await say('Ann');
    await say('many');
    for (let index = 0; index < 5; index += 1) {
      expect(await say({ type: 'event.unknown', key: '30' })).toEqual(['unhandled']);
      expect(await say({ type: 'event.menu', key: '30', spoken: false })).toEqual(['unhandled']);
    }
    expect(await say('30')).toEqual(['silent']);
  });

  it('is known by the `spoken` field of a message, which goes before its type', async () => {
    const { say } = start(survey, { onUnhandled: () => 'What?' });
    expect(await say({ type: 'event.follow', spoken: false })).toEqual(['unhandled']);
    expect(await say({ type: 'event.unknown', spoken: true })).toEqual(['replied', 'Name?']);
    expect(await say({ type: 'event.unknown', spoken: true })).toEqual(['unhandled', 'What?']);
  });

  it('is not recognised, and a spoken event is', async () => {
    const asked: string[] = [];
    const listening = setupDialogue({
      types: {} as { context: object },
      intents: {
        moved: (message) => {
          asked.push(message.type);
          return true;
        },
      },
    });
    const dialogue = listening.createDialogue({
      id: 'listening',
      context: {},
      on: { 'intent.moved': { actions: listening.reply('Moved.') }, 'event.view': {} },
    });
    const { say } = start(dialogue);
    expect(await say(LOCATION)).toEqual(['unhandled']);
    expect(await say({ type: 'event.view' })).toEqual(['silent']);
    expect(await say('go')).toEqual(['replied', 'Moved.']);
    expect(await say({ type: 'event.scan', key: 'x' })).toEqual(['replied', 'Moved.']);
    expect(asked).toEqual(['message.text', 'event.scan']);
  });

  it('is reported by a turn event', async () => {
    const { say, runner } = start(survey);
    const turns: unknown[] = [];
    runner.on('turn', ({ outcome, cause, id }) => turns.push([outcome, cause, id]));
    await say(LOCATION, 'e1');
    expect(turns).toEqual([['unhandled', 'message', 'e1']]);
  });

  it('is a line of a transcript, and changes neither state nor expiry', async () => {
    const chat = converse(survey);
    await chat.send(LOCATION as never);
    await chat.say('hi');
    await chat.say('Ann');
    const { expiresAt } = chat;
    await chat.advance({ minutes: 5 });
    await chat.send({ type: 'event.leave', key: 'x' });
    expect([chat.state, chat.expiresAt, chat.outcome]).toEqual([
      'age.waiting',
      expiresAt,
      'unhandled',
    ]);
    expect(chat.transcript).toContain('> [leave x]\n! unhandled\n');
  });
});

describe('a reply that is kept for what the user says next', () => {
  const reminding = words.createDialogue({
    id: 'reminding',
    context: {},
    initial: 'waiting',
    states: {
      waiting: {
        on: {
          'message.text': { target: 'waiting', reenter: true, actions: reply('Later.') },
          'event.view': { actions: reply('Seen it.') },
        },
        after: { 60_000: { actions: reply('Your order is ready.') } },
      },
    },
  });

  async function kept() {
    const world = start(reminding, { onUnhandled: () => 'What?' });
    world.runner.on('reply', () => {
      throw new DeliveryError('push_closed', 'Nothing is taken before the user writes.');
    });
    await world.say('hi', 'm1');
    await world.clock.advance({ minutes: 1 });
    expect((await world.runner.inspect('ann'))?.unsent).toBe(1);
    return world;
  }

  it('waits while events come that no state takes', async () => {
    const { say } = await kept();
    for (const event of [LOCATION, UNFOLLOW, LOCATION]) {
      expect(await say(event, 'e')).toEqual(['unhandled']);
    }
    expect(await say('well?')).toEqual(['replied', 'Your order is ready.', 'Later.']);
  });

  it('waits while an event comes that a state takes, and while it is delivered again', async () => {
    const { say, runner } = await kept();
    expect(await say(VIEW, 'e1')).toEqual(['replied', 'Seen it.']);
    expect(await say(VIEW, 'e1')).toEqual(['duplicate', 'Seen it.']);
    expect((await runner.inspect('ann'))?.unsent).toBe(1);
    expect(await say('well?')).toEqual(['replied', 'Your order is ready.', 'Later.']);
    expect(await say('well?')).toEqual(['replied', 'Later.']);
  });

  it('is said to an event by which the user spoke', async () => {
    const { say } = await kept();
    expect(await say({ type: 'event.enter' })).toEqual([
      'unhandled',
      'Your order is ready.',
      'What?',
    ]);
  });
});

describe('a conversation that another definition has left', () => {
  const before = words.createDialogue({
    id: 'booking',
    context: {},
    initial: 'date',
    states: {
      date: {
        entry: reply('Which day?'),
        on: { 'message.text': 'time' },
        after: { 60_000: 'time' },
      },
      time: {},
    },
  });
  const states = {
    day: { entry: reply('Which day, please?'), on: { 'event.view': 'seen' } },
    quiet: { on: { 'event.view': { target: 'seen', actions: reply('Seen it.') } } },
    seen: {},
  };
  const asks = words.createDialogue({
    id: 'booking',
    version: '2',
    context: {},
    initial: 'day',
    states,
  });
  const silent = words.createDialogue({
    id: 'booking',
    version: '2',
    context: {},
    initial: 'quiet',
    states,
  });

  it.each([
    [asks, LOCATION],
    [asks, VIEW],
    [silent, LOCATION],
  ] as const)('is not touched if no state takes the event (%#)', async (after, event) => {
    const disk = createDisk();
    await start(before, { disk }).say('hi');
    const records = [...disk.records.values()];
    const { say } = start(after, { disk });
    expect(await say(event)).toEqual(['unhandled']);
    expect([...disk.records.values()]).toEqual(records);
  });

  it('starts again if nothing is said before a state takes the event', async () => {
    const disk = createDisk();
    await start(before, { disk }).say('hi');
    const { say } = start(silent, { disk });
    expect(await say(VIEW)).toEqual(['replied', 'Seen it.']);
  });

  it('is not touched where it is migrated, either', async () => {
    const disk = createDisk();
    await start(before, { disk }).say('hi');
    const records = [...disk.records.values()];
    const migrate = {
      0: (stored: { readonly snapshot: object }) => ({
        ...stored,
        snapshot: { ...stored.snapshot, value: 'quiet' },
      }),
    };
    const { say } = start(asks, { disk, migrate: migrate as never });
    expect(await say(LOCATION)).toEqual(['unhandled']);
    expect([...disk.records.values()]).toEqual(records);
  });
});
