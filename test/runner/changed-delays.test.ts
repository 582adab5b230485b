import { type AnyStateMachine, createMachine, emit } from 'xstate';
import { type RunnerEvents, type RunnerOptions, jsonCodec, setupDialogue, text } from 'colloquy';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { type Disk, createDisk, memory } from '../../src/persist/memory.ts';
import { createWorld } from './world.ts';

const MINUTE = 60_000;

interface Silence {
  readonly after: number;
  readonly say: string;
  readonly target?: 'over';
}

/** Asks one question, in minutes of silence. `also` changes the structure in what does not matter here. */
function asking(version: string, timeout: readonly Silence[], also = false): AnyStateMachine {
  const { ask, createDialogue, done } = setupDialogue({
    types: {} as { context: { name?: string } },
  });
  return createDialogue({
    id: 'shop',
    version,
    context: {},
    initial: 'name',
    states: {
      name: ask({
        question: 'Your name?',
        parse: text(),
        assign: 'name',
        target: 'over',
        timeout: timeout.map(({ after, ...rest }) => ({ ...rest, after: { minutes: after } })),
      }),
      over: done(),
      ...(also && { more: done() }),
    },
  });
}

const remind = (after: number, say = 'still there?'): Silence => ({ after, say });
const leave = (after: number, say = 'bye'): Silence => ({ after, say, target: 'over' });

const say = (reply: string): never => emit({ type: 'reply', reply }) as never;
const machine = (config: object, options: object = {}): AnyStateMachine =>
  createMachine({ id: 'shop', context: {}, ...config } as never).provide(
    options as never,
  ) as AnyStateMachine;

interface Change {
  readonly from: AnyStateMachine;
  readonly to: AnyStateMachine;
  /** Minutes after which the one version is stopped, and for which nothing runs then. */
  readonly after: number;
  readonly down?: number;
  readonly options?: RunnerOptions;
  /** Does something to what is stored, while nothing runs. */
  readonly meanwhile?: (disk: Disk) => void;
}

interface Changed {
  /** What was said so far, with the minute in which it was. */
  readonly said: readonly string[];
  readonly told: readonly RunnerEvents['incompatible'][];
  readonly errors: readonly unknown[];
  readonly disk: Disk;
  /** Lets time pass until that minute. */
  until(minute: number): Promise<readonly string[]>;
  hear(message: string): Promise<void>;
  restart(dialogue: AnyStateMachine): Promise<void>;
}

/** A user says “hi” to the one version in minute 0, and then nothing more; after a while comes the other version. */
async function change({
  from,
  to,
  after,
  down = 0,
  options = {},
  meanwhile,
}: Change): Promise<Changed> {
  const disk = createDisk();
  const clock = createManualClock();
  const begin = clock.now();
  const minute = (): number => (clock.now() - begin) / MINUTE;
  const said: string[] = [];
  const told: RunnerEvents['incompatible'][] = [];
  const errors: unknown[] = [];
  const boot = async (dialogue: AnyStateMachine) => {
    const world = createWorld(dialogue, {
      ...options,
      clock,
      storeOptions: { persister: memory(disk), age: 24 * 3600 },
    });
    world.runner.on('reply', ({ reply }) => {
      said.push(`${minute()} ${reply.type === 'text' ? reply.text : reply.type}`);
    });
    world.runner.on('incompatible', (event) => told.push(event));
    world.runner.on('error', ({ error }) => errors.push(error));
    await world.runner.start();
    return world;
  };
  const halt = async ({ runner, store }: Awaited<ReturnType<typeof boot>>): Promise<void> => {
    await runner.stop();
    await store.close();
  };
  let world = await boot(from);
  await world.runner.handle('u', 'hi');
  await clock.advance({ minutes: after });
  await halt(world);
  meanwhile?.(disk);
  await clock.advance({ minutes: down });
  world = await boot(to);
  return {
    said,
    told,
    errors,
    disk,
    async until(end) {
      // Each minute for itself, so that what is said is said in its own.
      while (minute() < end) await clock.advance({ minutes: 1 });
      return said;
    },
    async hear(message) {
      await world.runner.handle('u', message);
    },
    async restart(dialogue) {
      await halt(world);
      world = await boot(dialogue);
    },
  };
}

describe('a delay that a deploy has changed', () => {
  it('is set again, and counts from when the question was asked', async () => {
    const { until, told, errors } = await change({
      from: asking('1', [leave(10)]),
      to: asking('2', [leave(20)]),
      after: 5,
    });
    expect(await until(19)).toEqual([]);
    expect(await until(200)).toEqual(['20 bye']);
    expect([told, errors]).toEqual([[], []]);
  });

  it('also where its version stayed as it was', async () => {
    const { until } = await change({
      from: asking('1', [leave(10)]),
      to: asking('1', [leave(20)]),
      after: 5,
    });
    expect(await until(200)).toEqual(['20 bye']);
  });

  it('comes no later than it would have come, where it is shorter now', async () => {
    const { until } = await change({
      from: asking('1', [leave(10)]),
      to: asking('2', [leave(5)]),
      after: 2,
    });
    const [only, ...others] = await until(200);
    expect(only).toMatch(/^(?:[5-9]|10) bye$/u);
    expect(others).toEqual([]);
  });

  it.each([
    ['longer', 10, 20],
    ['shorter', 10, 5],
  ])('fires at once, and once, where it is past by then (%s)', async (_, before, now) => {
    const { until, restart } = await change({
      from: asking('1', [leave(before)]),
      to: asking('2', [leave(now)]),
      after: 3,
      down: 40,
    });
    expect(await until(50)).toEqual(['43 bye']);
    await restart(asking('2', [leave(now)]));
    expect(await until(200)).toEqual(['43 bye']);
  });

  it('is the same for each of several', async () => {
    const { until, told } = await change({
      from: asking('1', [remind(10), leave(60)]),
      to: asking('2', [remind(20), leave(90)]),
      after: 5,
    });
    expect(await until(300)).toEqual(['20 still there?', '90 bye']);
    expect(told).toEqual([]);
  });

  it('fires in the order of their times, where several are past', async () => {
    const { until } = await change({
      from: asking('1', [remind(10), leave(60)]),
      to: asking('2', [remind(20), leave(90)]),
      after: 5,
      down: 100,
    });
    expect(await until(300)).toEqual(['105 still there?', '105 bye']);
  });

  it('does not fire again where it has fired before', async () => {
    const { until } = await change({
      from: asking('1', [remind(10), leave(60)]),
      to: asking('2', [remind(10), leave(90)]),
      after: 30,
    });
    expect(await until(300)).toEqual(['10 still there?', '90 bye']);
  });

  it('does not remind late where it has reminded before', async () => {
    const { until } = await change({
      from: asking('1', [remind(10), leave(60)]),
      to: asking('2', [remind(20), leave(90)]),
      after: 30,
    });
    expect(await until(300)).toEqual(['10 still there?', '90 bye']);
  });

  it('takes the place of a reminder that has fired, where nothing else is to come', async () => {
    const { until, hear } = await change({
      from: asking('1', [remind(10)]),
      to: machine({
        version: '2',
        initial: 'name',
        states: {
          name: {
            initial: 'waiting',
            states: { waiting: { after: { [20 * MINUTE]: '#shop.over' } } },
          },
          over: { entry: say('bye') },
        },
      }),
      after: 15,
    });
    await hear('x');
    expect(await until(300)).toEqual(['10 still there?', '35 bye']);
  });

  it('is left alone where something else has changed', async () => {
    const timeout = [remind(10), leave(60)];
    const { until, told } = await change({
      from: asking('1', timeout),
      to: asking('2', timeout, true),
      after: 30,
    });
    expect(await until(300)).toEqual(['10 still there?', '60 bye']);
    expect(told).toEqual([]);
  });

  it('is left alone where it has fired, nothing is pending, and something else has changed', async () => {
    const reminding = (version: string, more: object): AnyStateMachine =>
      machine({
        version,
        initial: 'wait',
        states: {
          wait: {
            on: { 'message.text': { actions: say('yes') } },
            after: { [10 * MINUTE]: { actions: say('still there?') } },
          },
          ...more,
        },
      });
    const { until, hear } = await change({
      from: reminding('1', {}),
      to: reminding('2', { more: {} }),
      after: 30,
    });
    await hear('x');
    expect(await until(300)).toEqual(['10 still there?']);
  });

  it('is dropped, and told, where its state has none any more', async () => {
    const { until, told } = await change({
      from: asking('1', [leave(10)]),
      to: asking('2', []),
      after: 5,
    });
    expect(await until(300)).toEqual([]);
    expect(told).toMatchObject([
      { outcome: 'fits', dropped: { timers: ['xstate.after.600000.shop.name.waiting'] } },
    ]);
  });

  it('replaces one, and drops the other, where there is only one now', async () => {
    const { until, told } = await change({
      from: asking('1', [remind(10), leave(60)]),
      to: asking('2', [leave(30)]),
      after: 5,
    });
    expect(await until(300)).toEqual(['30 bye']);
    expect(told).toMatchObject([
      { dropped: { timers: ['xstate.after.3600000.shop.name.waiting'] } },
    ]);
  });

  it('is added where another delay tells when the state was entered', async () => {
    const { until } = await change({
      from: asking('1', [remind(10)]),
      to: asking('2', [remind(10), leave(60)]),
      after: 5,
    });
    expect(await until(300)).toEqual(['10 still there?', '60 bye']);
  });

  it('is added to a state without any from when the conversation is next needed', async () => {
    const states = { wait: { on: { 'message.text': { actions: say('yes') } } }, over: {} };
    const { until, hear } = await change({
      from: machine({ version: '1', initial: 'wait', states }),
      to: machine({
        version: '2',
        initial: 'wait',
        states: {
          ...states,
          wait: { ...states.wait, after: { [10 * MINUTE]: 'over' } },
          over: { entry: say('bye') },
        },
      }),
      after: 5,
    });
    expect(await until(60)).toEqual([]);
    await hear('x');
    expect(await until(300)).toEqual(['70 bye']);
  });

  it('counts again from an answer that could not be read', async () => {
    const { until, hear } = await change({
      from: asking('1', [leave(10)]),
      to: asking('2', [leave(20)]),
      after: 5,
    });
    await until(8);
    await hear(' ');
    expect(await until(300)).toEqual(['28 bye']);
  });
});

describe('a delay of a plain state that a deploy has changed', () => {
  const nested = (version: string, inner: number, outer: number): AnyStateMachine =>
    machine({
      version,
      initial: 'shop',
      states: {
        shop: {
          initial: 'cart',
          after: { [outer * MINUTE]: { target: 'over', actions: say('closed') } },
          states: { cart: { after: { [inner * MINUTE]: { actions: say('empty?') } } } },
        },
        over: {},
      },
    });

  it('is set again in a state and in the state around it', async () => {
    const { until } = await change({
      from: nested('1', 10, 60),
      to: nested('2', 15, 45),
      after: 5,
    });
    expect(await until(300)).toEqual(['15 empty?', '45 closed']);
  });

  const regions = (version: string, one: number, two: number): AnyStateMachine =>
    machine({
      version,
      type: 'parallel',
      states: {
        one: {
          initial: 'a',
          states: { a: { after: { [one * MINUTE]: 'b' } }, b: { entry: say('one') } },
        },
        two: {
          initial: 'a',
          states: { a: { after: { [two * MINUTE]: 'b' } }, b: { entry: say('two') } },
        },
      },
    });

  it('is set again in each region of a parallel state', async () => {
    const { until } = await change({
      from: regions('1', 10, 20),
      to: regions('2', 30, 20),
      after: 5,
    });
    expect(await until(300)).toEqual(['20 two', '30 one']);
  });

  it('is set again by its name, and by a function of the context', async () => {
    const named = (version: string, name: string, delays: object): AnyStateMachine =>
      machine(
        {
          version,
          context: { minutes: 25 },
          initial: 'a',
          states: { a: { after: { [name]: 'b' } }, b: { entry: say('b') } },
        },
        { delays },
      );
    const { until, told } = await change({
      from: named('1', 'soon', { soon: 10 * MINUTE }),
      to: named('2', 'later', {
        later: ({ context }: { context: { minutes: number } }) => context.minutes * MINUTE,
      }),
      after: 5,
    });
    // When the state was entered, its old delay does not tell: its name is no time.
    expect(await until(300)).toEqual(['35 b']);
    expect(told).toEqual([]);
  });

  it('is reported, and fails no turn, where it is none', async () => {
    const named = (version: string, name: string, delays: object): AnyStateMachine =>
      machine(
        {
          version,
          initial: 'a',
          states: {
            a: { after: { [name]: 'b' } },
            b: { entry: say('b') },
          },
        },
        { delays },
      );
    const { until, errors, told } = await change({
      from: named('1', 'soon', { soon: 10 * MINUTE }),
      to: named('2', 'later', { later: () => Number.NaN }),
      after: 5,
    });
    expect(await until(300)).toEqual([]);
    expect(errors).toMatchObject([{ code: 'bad_delay' }]);
    expect(told).toMatchObject([{ outcome: 'fits', dropped: { timers: [expect.any(String)] } }]);
  });
});

describe('a delay of a sub-dialogue that a deploy has changed', () => {
  const withChild = (version: string, minutes: number, outer: number): AnyStateMachine => {
    const inner = setupDialogue({ types: {} as { context: { street?: string } } });
    const address = inner.createDialogue({
      id: 'address',
      context: {},
      initial: 'street',
      states: {
        street: inner.ask({
          question: 'Which street?',
          parse: text(),
          assign: 'street',
          target: 'end',
          timeout: [
            { after: { minutes }, say: 'still there?' },
            { after: { minutes: 4 * minutes }, say: 'gone', target: 'end' },
          ],
        }),
        end: inner.done(),
      },
    });
    const { createDialogue, done } = setupDialogue({
      types: {} as { context: { name?: string } },
      actors: { address },
    });
    return createDialogue({
      id: 'order',
      version,
      context: {},
      initial: 'to',
      states: {
        to: {
          invoke: { src: 'address', onDone: 'thanks' },
          after: { [outer * MINUTE]: { actions: say('hurry') } },
        },
        thanks: done('thanks'),
      },
    } as never) as unknown as AnyStateMachine;
  };

  it('is set again in it, and in the dialogue around it', async () => {
    const { until, told } = await change({
      from: withChild('1', 10, 30),
      to: withChild('2', 15, 20),
      after: 5,
    });
    expect(await until(300)).toEqual(['15 still there?', '20 hurry', '60 gone', '60 thanks']);
    expect(told).toEqual([]);
  });

  it('does not fire again where it has fired before', async () => {
    const { until } = await change({
      from: withChild('1', 10, 30),
      to: withChild('2', 10, 50),
      after: 12,
    });
    expect(await until(300)).toEqual(['10 still there?', '40 gone', '40 thanks']);
  });
});

describe('what is stored of delays', () => {
  it('names those of the state, where there are any', async () => {
    const delays = async (dialogue: AnyStateMachine): Promise<unknown> => {
      const { disk } = await change({ from: dialogue, to: dialogue, after: 1 });
      const record = jsonCodec.decode(disk.records.get('u')?.body ?? '') as {
        dialogue: { delays?: string[] };
      };
      return record.dialogue.delays;
    };
    expect(await delays(asking('1', [remind(10), leave(60)]))).toEqual([
      ':xstate.after.600000.shop.name.waiting',
      ':xstate.after.3600000.shop.name.waiting',
    ]);
    expect(await delays(asking('1', []))).toBeUndefined();
  });

  it('is not needed: of a record without it, what was due by its last commit has fired', async () => {
    const forget = (disk: Disk): void => {
      const record = disk.records.get('u');
      if (record === undefined) return;
      const body = JSON.stringify(JSON.parse(record.body), (key, value: unknown) =>
        key === 'delays' ? undefined : value,
      );
      disk.records.set('u', { ...record, body });
    };
    const { until } = await change({
      from: asking('1', [remind(10), remind(60)]),
      to: asking('2', [remind(10), remind(60), remind(80, 'hello?')], true),
      after: 30,
      meanwhile: forget,
    });
    expect(await until(300)).toEqual(['10 still there?', '60 still there?', '80 hello?']);
  });
});
