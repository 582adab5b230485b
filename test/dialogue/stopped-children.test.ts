import {
  type AnyStateMachine,
  enqueueActions,
  fromPromise,
  raise,
  sendParent,
  sendTo,
  stopChild,
} from 'xstate';
import { setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

/** The services that started and the actions that ran. */
let started: string[] = [];
const look = fromPromise(async ({ input }: { input: string }) => void started.push(input));

const events = { over: {}, again: {}, order: {}, more: {}, boom: {}, finish: {} };
const { reply, repeat, expireIn, assign, createDialogue } = setupDialogue({
  types: {} as { context: object },
  events,
  actors: { look },
  actions: { act: () => void started.push('act') },
});
const spawnLook = enqueueActions(({ enqueue }) => {
  enqueue.spawnChild('look' as never, { id: 'spawned', input: 'spawned' } as never);
});
const toParent = (name: keyof typeof events) => sendParent({ type: `event.${name}` });
const leave = toParent('over');

/** A sub-dialogue that answers a text with these actions, and may go on to another state. */
function child(actions: readonly unknown[], target?: string): AnyStateMachine {
  return createDialogue({
    id: 'child',
    context: {},
    initial: 'asking',
    states: {
      asking: {
        on: {
          'message.text': { actions, ...(target !== undefined && { target }) },
          'event.finish': { actions: toParent('again'), target: 'end' },
          'event.more': 'looking',
          'event.boom': {
            actions: assign(() => {
              throw new Error('boom');
            }),
          },
        },
      },
      looking: {
        entry: reply('looking'),
        invoke: { src: 'look', input: 'invoked' },
        after: { 1000: { actions: reply('after') } },
      },
      end: { entry: reply('end'), type: 'final' },
    },
  } as never) as unknown as AnyStateMachine;
}

/** A dialogue with one state that invokes the sub-dialogue. It begins there without a word, so that this hears the first text. */
function parent(inner: AnyStateMachine, on: object = {}): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: object },
    events,
    actors: { child: inner },
  });
  return words.createDialogue({
    id: 'parent',
    context: {},
    initial: 'in',
    states: {
      in: {
        invoke: { id: 'c', src: 'child', onDone: 'done', onError: 'failed' },
        on: { 'event.over': 'out', 'event.again': { target: 'in', reenter: true }, ...on },
      },
      out: { entry: words.reply('out') },
      done: { entry: words.reply('done') },
      failed: { entry: words.reply('failed') },
    },
  } as never) as unknown as AnyStateMachine;
}

/** What a text brings, and what comes of it in the two minutes behind it. */
async function played(dialogue: AnyStateMachine) {
  started = [];
  const chat = converse(dialogue);
  await chat.say('x');
  const { replies, state } = chat;
  const timers = chat.timers.length;
  await chat.advance({ minutes: 2 });
  return { replies, state, timers, later: chat.replies, started };
}

const STOPPED = { replies: ['out'], state: 'out', timers: 0, later: [], started: [] };

describe('a sub-dialogue that an event has stopped', () => {
  it.each<[string, readonly unknown[], string?]>([
    ['nothing', [leave]],
    ['a reply', [leave, reply('late')]],
    ['an action', [leave, 'act']],
    [
      'a delayed event',
      [leave, raise({ type: 'event.more' } as never, { delay: 60_000, id: 'late' })],
    ],
    ['an actor that it spawns', [leave, spawnLook]],
    ['a state with a service and a timer', [leave], 'looking'],
    ['its end', [leave], 'end'],
    ['another event for its parent', [leave, toParent('again')]],
    ['an event for itself', [leave, sendTo(({ self }) => self, { type: 'event.more' } as never)]],
    ['a repetition of its question', [leave, repeat()]],
    ['an expiry', [leave, expireIn({ seconds: 1 })]],
  ])('does not do what stood behind it: %s', async (_, actions, target) => {
    expect(await played(parent(child(actions, target)))).toEqual(STOPPED);
  });

  it.each(['more', 'boom', 'finish'])('takes no event that waited for it: %s', async (name) => {
    const on = { 'event.order': { actions: sendTo('c', { type: `event.${name}` }) } };
    // The sub-dialogue is at work, so the order waits for it.
    expect(await played(parent(child([toParent('order'), leave]), on))).toEqual(STOPPED);
  });

  it('does nothing more if an action stops it', async () => {
    const on = { 'event.order': { actions: [stopChild('c'), reply('stopped')] } };
    const inner = child([toParent('order'), reply('late'), spawnLook], 'looking');
    expect(await played(parent(inner, on))).toEqual({
      ...STOPPED,
      replies: ['stopped'],
      state: 'in',
    });
  });

  it('does not end the one that took its place', async () => {
    const inner = child([toParent('again')], 'end');
    expect(await played(parent(inner))).toEqual({ ...STOPPED, replies: [], state: 'in > asking' });
  });

  it('does not end the one that took its place, where its parent was at work', async () => {
    const on = { 'message.image': { actions: sendTo('c', { type: 'event.finish' }) } };
    const chat = converse(parent(child([]), on));
    await chat.send({ type: 'message.image' });
    expect([chat.replies, chat.state]).toEqual([['end'], 'in > asking']);
  });

  /** Two regions, each with a sub-dialogue; that of the first is offered an event first. */
  const both = (first: AnyStateMachine, second: AnyStateMachine, on: object): AnyStateMachine =>
    setupDialogue({
      types: {} as { context: object },
      events,
      actors: { first, second },
    }).createDialogue({
      id: 'both',
      context: {},
      type: 'parallel',
      states: {
        a: { invoke: { id: 'a', src: 'first' } },
        b: { initial: 'in', states: { in: { invoke: { id: 'b', src: 'second' }, on } } },
      },
      on: { 'event.over': { actions: toParent('over') } },
    } as never) as unknown as AnyStateMachine;

  it('is offered no event after the one around it is stopped', async () => {
    const inner = both(child([toParent('over')]), child([reply('late')], 'looking'), {});
    expect(await played(parent(inner))).toEqual(STOPPED);
  });

  it('leaves the event to none that takes its place', async () => {
    const restart = { 'event.again': { target: 'in', reenter: true } };
    const dialogue = both(
      child([toParent('again'), reply('a')]),
      child([reply('b')], 'looking'),
      restart,
    );
    const { replies, started: done } = await played(dialogue);
    expect([replies, done]).toEqual([['a'], []]);
  });
});
