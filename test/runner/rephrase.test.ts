import {
  type RephraseAbout,
  type Rephraser,
  createContextStore,
  createRunner,
  formatReply,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { createManualClock } from 'colloquy/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';
import { skewedClock } from '../context/skewed.ts';
import { createWorld, deferred, texts } from './world.ts';

const words = setupDialogue({
  types: {} as { context: { name?: string } },
  history: {},
  actors: { work: fromPromise(async () => 1) },
});
const { assign, choose, createDialogue, reply } = words;

/** Says two texts and a picture, asks, and speaks by itself after a minute. */
const desk = createDialogue({
  id: 'desk',
  context: {},
  initial: 'open',
  states: {
    open: {
      on: {
        'message.text': {
          target: 'which',
          actions: [
            assign({ name: ({ event }) => event.text }),
            reply(({ context }) => `Hello ${context.name}.`),
            reply({ type: 'image', url: 'a:b' }),
          ],
        },
      },
    },
    which: {
      ...choose({ question: 'Which?', options: ['red', 'blue'], target: 'sold' }),
    },
    sold: {
      entry: reply('Sold.'),
      after: { 60_000: { target: 'open', actions: reply('Anything else?') } },
    },
  },
});

const loudly: Rephraser = (said) => said.map((text) => text.toUpperCase());

describe('rephrase', () => {
  it('changes the words of texts and of questions, and no button', async () => {
    const { runner } = createWorld(desk, { rephrase: loudly });
    expect(texts((await runner.handle('u', 'Ann')).replies)).toEqual([
      'HELLO ANN.',
      '[image] a:b',
      'WHICH? (red | blue)',
    ]);
    expect(texts((await runner.handle('u', 'red')).replies)).toEqual(['SOLD.']);
  });

  it('is asked once for a turn, with all that is to be known', async () => {
    const asked: [readonly string[], Omit<RephraseAbout, 'signal'>][] = [];
    const { runner } = createWorld(desk, {
      rephrase: async (said, { signal: _signal, ...about }) => {
        asked.push([said, about]);
        return said;
      },
    });
    await runner.handle('u', 'Ann');
    await runner.handle('u', 'red');
    expect(asked).toEqual([
      [
        ['Hello Ann.', 'Which?'],
        { openid: 'u', context: { name: 'Ann' }, history: [], message: 'Ann' },
      ],
      [
        ['Sold.'],
        {
          openid: 'u',
          context: { name: 'Ann' },
          history: [
            { role: 'user', text: 'Ann' },
            { role: 'assistant', text: 'Hello Ann.\n[image] a:b\nWhich?\n1. red\n2. blue' },
          ],
          message: 'red',
        },
      ],
    ]);
  });

  it('changes what a timer says', async () => {
    const { runner, clock, said } = createWorld(desk, {
      rephrase: async (all) => loudly(all, {} as never),
    });
    await runner.handle('u', 'Ann');
    await runner.handle('u', 'red');
    await clock.advance({ minutes: 1 });
    await runner.idle('u');
    expect(said).toEqual(['u: ANYTHING ELSE?']);
  });

  it('is what a redelivery reads, what the history has, and what waits after a crash', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    let calls = 0;
    const rephrase: Rephraser = async (all) => {
      calls += 1;
      return all.map((text) => `${text} (${calls})`);
    };
    const open = () => {
      const store = createContextStore({ clock, persister: memory(disk) });
      onTestFinished(() => store.close());
      return createRunner(desk, { store, rephrase });
    };
    const first = await open().handle('u', 'Ann', { id: '1' });
    const runner = open();
    const again = await runner.handle('u', 'Ann', { id: '1' });
    expect(again.replies).toEqual(first.replies);
    expect(calls).toBe(1);
    expect((await runner.inspect('u'))?.history.at(-1)?.text).toBe(
      first.replies.map(formatReply).join('\n'),
    );
  });

  it.each<[string, Rephraser, string]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      'threw',
    ],
    ['rejects', async () => Promise.reject(new Error('no')), 'threw'],
    ['gives too few', () => ['One.'], 'bad_answer'],
    ['gives no list', () => 'One.' as never, 'bad_answer'],
    ['gives an empty text', (all) => all.map(() => ' '), 'bad_answer'],
    ['gives what is no text', async (all) => all.map(() => 7 as never), 'bad_answer'],
    ['gives a book', (all) => all.map(() => 'x'.repeat(20_001)), 'bad_answer'],
  ])('that %s is reported, and the plain texts are said', async (_, rephrase, reason) => {
    const { runner, errors } = createWorld(desk, { rephrase });
    expect(texts((await runner.handle('u', 'Ann')).replies)).toEqual([
      'Hello Ann.',
      '[image] a:b',
      'Which? (red | blue)',
    ]);
    expect(errors).toMatchObject([{ code: 'rephrase_failed', details: { reason } }]);
  });

  it('that is late is aborted, reported, and the plain texts are said in time', async () => {
    let signal: AbortSignal | undefined;
    const late = deferred<readonly string[]>();
    const { runner, errors, clock } = createWorld(desk, {
      deadlineMs: 4000,
      rephraseMs: 3000,
      rephrase: (_, about) => {
        ({ signal } = about);
        return late.promise;
      },
    });
    const turn = runner.handle('u', 'Ann');
    await clock.advance({ seconds: 3 });
    const { replies, outcome } = await turn;
    expect([outcome, texts(replies)[0], signal?.aborted]).toEqual(['replied', 'Hello Ann.', true]);
    expect(errors).toMatchObject([{ code: 'rephrase_failed', details: { reason: 'timeout' } }]);
    late.resolve(['Too', 'late']);
  });

  it('that changes the context is stopped, and the context stays', async () => {
    const { runner, errors, data } = createWorld(desk, {
      rephrase: (all, { context }) => {
        (context as Record<string, unknown>)['name'] = 'Eve';
        return all;
      },
    });
    await runner.handle('u', 'Ann');
    expect(await data('u')).toEqual({ name: 'Ann' });
    expect(errors).toMatchObject([{ code: 'rephrase_failed', details: { reason: 'threw' } }]);
  });

  it('may leave a text of any length as it is', async () => {
    const { runner, errors } = createWorld(desk, { rephrase: (all) => all });
    const name = 'x'.repeat(30_000);
    expect(texts((await runner.handle('u', name)).replies)[0]).toBe(`Hello ${name}.`);
    expect(errors).toEqual([]);
  });

  it.each([-60_000, 60_000])(
    'has its time where the clock of the persister is %d ms from that of the process',
    async (offset) => {
      const answering = createDialogue({
        id: 'answering',
        context: {},
        initial: 'open',
        states: {
          open: { on: { 'message.text': 'working' } },
          working: { invoke: { src: 'work', onDone: 'said' } },
          said: { entry: reply('Hello.') },
        },
      });
      const clock = createManualClock();
      const persister = memory(createDisk(), { shared: true, clock });
      const { runner } = createWorld(answering, {
        clock,
        storeOptions: { persister, clock: skewedClock(clock, offset) },
        rephrase: async (all) => loudly(all, {} as never),
      });
      const turn = runner.handle('u', 'Hi');
      await clock.advance(1);
      expect(texts((await turn).replies)).toEqual(['HELLO.']);
    },
  );

  it('is refused a call that waits for its own lane', async () => {
    const { runner, errors } = createWorld(desk, {
      rephrase: async (all) => {
        await runner.handle('u', 'Again');
        return all;
      },
    });
    expect(texts((await runner.handle('u', 'Ann')).replies)[0]).toBe('Hello Ann.');
    expect(errors).toMatchObject([{ code: 'rephrase_failed', cause: { code: 'would_deadlock' } }]);
  });

  it('is not waited for when the runner stops', async () => {
    const { runner, errors } = createWorld(desk, { rephrase: () => new Promise(() => {}) });
    const turn = runner.handle('u', 'Ann');
    await runner.stop();
    expect(texts((await turn).replies)[0]).toBe('Hello Ann.');
    expect(errors).toMatchObject([{ code: 'rephrase_failed' }]);
  });

  it('is not asked where nothing is said, and for what the program says itself', async () => {
    let calls = 0;
    const { runner, said } = createWorld(desk, {
      rephrase: (all) => {
        calls += 1;
        return all;
      },
    });
    await runner.handle('u', { type: 'message.image' });
    await runner.say('u', 'Your parcel is here.');
    await runner.idle('u');
    expect([calls, said]).toEqual([0, ['u: Your parcel is here.']]);
  });

  it.each([
    [{ rephrase: 'loudly' }, /`rephrase` is a function/u],
    [{ rephrase: null }, /`rephrase` is a function/u],
    [{ rephrase: '' }, /`rephrase` is a function/u],
    [{ rephraseMs: -1 }, /`rephraseMs`/u],
  ])('refuses %j', (options, message) => {
    expect(() => createRunner(desk, options as never)).toThrow(message);
  });
});
