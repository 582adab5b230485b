import { type DraftEvent, createContextStore, createRunner, draft, setupDialogue } from 'colloquy';
import { type Disk, createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';

type Emit = (event: DraftEvent) => void;

const { createDialogue, reply } = setupDialogue({
  types: {} as { context: object },
  actors: {
    answer: fromPromise<string, unknown, DraftEvent>(() => new Promise(() => {})),
  },
});

/** `ask` runs the service, `both` runs it twice side by side; `stop` leaves the state. */
const asker = createDialogue({
  id: 'asker',
  context: {},
  initial: 'ready',
  states: {
    ready: {
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'ask', target: 'asking' },
          { guard: ({ event }) => event.text === 'both', target: 'both' },
          { actions: reply('hi') },
        ],
      },
    },
    asking: {
      invoke: {
        src: 'answer',
        onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
        onError: { target: 'ready', actions: reply('failed') },
      },
      on: {
        'message.text': [
          { guard: ({ event }) => event.text === 'stop', target: 'ready' },
          { actions: reply('one moment') },
        ],
      },
    },
    both: {
      type: 'parallel',
      on: { 'message.text': 'ready' },
      states: { left: { invoke: { src: 'answer' } }, right: { invoke: { src: 'answer' } } },
    },
  },
});

interface Run {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly end: (result: string | Error) => void;
}

/** A bot whose services the test runs by hand; a draft is noted as `ann 1: text`, with a number for each id. */
function open({
  disk = createDisk(),
  clock = createManualClock(),
  ids = [],
}: { readonly disk?: Disk; readonly clock?: ManualClock; readonly ids?: string[] } = {}) {
  const runs: Run[] = [];
  const told: string[] = [];
  const errors: unknown[] = [];
  const emitted: unknown[] = [];
  const answer = fromPromise<string, unknown, DraftEvent>(
    ({ emit, signal }) =>
      new Promise<string>((resolve, reject) => {
        const end = (result: string | Error): void =>
          typeof result === 'string' ? resolve(result) : reject(result);
        runs.push({ emit, signal, end });
      }),
  );
  const store = createContextStore({ clock, persister: memory(disk) });
  const runner = createRunner(asker.provide({ actors: { answer } }), { store });
  runner.on('draft', ({ openid, id, text }) => {
    if (!ids.includes(id)) ids.push(id);
    told.push(`${openid} ${ids.indexOf(id) + 1}: ${text}`);
  });
  runner.on('turn', ({ outcome }) => told.push(outcome));
  runner.on('error', ({ error }) => errors.push(error));
  runner.on('emit', (event) => emitted.push(event));
  onTestFinished(async () => {
    const closed = store.close();
    await clock.advance({ seconds: 5 });
    await closed;
  });
  return {
    clock,
    disk,
    ids,
    runner,
    told,
    errors,
    emitted,
    /** The service that started as the given one, from 0. */
    run(at = 0): Run {
      const run = runs[at];
      if (run === undefined) throw new Error(`${runs.length} services have started`);
      return run;
    },
    /** Gives a message to the runner, and lets its deadline pass. */
    async say(openid: string, text: string) {
      const turn = runner.handle(openid, text);
      await clock.advance({ seconds: 5 });
      return turn;
    },
  };
}

describe('the event `draft`', () => {
  it('has the whole text so far under one id, and is empty when the service has ended', async () => {
    const { told, errors, emitted, say, run, clock } = open();
    await say('ann', 'ask');
    run().emit(draft('It'));
    run().emit(draft('It is'));
    run().end('It is late.');
    await clock.advance(0);
    expect(told).toEqual(['pending', 'ann 1: It', 'ann 1: It is', 'ann 1: ', 'replied']);
    expect([errors, emitted]).toEqual([[], []]);
  });

  it('has an id for each run of a service', async () => {
    const { told, say, run, clock } = open();
    await say('ann', 'both');
    run(0).emit(draft('one'));
    run(1).emit(draft('two'));
    await say('ann', 'stop');
    await say('ann', 'ask');
    run(2).emit(draft('three'));
    await clock.advance(0);
    const drafts = told.filter((line) => line.startsWith('ann '));
    expect(drafts.slice(0, 2)).toEqual(['ann 1: one', 'ann 2: two']);
    expect(drafts.slice(2, 4).toSorted()).toEqual(['ann 1: ', 'ann 2: ']);
    expect(drafts.slice(4)).toEqual(['ann 3: three']);
  });

  it('is empty once where the state is left, and nothing comes any more', async () => {
    const { told, say, run } = open();
    await say('ann', 'ask');
    run().emit(draft('It'));
    await say('ann', 'stop');
    run().emit(draft('It is'));
    run().end('It is late.');
    await say('ann', 'hello');
    expect(run().signal.aborted).toBe(true);
    expect(told).toEqual(['pending', 'ann 1: It', 'ann 1: ', 'silent', 'replied']);
  });

  it.each([
    [
      'fails',
      async ({ run, clock }: ReturnType<typeof open>) => {
        run().end(new Error('down'));
        await clock.advance(0);
      },
    ],
    [
      'is aborted by the end of the runner',
      async ({ runner }: ReturnType<typeof open>) => runner.stop(),
    ],
  ])('is empty where the service %s', async (_how, end) => {
    const world = open();
    await world.say('ann', 'ask');
    world.run().emit(draft('It'));
    await end(world);
    expect(world.told.slice(1, 3)).toEqual(['ann 1: It', 'ann 1: ']);
  });

  it('does not come from a service that has sent no draft', async () => {
    const { told, say, run, clock } = open();
    await say('ann', 'ask');
    run().end('It is late.');
    await clock.advance(0);
    expect(told).toEqual(['pending', 'replied']);
  });

  it('goes to the openid that the conversation has, and ends under the former one', async () => {
    const { told, runner, say, run } = open();
    await say('ann', 'ask');
    run().emit(draft('It'));
    await runner.move('ann', 'anne');
    run().emit(draft('It is'));
    await say('anne', 'stop');
    expect(told.slice(1, -1)).toEqual(['ann 1: It', 'ann 1: ', 'anne 1: It is', 'anne 1: ']);
  });

  it('is stored nowhere, and a redelivery gives the committed reply alone', async () => {
    const { told, runner, run, clock, disk } = open();
    const turn = runner.handle('ann', 'ask', { id: '1' });
    await clock.advance(0);
    run().emit(draft('It was'));
    await clock.advance(0);
    expect(JSON.stringify([...disk.records.values()])).not.toContain('It was');
    run().end('It is late.');
    const { replies } = await turn;
    const { outcome, replies: again } = await runner.handle('ann', 'ask', { id: '1' });
    expect([outcome, again]).toEqual(['duplicate', replies]);
    expect(told.filter((line) => line.startsWith('ann'))).toEqual(['ann 1: It was', 'ann 1: ']);
  });

  it('continues under the same id in the process that runs the service after a crash', async () => {
    const before = open();
    await before.say('ann', 'ask');
    before.run().emit(draft('It was'));
    const after = open(before);
    await after.runner.start();
    await after.clock.advance({ minutes: 1 });
    after.run().emit(draft('It is'));
    after.run().end('It is late.');
    await after.clock.advance(0);
    expect(after.told).toEqual(['ann 1: It is', 'ann 1: ', 'replied']);
  });

  it('needs a text: another one is an error, and nothing else', async () => {
    const { told, errors, emitted, say, run, clock } = open();
    await say('ann', 'ask');
    run().emit({ type: 'draft' } as never);
    run().emit({ type: 'draft', text: 7 } as never);
    run().end('It is late.');
    await clock.advance(0);
    expect(told).toEqual(['pending', 'replied']);
    expect(errors).toMatchObject([
      { code: 'bad_draft', details: { service: 'answer' } },
      { code: 'bad_draft' },
    ]);
    expect(emitted).toEqual([]);
  });
});

it('`draft` refuses what is no text', () => {
  expect(() => draft(7 as never)).toThrow('text');
});
