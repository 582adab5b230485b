import { describe, expect, onTestFinished, test } from 'vitest';
import {
  PersistError,
  type Persister,
  createContextStore,
  createRunner,
  number,
  setupDialogue,
} from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { hidingRedaction } from '../../src/studio/observe/redaction.ts';
import { RunnerWatch, type WatchOptions } from '../../src/studio/observe/runner-watch.ts';
import { TurnRing } from '../../src/studio/observe/turn-ring.ts';
import type { StudioEvent } from '../../src/studio/server/desk.ts';
import type { TurnEntry } from '../../src/studio/wire.ts';

const { createDialogue, ask, reply } = setupDialogue({
  types: {} as { context: { people?: number } },
});

function createTables() {
  return createDialogue({
    id: 'tables',
    context: {},
    initial: 'people',
    states: {
      people: ask({
        question: 'How many people?',
        parse: number(),
        assign: 'people',
        timeout: [{ after: { minutes: 10 }, say: 'Still there?' }],
        target: 'large',
      }),
      large: {
        always: [
          {
            guard: function many({ context }) {
              return (context.people ?? 0) > 8;
            },
            target: 'over',
          },
          { target: 'booked' },
        ],
      },
      booked: { entry: reply('Booked.') },
      over: { type: 'final', entry: reply('Too many.') },
    },
  });
}

function watched(options: WatchOptions = {}, persister?: Persister) {
  const clock = createManualClock();
  const store = createContextStore({ clock, ...(persister && { persister }) });
  const runner = createRunner(createTables(), { store });
  const events: StudioEvent[] = [];
  const watch = new RunnerWatch(runner, { elapsed: () => clock.now(), ...options });
  watch.subscribe((event) => events.push(event));
  onTestFinished(async () => {
    watch.close();
    await runner.stop();
    await store.close();
  });
  const turns = (): TurnEntry[] =>
    events.flatMap((event) => (event.name === 'turn' ? [event.data] : []));
  return { clock, runner, store, events, watch, turns };
}

describe('a turn that is watched', () => {
  test('has its message, its replies, its phases, its way, and the conversation before and after it', async () => {
    const { runner, turns } = watched();
    await runner.handle('ann', 'hello', { id: 'm-1' });
    await runner.handle('ann', '12', { id: 'm-2' });
    const [first, second] = turns();
    expect(first).toMatchObject({
      turn: 1,
      openid: 'ann',
      cause: 'message',
      label: 'hello',
      outcome: 'replied',
    });
    expect(first?.before).toBeUndefined();
    expect(second).toMatchObject({
      turn: 2,
      id: 'm-2',
      message: { type: 'message.text', text: '12' },
      replies: [{ type: 'text', text: 'Too many.' }],
      before: { active: ['tables:', 'tables:people'], state: 'people', context: {} },
      after: { status: 'done', active: ['tables:', 'tables:over'], context: { people: 12 } },
    });
    expect(second?.phases.map(({ name }) => name)).toEqual([
      'lane',
      'load',
      'step',
      'commit',
      'release',
      'services',
    ]);
    expect(second?.way.at(-1)).toEqual({
      from: 'tables:large',
      transition: 'transition tables large||0',
      event: '',
      isTaken: true,
      guard: { name: 'many', holds: true },
    });
  });

  test('shows the guard that did not hold before the transition that was taken for it', async () => {
    const { runner, turns } = watched();
    await runner.handle('ann', 'hello');
    await runner.handle('ann', '2');
    const way = turns()[1]?.way.filter(({ from }) => from === 'tables:large');
    expect(way).toMatchObject([
      { isTaken: false, guard: { name: 'many', holds: false } },
      { isTaken: true, transition: 'transition tables large||1' },
    ]);
  });

  test('of a timer has its name, and what it said is there once', async () => {
    const { runner, clock, turns } = watched();
    const pushed: unknown[] = [];
    runner.on('reply', (event) => pushed.push(event.reply));
    await runner.handle('ann', 'hello');
    expect(turns()[0]?.after?.timers).toMatchObject([{ name: 'reminder of people' }]);
    await clock.advance(600_000);
    await runner.idle('ann');
    expect(pushed).toEqual([{ type: 'text', text: 'Still there?' }]);
    expect(turns()).toHaveLength(2);
    expect(turns()[1]).toMatchObject({
      cause: 'timer',
      label: 'reminder of people',
      replies: [{ type: 'text', text: 'Still there?' }],
    });
  });

  test('is not mixed up with that of another runner of the same dialogue', async () => {
    const dialogue = createTables();
    const [one, two] = [createRunner(dialogue), createRunner(dialogue)];
    const watch = new RunnerWatch(one);
    onTestFinished(async () => {
      watch.close();
      await Promise.all([one.stop(), two.stop()]);
    });
    await Promise.all([one.handle('ann', 'hello'), two.handle('bob', 'hello')]);
    await two.handle('bob', '2');
    expect(watch.ring.turns.map(({ openid }) => openid)).toEqual(['ann']);
    expect(watch.ring.turns[0]?.way.every(({ from }) => from.startsWith('tables:'))).toBe(true);
    expect(watch.ring.turns[0]?.way.filter(({ from }) => from === 'tables:large')).toEqual([]);
  });

  test('that failed has the code, and so has a message that found no room', async () => {
    const { createDialogue: create } = setupDialogue({ types: {} as { context: object } });
    const runner = createRunner(
      create({
        id: 'broken',
        context: {},
        on: {
          'message.*': {
            actions: () => {
              throw new Error('of ann');
            },
            guard: () => {
              throw new Error('of ann');
            },
          },
        },
      }),
      { onError: () => undefined },
    );
    runner.on('error', () => {});
    const watch = new RunnerWatch(runner);
    onTestFinished(() => runner.stop());
    await runner.handle('ann', 'hello');
    expect(watch.ring.turns).toMatchObject([{ outcome: 'failed', error: { code: 'step_failed' } }]);
    watch.close();
  });
});

test('what runner.say() says is an entry, too', async () => {
  const { runner, turns } = watched();
  runner.on('reply', () => {});
  await runner.say('ann', 'Your parcel is here.');
  expect(turns()).toMatchObject([
    {
      openid: 'ann',
      label: 'runner.say()',
      replies: [{ type: 'text', text: 'Your parcel is here.' }],
    },
  ]);
});

test('the watch reports conversations as they change, move and end', async () => {
  const { runner, store, events } = watched();
  await runner.handle('ann', 'hello');
  await runner.move('ann', 'anna');
  await store.delete('anna');
  const told = events.filter(({ name }) => name !== 'turn');
  expect(told).toMatchObject([
    { name: 'conversation', data: { openid: 'ann', state: 'people' } },
    { name: 'conversation', data: { openid: 'anna' } },
    { name: 'gone', data: { openid: 'ann' } },
    { name: 'gone', data: { openid: 'anna' } },
  ]);
});

test('a watch takes no replies, and a reply that no listener takes fails as before', async () => {
  const { runner } = watched();
  await expect(runner.say('ann', 'hi')).rejects.toMatchObject({ code: 'no_reply_listener' });
});

test('a redacted watch holds no text, no context and no openid', async () => {
  const { runner, watch, events } = watched({ redaction: hidingRedaction() });
  await runner.handle('secret-openid', 'secret text', { id: 'secret-id' });
  await runner.handle('secret-openid', '4711');
  const all = JSON.stringify([events, watch.backlog()]);
  expect(all).not.toMatch(/secret|4711|Booked|How many/u);
  expect(events).toMatchObject([{}, {}, {}, {}]);
});

test('a redacted watch says of an error which one it is, as a program may put anything into its text', async () => {
  const persister = memory();
  persister.save = () => {
    throw new PersistError('unavailable', 'secret-openid is not taken', { retryable: false });
  };
  const { runner, watch, events } = watched({ redaction: hidingRedaction() }, persister);
  runner.on('error', () => {});
  await runner.handle('secret-openid', 'secret text');
  expect(JSON.stringify([events, watch.backlog()])).not.toContain('secret');
  const error = { code: 'unavailable', text: 'PersistError' };
  expect(events).toContainEqual({ name: 'problem', data: error });
  expect(watch.ring.turns).toMatchObject([{ outcome: 'failed', error }]);
});

test('a redaction knows the last 1000 users behind their hashes', () => {
  const { openid, plainOpenid } = hidingRedaction();
  const names = Array.from({ length: 1001 }, (_, index) => openid(`user-${index}`));
  expect(plainOpenid(names[0] ?? '')).toBe(names[0]);
  expect(plainOpenid(names[1] ?? '')).toBe('user-1');
  expect(plainOpenid('somebody new')).toBe('somebody new');
});

describe('the turns that are kept', () => {
  const turn = (text: string): Omit<TurnEntry, 'turn'> => ({
    openid: 'ann',
    at: 0,
    cause: 'message',
    label: text,
    outcome: 'silent',
    replies: [],
    phases: [],
    way: [],
  });

  test('are the last 10 000, and the older ones are counted', () => {
    const ring = new TurnRing();
    for (let count = 0; count < 10_001; count += 1) ring.add(turn('a'));
    expect([ring.turns.length, ring.turns[0]?.turn, ring.dropped]).toEqual([10_000, 2, 1]);
  });

  test('have a maximum of bytes', () => {
    const ring = new TurnRing({ maxBytes: 3000 });
    for (let count = 0; count < 10; count += 1) ring.add(turn('x'.repeat(900)));
    expect(ring.turns.map((each) => each.turn)).toEqual([9, 10]);
  });

  test('end where they are rewound to, and go on from there', () => {
    const ring = new TurnRing();
    for (let count = 0; count < 3; count += 1) ring.add(turn('a'));
    ring.rewind(1);
    expect(ring.add(turn('b'))).toMatchObject({ turn: 2, label: 'b' });
    expect(ring.turns).toHaveLength(2);
  });

  test('have 1000 conversations at most', () => {
    const ring = new TurnRing();
    for (let count = 0; count < 1001; count += 1) {
      ring.stands({
        openid: `u-${count}`,
        revision: 1,
        savedAt: 0,
        status: 'none',
        active: [],
        state: '',
        timers: [],
        services: [],
        outbox: [],
        seen: { count: 0, last: [] },
        waiting: 0,
      });
    }
    expect(ring.conversations).toHaveLength(1000);
    expect(ring.conversations[0]?.openid).toBe('u-1');
  });
});
