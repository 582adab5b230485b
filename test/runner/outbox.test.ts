import {
  type Persister,
  type RunnerEvents,
  createContextStore,
  createRunner,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type Fault, createManualClock, faulty } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deferred, texts } from './world.ts';

const words = setupDialogue({
  types: {} as { context: object },
  intents: {
    slow: (message) => (message.type === 'message.text' && message.text === 'slow' ? gate : false),
  },
});
let gate: Promise<boolean> = Promise.resolve(false);

/** Says three things, a minute after a message. */
const reminding = words.createDialogue({
  id: 'reminding',
  context: {},
  initial: 'idle',
  on: { 'intent.slow': { actions: words.reply('Slow.') } },
  states: {
    idle: { on: { 'message.text': 'waiting' } },
    waiting: {
      entry: words.reply('Later.'),
      on: { 'message.text': { actions: words.reply('Sooner.') } },
      after: {
        60_000: {
          target: 'idle',
          actions: [words.reply('one'), words.reply('two'), words.reply('three')],
        },
      },
    },
  },
});

/** A process on a disk that outlives it. */
function start(
  disk = createDisk(),
  clock = createManualClock(),
  persister: Persister = memory(disk),
) {
  const store = createContextStore({ clock, persister });
  const runner = createRunner(reminding, { store, recognizeMs: 60_000 });
  const errors: unknown[] = [];
  runner.on('error', ({ error }) => errors.push((error as { code?: unknown }).code));
  store.on('error', ({ error }) => errors.push((error as { code?: unknown }).code));
  onTestFinished(() => store.close());
  return { disk, clock, store, runner, errors };
}

/** Takes what is said; refuses it while `fails` says so. */
function listen(
  runner: ReturnType<typeof start>['runner'],
  fails: (text: string) => boolean = () => false,
) {
  const heard: string[] = [];
  const ids: string[] = [];
  runner.on('reply', ({ reply, id }: RunnerEvents['reply']) => {
    const [text = ''] = texts([reply]);
    ids.push(id);
    if (fails(text)) throw new Error('no network');
    heard.push(text);
  });
  return { heard, ids };
}

describe('a reply that no caller waits for', () => {
  it('is delivered once, in order, and leaves the record', async () => {
    const { runner, clock, disk } = start();
    const { heard, ids } = listen(runner);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    expect(heard).toEqual(['one', 'two', 'three']);
    expect(new Set(ids).size).toBe(3);
    expect(disk.records.get('ann')?.body).not.toContain('three');
    await clock.advance({ minutes: 10 });
    expect(heard).toHaveLength(3);
  });

  it('outlives a crash between the commit and the delivery', async () => {
    const { runner, clock, disk, errors } = start();
    await runner.handle('ann', 'hi');
    // No listener is there, as if the process had died before it could deliver.
    await clock.advance({ minutes: 1 });
    expect(disk.records.get('ann')?.body).toContain('three');
    expect(errors).toEqual([]);
    const next = start(disk, clock);
    const { heard } = listen(next.runner);
    await next.runner.start();
    await clock.advance({ seconds: 10 });
    expect(heard).toEqual(['one', 'two', 'three']);
  });

  it('is delivered again after a listener throws or rejects, from there on, under the same id', async () => {
    const { runner, clock } = start();
    let down = true;
    const { heard, ids } = listen(runner, (text) => down && text === 'two');
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    expect(heard).toEqual(['one']);
    await clock.advance({ seconds: 3 });
    expect(heard).toEqual(['one']);
    down = false;
    await clock.advance({ seconds: 10 });
    expect(heard).toEqual(['one', 'two', 'three']);
    expect(new Set(ids).size).toBe(3);
  });

  it('is delivered in order with replies that are said meanwhile', async () => {
    const { runner, clock } = start();
    const taken = deferred();
    const heard: string[] = [];
    runner.on('reply', async ({ reply }) => {
      if (heard.length === 0) await taken.promise;
      heard.push(...texts([reply]));
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    expect(heard).toEqual([]);
    taken.resolve();
    await clock.advance({ seconds: 10 });
    expect(heard).toEqual(['one', 'two', 'three', 'one', 'two', 'three']);
  });

  it('is given up after twenty tries, and that is reported', async () => {
    const { runner, clock, errors, disk } = start();
    const { ids } = listen(runner, () => true);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    await clock.advance({ hours: 3 });
    expect(errors.filter((code) => code === 'undelivered')).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(disk.records.get('ann')?.body ?? '').not.toContain('three');
  });

  it('is delivered in order when callers leave while their turns are written', async () => {
    const clock = createManualClock();
    let isSlow = true;
    const way = { beforeMs: 1, afterMs: 1 };
    const slow = faulty(memory(), { clock, choose: () => (isSlow ? way : undefined) });
    const { runner } = start(createDisk(), clock, slow);
    onTestFinished(() => void (isSlow = false));
    const { heard } = listen(runner);
    await clock.advance({ seconds: 1 });
    // Each turn is two calls of two milliseconds: the first is being written when both deadlines come.
    const turns = ['hi', 'again'].map((text) =>
      runner.handle('ann', text, { id: text, deadlineMs: 3 }),
    );
    await clock.advance({ seconds: 1 });
    expect((await Promise.all(turns)).map(({ outcome }) => outcome)).toEqual([
      'pending',
      'pending',
    ]);
    expect(heard).toEqual(['Later.', 'Sooner.']);
  });

  it('is delivered once, under one id, when its write succeeded but the answer to the write was lost', async () => {
    const clock = createManualClock();
    const outcomes: Fault[] = [{ afterMs: 10 }, { outcome: 'lost' }];
    const disk = createDisk();
    const persister = faulty(memory(disk), {
      clock,
      choose: ({ method }) => (method === 'save' ? outcomes.shift() : undefined),
    });
    const { runner, errors } = start(disk, clock, persister);
    const { heard, ids } = listen(runner);
    const turn = runner.handle('ann', 'hi', { id: 'm', deadlineMs: 5 });
    await clock.advance({ seconds: 10 });
    expect((await turn).outcome).toBe('pending');
    expect(errors).toEqual(['unavailable']);
    expect([heard, ids]).toEqual([['Later.'], [expect.any(String)]]);
    await clock.advance({ seconds: 40 });
    expect(heard).toEqual(['Later.']);
    expect(disk.records.get('ann')?.body).not.toContain('"outbox"');
  });

  it('is delivered once, too, when that happens while another reply is taken out of the record', async () => {
    const clock = createManualClock();
    let saves = 0;
    let isSlow = true;
    const persister = faulty(memory(), {
      clock,
      choose({ method }) {
        if (method === 'save') saves += 1;
        // Of the turns of both messages; the third is to keep what the second said.
        if (method === 'save' && saves === 3) return { outcome: 'lost' };
        return isSlow ? { beforeMs: 1, afterMs: 1 } : undefined;
      },
    });
    const { runner, errors } = start(createDisk(), clock, persister);
    onTestFinished(() => void (isSlow = false));
    const { heard, ids } = listen(runner);
    await clock.advance({ seconds: 1 });
    const turns = [1, 5].map((deadlineMs, at) =>
      runner.handle('ann', 'hi', { id: `m${at}`, deadlineMs }),
    );
    await clock.advance({ seconds: 1 });
    expect((await Promise.all(turns)).map(({ outcome }) => outcome)).toEqual([
      'pending',
      'pending',
    ]);
    expect(errors).toEqual(['unavailable']);
    expect(heard).toEqual(['Later.', 'Sooner.']);
    expect(new Set(ids).size).toBe(2);
  });

  it('is not also given to a redelivery that joins while it is being written', async () => {
    const clock = createManualClock();
    const slow = faulty(memory(), {
      clock,
      choose: ({ method }) => (method === 'save' ? { afterMs: 10 } : undefined),
    });
    const { runner } = start(createDisk(), clock, slow);
    const { heard } = listen(runner);
    const first = runner.handle('ann', 'hi', { id: 'm', deadlineMs: 5 });
    await clock.advance(15);
    const again = runner.handle('ann', 'hi', { id: 'm', deadlineMs: 500 });
    await clock.advance({ seconds: 10 });
    expect(await first).toMatchObject({ outcome: 'pending', replies: [] });
    expect(await again).toMatchObject({ outcome: 'duplicate', replies: [] });
    expect(heard).toEqual(['Later.']);
  });

  it('is reported if the conversation expires before a listener takes it', async () => {
    const { clock, store, runner, errors } = start();
    listen(runner, () => true);
    await runner.handle('ann', 'hi');
    await store.update('ann', (context) => context.setExpiry({ minutes: 2 }));
    await clock.advance({ minutes: 5 });
    expect(errors.filter((code) => code === 'undelivered')).toHaveLength(3);
    expect(await runner.inspect('ann')).toBeUndefined();
  });

  it('is not reported as lost when the user is deleted', async () => {
    const { clock, store, runner, errors } = start();
    listen(runner, () => true);
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    await store.erase('ann');
    await clock.advance({ minutes: 5 });
    expect(errors).not.toContain('undelivered');
  });

  it('may also be what a turn says after its deadline', async () => {
    const { runner, clock, disk } = start();
    const opened = deferred<boolean>();
    gate = opened.promise;
    const turn = runner.handle('ann', 'slow');
    await clock.advance({ seconds: 5 });
    expect(await turn).toMatchObject({ outcome: 'pending' });
    opened.resolve(false);
    await clock.advance(0);
    expect(disk.records.get('ann')?.body).toContain('outbox');
    const { heard } = listen(runner);
    await clock.advance({ seconds: 2 });
    expect(heard).toEqual(['Later.']);
  });

  it('is waited for by a runner that stops, and the next runner does not deliver it again', async () => {
    const { runner, store, clock, disk, errors } = start();
    const taken = deferred();
    const heard: string[] = [];
    runner.on('reply', async ({ reply }) => {
      await taken.promise;
      heard.push(...texts([reply]));
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    const stopped = runner.stop();
    taken.resolve();
    await stopped;
    await store.close();
    expect(heard).toEqual(['one', 'two', 'three']);
    const next = start(disk, clock);
    const again = listen(next.runner);
    await next.runner.start();
    await clock.advance({ minutes: 1 });
    expect([again.heard, errors]).toEqual([[], []]);
  });

  it('does not keep a runner from stopping when a listener never ends', async () => {
    const { runner, clock } = start();
    runner.on('reply', () => new Promise(() => undefined));
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    const stopped = runner.stop();
    await clock.advance({ seconds: 5 });
    await expect(stopped).resolves.toBeUndefined();
  });

  it('is delivered once by a process that cannot write its removal', async () => {
    const disk = createDisk();
    const inner = memory(disk);
    let fails = false;
    const persister: Persister = {
      ...inner,
      save: (record, expected) =>
        fails ? Promise.reject(new Error('disk full')) : inner.save(record, expected),
    };
    const { runner, clock, errors } = start(disk, createManualClock(), persister);
    const { heard } = listen(runner, (text) => {
      if (text === 'three') fails = true;
      return false;
    });
    await runner.handle('ann', 'hi');
    await clock.advance({ minutes: 1 });
    expect(heard).toEqual(['one', 'two', 'three']);
    expect(errors).toContain('unavailable');
    fails = false;
    await clock.advance({ seconds: 10 });
    expect(heard).toEqual(['one', 'two', 'three']);
    expect(disk.records.get('ann')?.body).not.toContain('three');
  });
});
