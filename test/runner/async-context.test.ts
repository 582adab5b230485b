import { AsyncLocalStorage } from 'node:async_hooks';
import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';
import { createManualClock, faulty } from 'colloquy/testing';
import { writeBehind } from 'colloquy/persist/write-behind';
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { deferred } from './world.ts';

const MINUTE = 60_000;
const request = new AsyncLocalStorage<string>();

/** What a program made outside of any request sees, in the order in which it came. */
function createNotes() {
  const notes: string[] = [];
  const note = (what: string): void => void notes.push(`${what} in ${request.getStore()}`);
  return { notes, note };
}

function createReminder(note: (what: string) => void) {
  const words = setupDialogue({
    types: {} as { context: object },
    actors: {
      fetch: fromPromise(async ({ input }: { input: string }) => {
        note(`service of ${input}`);
        return input;
      }),
    },
    actions: { note: (_, { what }: { what: string }) => note(what) },
  });
  const noting = (what: string) => ({ type: 'note' as const, params: { what } });
  return words.createDialogue({
    id: 'reminder',
    context: {},
    initial: 'on',
    on: { 'message.text': { actions: noting('message') } },
    states: {
      on: { after: { [MINUTE]: { target: 'late', actions: noting('timer') } } },
      late: {
        entry: words.reply('Late.'),
        invoke: { src: 'fetch', input: 'a timer', onDone: { actions: noting('result') } },
      },
    },
  });
}

describe('the async context of a request', () => {
  it('is not that of the timers, nor of what they lead to', async () => {
    const { notes, note } = createNotes();
    const clock = createManualClock();
    const runner = request.run('the program', () => createRunner(createReminder(note), { clock }));
    runner.on('reply', ({ openid }) => note(`reply to ${openid}`));
    for (const openid of ['ann', 'bob']) {
      await request.run(`the request of ${openid}`, () => runner.handle(openid, 'hi'));
    }
    await request.run('the third', () => clock.advance(MINUTE));
    const program = ['timer', 'service of a timer', 'result'].map(
      (what) => `${what} in the program`,
    );
    expect(notes.slice(0, 2)).toEqual([
      'message in the request of ann',
      'message in the request of bob',
    ]);
    expect(notes.slice(2).toSorted()).toEqual(
      [
        ...program,
        ...program,
        'reply to ann in the program',
        'reply to bob in the program',
      ].toSorted(),
    );
  });

  it('is not that of the next message of the same user, which waited', async () => {
    const { notes, note } = createNotes();
    const gate = deferred();
    const words = setupDialogue({
      types: {} as { context: object },
      intents: { any: async () => gate.promise.then(() => false) },
      actions: { note: (_, { what }: { what: string }) => note(what) },
    });
    const echo = words.createDialogue({
      id: 'echo',
      context: {},
      on: {
        'intent.any': { actions: words.reply('Any.') },
        'message.text': {
          actions: { type: 'note', params: ({ event }) => ({ what: event.text }) },
        },
      },
    });
    const runner = createRunner(echo, { clock: createManualClock(), recognizeMs: MINUTE });
    const turns = ['one', 'two', 'three'].map((text) =>
      request.run(`request ${text}`, () => runner.handle('ann', text)),
    );
    gate.resolve();
    await Promise.all(turns);
    expect(notes).toEqual(['one in request one', 'two in request two', 'three in request three']);
  });

  it('is not that of the writes behind it', async () => {
    const { notes, note } = createNotes();
    const clock = createManualClock();
    const persister = faulty(memory(), {
      clock,
      choose: ({ method }) => {
        if (method === 'save') note('write');
        return undefined;
      },
    });
    const runner = request.run('the program', () => {
      const store = createContextStore({
        clock,
        persister: writeBehind(persister, { behindMs: 1000 }),
      });
      return createRunner(
        createReminder(() => undefined),
        { store },
      );
    });
    await request.run('the request of ann', () => runner.handle('ann', 'hi'));
    await request.run('another', () => clock.advance(1000));
    expect(notes).toEqual(['write in the program']);
  });
});
