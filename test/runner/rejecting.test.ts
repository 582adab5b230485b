import {
  type RunnerOptions,
  createContextStore,
  createRunner,
  migrateTo,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AnyStateMachine, assign, createMachine, emit, fromPromise } from 'xstate';
import { createWorld } from './world.ts';

/** What no one waits for: a rejection of it that goes unnoticed ends the process, and this test run. */
const later = (): never => Promise.reject(new Error('unheard')) as never;

const words = setupDialogue({
  types: {} as { context: { n?: number } },
  actors: { work: fromPromise(async () => 1) },
});
const open = (state: object): AnyStateMachine =>
  words.createDialogue({
    id: 'open',
    context: {},
    initial: 'a',
    states: { a: state, b: {} },
  } as never) as unknown as AnyStateMachine;
const hearing = (transition: object): AnyStateMachine =>
  open({ on: { 'message.text': transition } });

describe('a function of a dialogue that rejects', () => {
  it.each<[what: string, dialogue: () => AnyStateMachine]>([
    ['an assign', () => hearing({ actions: assign(later) })],
    ['an assign of a key', () => hearing({ actions: assign({ n: later }) })],
    ['a word assign', () => hearing({ actions: words.assign(later) })],
    ['a reply', () => hearing({ actions: words.reply(later) })],
    ['an emit of a reply', () => hearing({ actions: emit(later) })],
    ['a context', () => createMachine({ context: later, on: { 'message.text': {} } } as never)],
    ['the input of a service', () => open({ invoke: { src: 'work', input: later, onDone: 'b' } })],
    [
      'a question',
      () => open(words.ask({ question: later, parse: () => ({ value: 1 }), target: 'b' } as never)),
    ],
    [
      'the options of a choice',
      () => open(words.choose({ question: '?', options: later, target: 'b' } as never)),
    ],
    ['an output', () => createMachine({ type: 'final', output: later } as never)],
  ])('fails the turn and changes nothing: %s', async (_what, dialogue) => {
    const { runner, errors } = createWorld(dialogue());
    const { outcome } = await runner.handle('ann', 'hi');
    expect(outcome).toBe('failed');
    expect(errors).toHaveLength(1);
    expect(await runner.inspect('ann')).toBeUndefined();
  });
});

const saying = words.createDialogue({
  id: 'saying',
  version: '1',
  context: {},
  initial: 'a',
  states: { a: { on: { 'message.text': { actions: words.reply('Yes.') } } } },
});

describe('an option of a runner that rejects', () => {
  it('fails the turn where it is `input`', async () => {
    const { runner, errors } = createWorld(saying, { input: later });
    expect((await runner.handle('ann', 'hi')).outcome).toBe('failed');
    expect(errors).toHaveLength(1);
  });

  it.each<
    [
      what: string,
      options: Pick<RunnerOptions, 'input' | 'onError' | 'onStale' | 'onUnhandled'>,
      message: 'message.text' | 'message.image' | 'message.action',
    ]
  >([
    ['onUnhandled', { onUnhandled: later }, 'message.image'],
    ['onStale', { onStale: later }, 'message.action'],
    [
      'onError',
      {
        onError: later,
        input: () => {
          throw new Error('boom');
        },
      },
      'message.text',
    ],
  ])('is reported, and says nothing, where it is %s', async (_what, options, type) => {
    const { runner, errors } = createWorld(saying, options);
    if (type !== 'message.text') await runner.handle('ann', 'hi');
    const message = {
      'message.text': 'hi',
      'message.image': { type: 'message.image', mediaId: 'm' },
      'message.action': { type: 'message.action', value: 'yes', asking: 'over' },
    } as const;
    expect((await runner.handle('ann', message[type])).replies).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
  });

  it.each<[what: string, options: RunnerOptions]>([
    ['a migration', { migrate: { '1': migrateTo('2', later) } }],
    ['onIncompatible', { onIncompatible: later }],
  ])('is reported, and the dialogue begins again, where it is %s', async (_what, options) => {
    const disk = createDisk();
    const clock = createManualClock();
    const at = (dialogue: AnyStateMachine, more: RunnerOptions) => {
      const store = createContextStore({ clock, persister: memory(disk) });
      onTestFinished(() => store.close());
      return createRunner(dialogue, { ...more, store } as never);
    };
    await at(saying as unknown as AnyStateMachine, {}).handle('ann', 'hi');
    const next = words.createDialogue({
      id: 'saying',
      version: '2',
      context: {},
      initial: 'other',
      states: { other: { on: { 'message.text': { actions: words.reply('Again.') } } } },
    });
    const runner = at(next as unknown as AnyStateMachine, options);
    const errors: unknown[] = [];
    runner.on('error', ({ error }) => void errors.push(error));
    expect(await runner.handle('ann', 'hi')).toMatchObject({ replies: [{ text: 'Again.' }] });
    expect(errors).toHaveLength(1);
  });
});
