import {
  ColloquyError,
  type LoadedRecord,
  type Persister,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type Fault, type PersisterCall, createManualClock, faulty } from 'colloquy/testing';
import { expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { deferred, texts } from './world.ts';

/** Processes on a disk whose next calls of a kind a test can spoil. */
function createPlace({ shared = false, max = 100 } = {}) {
  const clock = createManualClock();
  const disk = createDisk();
  const runs: string[] = [];
  const faults: [PersisterCall['method'], Fault][] = [];
  let serve = (): Promise<string> => Promise.resolve('served');
  const words = setupDialogue({
    types: {} as { context: object },
    actors: {
      work: fromPromise(({ self }) => {
        runs.push(self.id);
        return serve();
      }),
    },
  });
  const dialogue = words.createDialogue({
    id: 'faults',
    context: {},
    initial: 'open',
    states: {
      open: {
        on: { 'message.video': 'working', 'message.image': 'waiting' },
      },
      working: {
        invoke: {
          src: 'work',
          onDone: { target: 'open', actions: words.reply(({ event }) => String(event.output)) },
        },
        on: { 'message.text': { actions: words.reply('Still at it.') } },
      },
      waiting: { after: { 60_000: { target: 'open', actions: words.reply('Now.') } } },
    },
  });
  const choose = ({ method }: PersisterCall): Fault | undefined => {
    const next = faults.findIndex(([each]) => each === method);
    return next < 0 ? undefined : faults.splice(next, 1)[0]?.[1];
  };
  function start(owner = 'a') {
    const persister: Persister = faulty(memory(disk, { shared, clock }), { clock, choose });
    const store = createContextStore({ clock, persister, max, lease: { owner } });
    const runner = createRunner(dialogue, { store });
    const said: string[] = [];
    const ignore = (): void => {};
    const codes: string[] = [];
    runner.on('error', ({ error }) => codes.push(ColloquyError.is(error) ? error.code : 'foreign'));
    store.on('error', ignore);
    runner.on('reply', ({ openid, reply }) => said.push(`${openid}: ${texts([reply]).join()}`));
    onTestFinished(() => store.close());
    return { store, runner, said, codes };
  }
  return {
    clock,
    disk,
    runs,
    start,
    fail: (method: PersisterCall['method'], fault: Fault) => void faults.push([method, fault]),
    serve: (next: typeof serve) => {
      serve = next;
    },
  };
}

const video = { type: 'message.video' } as const;
const image = { type: 'message.image' } as const;

it('a service whose start was written and not acknowledged is started, though its record is loaded again first', async () => {
  const { clock, start, fail, runs } = createPlace();
  const { runner, said } = start();
  fail('save', { outcome: 'lost' });
  const turns = [runner.handle('ann', video), runner.handle('ann', 'x')];
  const [first, second] = await Promise.all(turns);
  expect([first?.outcome, texts(second?.replies ?? [])]).toEqual(['failed', ['Still at it.']]);
  await clock.advance({ seconds: 5 });
  expect([runs.length, said]).toEqual([1, ['ann: served']]);
});

it('the same, though another write ends while that record is being loaded', async () => {
  const { clock, start, fail, runs } = createPlace();
  const { runner, store, said } = start();
  const draft = await store.open('ann');
  fail('load', {});
  fail('load', { afterMs: 10 });
  fail('save', { outcome: 'lost' });
  const turns = [runner.handle('ann', video), runner.handle('ann', 'x')];
  await clock.advance(5);
  await expect(draft.save()).rejects.toMatchObject({ code: 'conflict' });
  await clock.advance({ seconds: 5 });
  const [first, second] = await Promise.all(turns);
  expect([first?.outcome, texts(second?.replies ?? [])]).toEqual(['failed', ['Still at it.']]);
  expect([runs.length, said]).toEqual([1, ['ann: served']]);
});

it.each([
  ['is gone', (disk: Disk) => void disk.records.delete('ann')],
  ['is another one', (disk: Disk, other: LoadedRecord) => void disk.records.set('ann', other)],
] as const)(
  'replies of a result are reported as undelivered if nobody can know any more whether it was written: the conversation %s',
  async (_which, replace) => {
    const { clock, disk, start, fail, serve } = createPlace();
    const { runner, said, codes } = start();
    await runner.handle('bob', image);
    const other = disk.records.get('bob');
    const gate = deferred<string>();
    serve(() => gate.promise);
    const turn = runner.handle('ann', video, { id: 'm1' });
    await clock.advance(10);
    fail('save', { outcome: 'lost' });
    for (let count = 0; count < 3; count += 1) fail('load', { outcome: 'refused' });
    gate.resolve('served');
    await clock.advance(10);
    if (other === undefined) throw new Error('bob has no record');
    replace(disk, { ...other, openid: 'ann' });
    await clock.advance({ minutes: 1 });
    expect((await turn).outcome).toBe('pending');
    expect([said.filter((line) => line.startsWith('ann')), codes]).toEqual([
      [],
      expect.arrayContaining(['undelivered']),
    ]);
    expect(codes.filter((code) => code === 'undelivered')).toHaveLength(1);
  },
);

it('a service that a former process left is started, though a message comes before start() has found it', async () => {
  const { clock, start, serve, runs } = createPlace();
  const before = start();
  serve(() => new Promise(() => {}));
  const turn = before.runner.handle('ann', video);
  await clock.advance({ seconds: 5 });
  expect(await turn).toMatchObject({ outcome: 'pending' });
  await before.runner.stop();
  await before.store.close();
  serve(() => Promise.resolve('served'));
  const { runner, said } = start();
  const starting = runner.start();
  expect(texts((await runner.handle('ann', 'x')).replies)).toEqual(['Still at it.']);
  await starting;
  await clock.advance({ seconds: 5 });
  expect([runs.length, said]).toEqual([2, ['ann: served']]);
});

it.each([
  ['read', 'load'],
  ['written', 'save'],
] as const)(
  'a service is run again, under the same key, whose result cannot be %s while its record has left memory',
  async (_what, method) => {
    const { clock, start, fail, serve, runs } = createPlace({ max: 1 });
    const { runner, said } = start();
    const working = deferred<string>();
    serve(() => working.promise);
    const turn = runner.handle('ann', video);
    await clock.advance({ seconds: 5 });
    await turn;
    await runner.handle('bob', image);
    fail(method, { outcome: 'refused', beforeMs: 100 });
    working.resolve('served');
    await clock.advance(50);
    // Another user takes the only place in memory.
    await runner.handle('bob', image);
    await clock.advance({ seconds: 5 });
    expect([runs.length, new Set(runs).size, said]).toEqual([2, 1, ['ann: served']]);
  },
);

it('a timer fires whose turn could not be written while its record left memory', async () => {
  const { clock, start, fail } = createPlace({ max: 1 });
  const { runner, said } = start();
  await runner.handle('ann', image);
  await clock.advance({ seconds: 59 });
  fail('save', { outcome: 'refused', beforeMs: 100 });
  await clock.advance(1050);
  await runner.handle('bob', 'x');
  await clock.advance({ seconds: 5 });
  expect(said).toEqual(['ann: Now.']);
});

it('a message whose caller has left keeps its lane for a service no longer than a second caller waits', async () => {
  const { clock, start, serve } = createPlace();
  const { runner, said, store } = start();
  const [busy, working] = [deferred(), deferred<string>()];
  serve(() => working.promise);
  const update = store.update('ann', () => busy.promise);
  const first = runner.handle('ann', video, { id: 'v' });
  await clock.advance(4600);
  expect(await first).toMatchObject({ outcome: 'pending' });
  const again = runner.handle('ann', video, { id: 'v' });
  busy.resolve();
  await update;
  await clock.advance(4600);
  expect(await again).toMatchObject({ outcome: 'pending' });
  expect(texts((await runner.handle('ann', 'x')).replies)).toEqual(['Still at it.']);
  working.resolve('served');
  await clock.advance({ minutes: 1 });
  expect(said).toEqual(['ann: served']);
});

it('an update that was given up while it waited for a lease does not keep it', async () => {
  const { clock, start, disk } = createPlace({ shared: true });
  const [a, b] = [start('a'), start('b')];
  await a.runner.handle('ann', 'x');
  await memory(disk, { shared: true, clock }).lease?.take('ann', 'dead', 10_050);
  const update = a.store.update('ann', () => undefined);
  const failure = update.catch((error: unknown) => error);
  await clock.advance({ seconds: 11 });
  expect(await failure).toMatchObject({ code: 'update_timeout' });
  expect(disk.leases?.size).toBe(0);
  await b.store.update('ann', (context) => void context.set('by', 'b'));
  expect((await a.store.open('ann')).get('by')).toBe('b');
});
