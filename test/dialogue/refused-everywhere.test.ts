import * as fc from 'fast-check';
import {
  type AnyStateMachine,
  createMachine,
  fromCallback,
  fromEventObservable,
  fromObservable,
  fromPromise,
  fromTransition,
  setup,
  spawnChild,
} from 'xstate';
import { checkRecords, createContextStore, createRunner, toMermaid } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import {
  converse,
  createCoverage,
  createManualClock,
  explore,
  fromRecord,
  lintDialogue,
  playTranscript,
  walkDialogue,
} from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

const subscribable = (): never => ({ subscribe: () => ({ unsubscribe() {} }) }) as never;
const ok = fromPromise(async () => 1);
const plain = createMachine({ id: 'plain', initial: 'a', states: { a: {} } });

/** Everything that takes a dialogue. */
const takers: Readonly<Record<string, (dialogue: AnyStateMachine) => unknown>> = {
  createRunner: (dialogue) => createRunner(dialogue, { clock: createManualClock() }),
  converse: (dialogue) => converse(dialogue),
  'converse, with stubs': (dialogue) =>
    converse(dialogue, { services: { ok: async () => 2 } as never }),
  'chat.deploy': (dialogue) => converse(plain).deploy(dialogue),
  playTranscript: (dialogue) => playTranscript('> hi\n', dialogue),
  lintDialogue: (dialogue) => lintDialogue(dialogue),
  explore: (dialogue) => explore(dialogue, { budget: 10 }),
  walkDialogue: (dialogue) => walkDialogue(dialogue, { fc, runs: 1, invariants: {} }),
  createCoverage: (dialogue) => createCoverage(dialogue),
  toMermaid: (dialogue) => toMermaid(dialogue),
  checkRecords: (dialogue) => checkRecords(dialogue, []),
};

const logics = {
  'a callback': fromCallback(() => {}),
  'an observable': fromObservable(subscribable),
  'an observable of events': fromEventObservable(subscribable),
  'a transition function': fromTransition((state: number) => state, 0),
};

const uses: Readonly<Record<string, object>> = {
  'invoked beside a service': { states: { a: { invoke: [{ src: 'ok' }, { src: 'other' }] } } },
  'invoked elsewhere than a service': {
    states: { a: { invoke: { src: 'ok', onDone: 'b' } }, b: { invoke: { src: 'other' } } },
  },
  'spawned beside a service': {
    states: { a: { invoke: { src: 'ok' }, entry: spawnChild('other') } },
  },
  'never used': { states: { a: { invoke: { src: 'ok' } } } },
};

async function refusalOf(take: () => unknown): Promise<string> {
  try {
    await take();
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    return `${code}: ${message}`;
  }
  return 'it was taken';
}

describe('what createRunner refuses, everything that takes a dialogue refuses in the same words', () => {
  const machines = Object.entries(logics).flatMap(([kind, other]) =>
    Object.entries(uses).flatMap(([use, config]) => {
      const actors = { ok, other } as never;
      const machine = setup({ actors }).createMachine({
        id: 'm',
        initial: 'a',
        ...config,
      } as never);
      const outer = setup({ actors: { machine } as never }).createMachine({
        id: 'outer',
        initial: 'a',
        states: { a: { invoke: { src: 'machine' } } },
      } as never);
      return [
        [`${kind}, ${use}`, machine as unknown as AnyStateMachine],
        [`${kind}, ${use}, in a sub-dialogue`, outer as unknown as AnyStateMachine],
      ] as const;
    }),
  );
  const others: readonly (readonly [string, AnyStateMachine])[] = [
    ['an actor without a name', createMachine({ invoke: { src: ok } })],
    ['an actor that is not provided', createMachine({ invoke: { src: 'nope' } })],
    ['no machine', {} as never],
    ['nothing', undefined as never],
    ['null', null as never],
    ['a transition on *', createMachine({ on: { '*': {} } })],
    ['a guard that waits', createMachine({ on: { 'message.*': { guard: async () => false } } })],
    ['an action that is not provided', createMachine({ entry: 'nope' })],
    ['an initial state that is not there', createMachine({ initial: 'nope', states: { a: {} } })],
    ['an event of another name', createMachine({ on: { 'mesage.text': {} } })],
  ];
  it.each([...machines, ...others])('%s', async (_, machine) => {
    const expected = await refusalOf(() => createRunner(machine));
    expect(expected).toMatch(/^bad_dialogue: /u);
    for (const [name, take] of Object.entries(takers)) {
      expect([name, await refusalOf(() => take(machine))]).toEqual([name, expected]);
    }
  });

  it('and takes what createRunner takes', async () => {
    for (const [name, take] of Object.entries(takers)) {
      const services = setup({ actors: { ok } }).createMachine({
        id: 'm',
        initial: 'a',
        states: {
          a: { invoke: { src: 'ok', onDone: 'b', onError: 'b' }, on: { 'message.*': 'b' } },
          b: { type: 'final' },
        },
      });
      expect([name, await refusalOf(() => take(services))]).toEqual([name, 'it was taken']);
    }
  });
});

it('a record is not read with what createRunner refuses', async () => {
  const clock = createManualClock();
  const disk = createDisk();
  const store = createContextStore({ clock, persister: memory(disk) });
  await createRunner(plain, { store }).handle('ann', 'hi');
  const record = disk.records.get('ann');
  if (record === undefined) throw new Error('nothing was stored');
  const machine = createMachine({ invoke: { src: 'nope' } });
  expect(await refusalOf(() => fromRecord(record, { dialogue: machine }))).toBe(
    await refusalOf(() => createRunner(machine)),
  );
});
