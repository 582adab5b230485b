import fc from 'fast-check';
import { fromPromise } from 'xstate';
import { expect, it } from 'vitest';
import {
  type ContextStore,
  type Runner,
  type Turn,
  createContextStore,
  createRunner,
  formatReply,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type ManualClock, createManualClock } from 'colloquy/testing';

/**
 * The six promises as one model: random messages, redeliveries, throws, failing saves, services, plain updates, time
 * jumps, evictions and crashes, over a machine whose state the model can compute. A file is a message that no state but
 * one takes; no state takes a location.
 */

/** The histories in each world. SIM_RUNS of them find what 150 rarely do; a failure prints its seed and path. */
const RUNS = Number(process.env['SIM_RUNS'] ?? 150);

const AGE = 7200;
const REMIND_MS = 60_000;

const words = setupDialogue({
  types: {} as { context: { n: number; log: string[]; reminded: number } },
  actions: { act: () => {} },
  actors: { echo: fromPromise(async ({ input }: { input: string }) => input) },
});
const note = words.assign({
  n: ({ context }) => context.n + 1,
  log: ({ context, event }) =>
    [...context.log, 'text' in event ? event.text : event.type].slice(-5),
});
const dialogue = words.createDialogue({
  id: 'model',
  version: '1',
  context: { n: 0, log: [], reminded: 0 },
  initial: 'on',
  states: {
    on: {
      on: {
        'message.text': { actions: [note, words.reply(({ context }) => `n ${context.n}`), 'act'] },
        'message.image': {
          actions: [
            note,
            words.reply('never said'),
            words.assign(() => {
              throw new Error('boom');
            }),
          ],
        },
        'message.voice': 'asking',
        'message.video': 'waiting',
      },
    },
    asking: {
      invoke: {
        src: 'echo',
        input: 'served',
        onDone: {
          target: 'on',
          actions: [
            words.assign({ n: ({ context }) => context.n + 1 }),
            words.reply(({ event }) => event.output),
          ],
        },
      },
    },
    waiting: {
      after: {
        [REMIND_MS]: {
          target: 'on',
          actions: [
            words.assign({ reminded: ({ context }) => context.reminded + 1 }),
            words.reply('reminder'),
          ],
        },
      },
      on: {
        'message.*': { target: 'on', actions: [note, words.reply('back')] },
        'event.location': { guard: () => false, target: 'on' },
      },
    },
  },
});

type Command =
  | {
      readonly do: 'send';
      readonly user: string;
      readonly kind: 'text' | 'image' | 'voice' | 'video' | 'file';
      readonly text: string;
      readonly copies: number;
    }
  | { readonly do: 'report'; readonly user: string; readonly copies: number }
  | { readonly do: 'burst'; readonly users: readonly string[] }
  | { readonly do: 'redeliver'; readonly back: number }
  | { readonly do: 'update'; readonly user: string }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'failSaves'; readonly count: number }
  | { readonly do: 'crash' };

const user = fc.constantFrom('a', 'b', 'c', 'd');
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      user,
      kind: fc.constantFrom('text', 'image', 'voice', 'video', 'file'),
      text: fc.string({ maxLength: 8 }),
      copies: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      user,
      copies: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('redeliver' as const),
      back: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 80 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('burst' as const),
      users: fc.array(user, { maxLength: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), user }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(0, 1, REMIND_MS - 1, REMIND_MS, 600_000, AGE * 1000 - 1, AGE * 1000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('failSaves' as const),
      count: fc.integer({ min: 1, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

/** The expected facts about a user, computed without the library. */
interface Expected {
  n: number;
  log: string[];
  reminded: number;
  extra: number;
  /** Undefined until the dialogue starts: an update makes a record without one. */
  state: 'on' | 'waiting' | undefined;
  savedAt: number;
  remindAt: number | undefined;
}

class Model {
  readonly users = new Map<string, Expected>();
  readonly said: string[] = [];
  readonly expired: string[] = [];
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  touch(name: string): Expected {
    let expected = this.users.get(name);
    if (expected === undefined) {
      expected = {
        n: 0,
        log: [],
        reminded: 0,
        extra: 0,
        state: undefined,
        savedAt: this.now,
        remindAt: undefined,
      };
      this.users.set(name, expected);
    }
    expected.savedAt = this.now;
    return expected;
  }

  /** @returns the replies */
  send(name: string, kind: string, text: string): string[] | 'failed' {
    const known = this.users.get(name);
    if (kind === 'image' && known?.state !== 'waiting') return 'failed';
    // No state takes it, so it postpones no expiry, unless it starts the dialogue.
    if (kind === 'file' && known?.state === 'on') return [];
    const expected = this.touch(name);
    expected.state ??= 'on';
    if (kind === 'file' && expected.state === 'on') return [];
    const wrote = kind === 'text' ? text : `message.${kind}`;
    if (expected.state === 'waiting') {
      expected.state = 'on';
      expected.remindAt = undefined;
      expected.n += 1;
      expected.log = [...expected.log, wrote].slice(-5);
      return ['back'];
    }
    if (kind === 'video') {
      expected.state = 'waiting';
      expected.remindAt = this.now + REMIND_MS;
      return [];
    }
    expected.n += 1;
    if (kind === 'voice') return ['served'];
    expected.log = [...expected.log, wrote].slice(-5);
    return [`n ${expected.n}`];
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      let next: { at: number; name: string; what: 'remind' | 'expire' } | undefined;
      for (const [name, { remindAt, savedAt }] of this.users) {
        const at = remindAt ?? savedAt + AGE * 1000;
        const what = remindAt === undefined ? 'expire' : 'remind';
        if (at <= until && (next === undefined || at < next.at)) next = { at, name, what };
      }
      if (next === undefined) break;
      this.now = next.at;
      if (next.what === 'expire') {
        this.users.delete(next.name);
        this.expired.push(next.name);
      } else {
        const expected = this.touch(next.name);
        expected.state = 'on';
        expected.remindAt = undefined;
        expected.reminded += 1;
        this.said.push(`${next.name}: reminder`);
      }
    }
    this.now = until;
  }
}

/** The real store and runner, in a world that can crash and whose disk can fail. */
class Real {
  readonly clock: ManualClock;
  readonly said: string[] = [];
  readonly expired: string[] = [];
  store!: ContextStore;
  runner!: Runner;
  failing = 0;
  readonly #disk = createDisk();
  readonly #durable: boolean;
  readonly #max: number;
  #generation = 0;

  constructor(clock: ManualClock, durable: boolean, max: number) {
    this.clock = clock;
    this.#durable = durable;
    this.#max = max;
    this.boot();
  }

  boot(): void {
    this.#generation += 1;
    const generation = this.#generation;
    const disk = memory(this.#disk);
    const isAlive = (): boolean => generation === this.#generation;
    const dead = new Promise<never>(() => {});
    const persister = {
      ...disk,
      load: (openid: string) => (isAlive() ? disk.load(openid) : dead),
      due: (until: number, limit: number) => (isAlive() ? disk.due(until, limit) : dead),
      delete: (openid: string, expected?: number) =>
        isAlive() ? disk.delete(openid, expected) : dead,
      save: async (...args: Parameters<typeof disk.save>) => {
        if (!isAlive()) return dead;
        if (this.failing > 0) {
          this.failing -= 1;
          throw new Error('disk full');
        }
        return disk.save(...args);
      },
    };
    const { clock } = this;
    this.store = createContextStore({
      clock,
      age: AGE,
      max: this.#max,
      ...(this.#durable && { persister }),
    });
    this.runner = createRunner(dialogue, { store: this.store });
    this.runner.on('error', () => {});
    this.store.on('error', () => {});
    this.runner.on('reply', ({ openid, reply }) => {
      if (isAlive()) this.said.push(`${openid}: ${formatReply(reply)}`);
    });
    this.store.on('expire', ({ openid }) => {
      if (isAlive()) this.expired.push(openid);
    });
  }

  get isDurable(): boolean {
    return this.#durable;
  }
}

async function play(commands: readonly Command[], durable: boolean, max: number): Promise<void> {
  const clock = createManualClock();
  const real = new Real(clock, durable, max);
  const model = new Model(clock.now());
  const sent: {
    user: string;
    message: { type: 'message.text'; text: string };
    id: string;
    at: number;
    replies: string[];
  }[] = [];
  let ids = 0;

  const answer = (turn: Turn): string[] => turn.replies.map(formatReply);

  for (const step of commands) {
    switch (step.do) {
      case 'send': {
        ids += 1;
        const id = `m${ids}`;
        const message = {
          type: `message.${step.kind}`,
          ...(step.kind === 'text' && { text: step.text }),
        } as { type: 'message.text'; text: string };
        const saveFails = real.isDurable && real.failing > 0;
        // Several copies at once: only one of them runs.
        const turns = await Promise.all(
          Array.from({ length: step.copies }, () => real.runner.handle(step.user, message, { id })),
        );
        const [first, ...copies] = turns as [Turn, ...Turn[]];
        const throws = step.kind === 'image' && model.users.get(step.user)?.state !== 'waiting';
        if (saveFails && !throws) {
          // The write failed: no caller saw anything, nothing counted.
          if (first.outcome !== 'failed') throw new Error('a failed save was answered');
          expect(answer(first)).toEqual([]);
          await settleFailures(real, model, step, message, id, copies);
          break;
        }
        const expected = model.send(step.user, step.kind, step.text);
        if (expected === 'failed') {
          expect(
            turns.map(({ outcome, replies }) => [
              outcome === 'failed' || outcome === 'duplicate',
              replies,
            ]),
          ).toEqual(turns.map(() => [true, []]));
          break;
        }
        expect(answer(first)).toEqual(expected);
        for (const copy of copies)
          expect([copy.outcome, answer(copy)]).toEqual(['duplicate', expected]);
        sent.push({ user: step.user, message, id, at: model.now, replies: expected });
        break;
      }
      case 'report': {
        ids += 1;
        const id = `e${ids}`;
        const turns = await Promise.all(
          Array.from({ length: step.copies }, () =>
            real.runner.handle(step.user, { type: 'event.location' }, { id }),
          ),
        );
        for (const { outcome, replies } of turns) {
          expect([outcome === 'unhandled' || outcome === 'duplicate', replies]).toEqual([true, []]);
        }
        break;
      }
      case 'burst': {
        if (real.failing > 0) break;
        // Many messages of several users at once: those of each user in order, through a service and back.
        const turns = step.users.flatMap((name) =>
          (['message.voice', 'message.text'] as const).map((type) => ({
            turn: real.runner.handle(name, type === 'message.text' ? 'burst' : { type }),
            expected: model.send(name, type.slice('message.'.length), 'burst'),
          })),
        );
        for (const { turn, expected } of turns) expect(answer(await turn)).toEqual(expected);
        break;
      }
      case 'redeliver': {
        const old = sent.at(-step.back);
        // Only while the store remembers the id: for ten minutes, and as long as the conversation lives.
        if (old === undefined || model.now - old.at >= 600_000 || !model.users.has(old.user)) break;
        const turn = await real.runner.handle(old.user, old.message, { id: old.id });
        // A record keeps the replies to the last sixteen messages that got any.
        const newer = sent.slice(sent.indexOf(old) + 1).filter(({ user }) => user === old.user);
        const isKept = newer.filter(({ replies }) => replies.length > 0).length < 16;
        expect([turn.outcome, answer(turn)]).toEqual(['duplicate', isKept ? old.replies : []]);
        break;
      }
      case 'update': {
        if (real.failing > 0) break;
        await real.store.update(step.user, (context) =>
          context.set('extra', Number(context.get('extra', 0)) + 1),
        );
        model.touch(step.user).extra += 1;
        break;
      }
      case 'advance':
        if (real.failing > 0) break;
        await clock.advance(step.ms);
        model.advance(step.ms);
        break;
      case 'failSaves':
        if (real.isDurable) real.failing = step.count;
        break;
      case 'crash':
        if (!real.isDurable) break;
        real.boot();
        await real.runner.start();
        break;
    }
    expect(real.store.size).toBeLessThanOrEqual(max);
  }

  real.failing = 0;
  await clock.advance(0);
  for (const name of ['a', 'b', 'c', 'd']) {
    const expected = model.users.get(name);
    expect(await real.store.exists(name)).toBe(expected !== undefined);
    if (expected === undefined) continue;
    const { n, log, reminded, extra } = expected;
    const data = (await real.store.open(name)).toJSON() as Record<string, unknown>;
    expect({ n: 0, log: [], reminded: 0, extra: 0, ...data }).toEqual({ n, log, reminded, extra });
  }
  expect(real.said.toSorted()).toEqual(model.said.toSorted());
  expect(real.expired.toSorted()).toEqual(model.expired.toSorted());
}

/** After a failed save the disk works again, and the same message arrives once more: now it counts, once. */
async function settleFailures(
  real: Real,
  model: Model,
  step: Extract<Command, { do: 'send' }>,
  message: { type: 'message.text'; text: string },
  id: string,
  copies: readonly Turn[],
): Promise<void> {
  for (const copy of copies) expect(copy.replies).toEqual([]);
  real.failing = 0;
  const again = await real.runner.handle(step.user, message, { id });
  const expected = model.send(step.user, step.kind, step.text);
  expect(again.replies.map(formatReply)).toEqual(expected);
}

/** Histories that random ones rarely hit: each was one. */
const RARE: readonly Command[][] = [
  // The file starts the dialogue over the record of the update, one millisecond before that expires.
  [
    { do: 'update', user: 'c' },
    { do: 'advance', ms: AGE * 1000 - 1 },
    { do: 'send', user: 'c', kind: 'file', text: '', copies: 1 },
    { do: 'advance', ms: REMIND_MS },
  ],
];

it.each([
  ['in memory', false, 100],
  ['over a persister', true, 100],
  ['over a persister, with room for one in memory', true, 1],
])('the six promises hold for any events, %s', async (_where, durable, max) => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), (commands) =>
      play(commands, durable, max),
    ),
    { numRuns: RUNS, examples: RARE.map((commands) => [commands]) },
  );
});
