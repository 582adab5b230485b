import {
  type HistoryEntry,
  createContextStore,
  createRunner,
  formatReply,
  history,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type Stub, converse, createManualClock, takes } from 'colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromPromise } from 'xstate';

/** `user: Hi` and the like. */
const shown = (entries: readonly HistoryEntry[]): string[] =>
  entries.map(({ role, text }) => `${role}: ${text}`);

const words = setupDialogue({
  types: {} as { context: { said?: string } },
  history: { turns: 3 },
  actors: {
    answer: fromPromise<string, { text: string; before: HistoryEntry[] }>(
      async ({ input: { text, before } }) => `${text} (${shown(before).join(', ')})`,
    ),
  },
});
const { assign, choose, createDialogue, reply } = words;

/** Answers each text with it and with what was said before. */
const chat = createDialogue({
  id: 'chat',
  context: {},
  initial: 'ready',
  states: {
    ready: {
      on: {
        'message.text': {
          target: 'answering',
          actions: assign({ said: ({ event }) => event.text }),
        },
        'message.image': { actions: reply({ type: 'image', url: 'a:b', alt: 'a cat' }) },
        'event.follow': { actions: reply('Welcome.') },
      },
    },
    answering: {
      invoke: {
        src: 'answer',
        input: ({ context }) => ({ text: context.said ?? '', before: history() }),
        onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
        onError: 'ready',
      },
      on: { 'message.text': { actions: reply('One moment.') } },
    },
  },
});

const inspected = async (runner: { inspect(openid: string): Promise<unknown> }) =>
  shown(((await runner.inspect('ann')) as { history: HistoryEntry[] } | undefined)?.history ?? []);

describe('history()', () => {
  it('is what both said before this turn, the oldest first', async () => {
    const talk = converse(chat);
    expect(await talk.say('Hi')).toEqual(['Hi ()']);
    expect(await talk.say('You')).toEqual(['You (user: Hi, assistant: Hi ())']);
    expect(await talk.say('There')).toEqual([
      'There (user: Hi, assistant: Hi (), user: You, assistant: You (user: Hi, assistant: Hi ()))',
    ]);
  });

  it('keeps the last turns', async () => {
    const runner = createRunner(chat);
    for (const said of ['a', 'b', 'c', 'd']) await runner.handle('ann', said);
    expect((await inspected(runner)).filter((line) => line.startsWith('user'))).toEqual([
      'user: b',
      'user: c',
      'user: d',
    ]);
  });

  it.each([
    ['a late answer with the message it answers', [], ['user: Slow', 'assistant: Late.']],
    [
      'what came between in its order',
      ['Well?'],
      ['user: Slow', 'user: Well?', 'assistant: One moment.', 'assistant: Late.'],
    ],
  ])('has %s', async (_, between, expected) => {
    let before: string[] = [];
    const answer: Stub<{ before: HistoryEntry[] }, string> = takes({ seconds: 9 }, (input) => {
      before = shown(input.before);
      return 'Late.';
    });
    const talk = converse(chat, { deadlineMs: 1000, services: { answer } });
    for (const said of ['Slow', ...between]) await talk.say(said);
    await talk.advance({ seconds: 9 });
    await talk.say('Again');
    await talk.advance({ seconds: 9 });
    expect(before).toEqual(expected);
  });

  it('shows what is no text by its kind, and a button by its label', async () => {
    const asking = createDialogue({
      id: 'asking',
      context: {},
      initial: 'which',
      states: {
        which: choose({
          question: 'Which?',
          options: [
            { value: 'r', label: 'Red' },
            { value: 'b', label: 'Blue' },
          ],
          target: 'chat',
        }),
        chat: { on: { 'message.image': { actions: reply({ type: 'image', url: 'a:b' }) } } },
      },
    });
    const runner = createRunner(asking);
    await runner.handle('ann', 'Hi');
    await runner.handle('ann', { type: 'message.action', value: 'r' });
    await runner.handle('ann', { type: 'message.image' });
    expect(await inspected(runner)).toEqual([
      'user: Hi',
      'assistant: Which?\n1. Red\n2. Blue',
      'user: Red',
      'user: [image]',
      'assistant: [image] a:b',
    ]);
  });

  it('has nothing of what happened without words, but what the bot said to it', async () => {
    const runner = createRunner(chat);
    await runner.handle('ann', { type: 'event.follow' });
    expect(await inspected(runner)).toEqual(['assistant: Welcome.']);
  });

  it('has a redelivered message once', async () => {
    const runner = createRunner(chat);
    for (const id of ['1', '1']) await runner.handle('ann', 'Hi', { id });
    expect(await inspected(runner)).toEqual(['user: Hi', 'assistant: Hi ()']);
  });

  it('has what the program said, once, whenever it is delivered', async () => {
    const runner = createRunner(chat);
    let isThere = false;
    runner.on('reply', () => {
      if (!isThere) throw new Error('not there');
    });
    runner.on('error', () => {});
    await runner.say('ann', 'Your parcel is here.');
    isThere = true;
    await runner.deliver('ann');
    await runner.handle('ann', 'Hi');
    expect((await inspected(runner)).slice(0, 2)).toEqual([
      'assistant: Your parcel is here.',
      'user: Hi',
    ]);
  });

  it('stays when the program changes the context', async () => {
    const store = createContextStore();
    onTestFinished(() => store.close());
    const runner = createRunner(chat, { store });
    await runner.handle('ann', 'Hi');
    await store.update('ann', (context) => context.set('said', 'Changed'));
    const draft = await store.open('ann');
    draft.set('said', 'Again');
    await draft.save();
    expect(await inspected(runner)).toEqual(['user: Hi', 'assistant: Hi ()']);
  });

  it('has nothing of a message of blanks, as models refuse empty texts', async () => {
    const runner = createRunner(chat);
    await runner.handle('ann', ' ');
    expect((await inspected(runner)).filter((line) => line.startsWith('user'))).toEqual([]);
  });

  it('is kept over a restart, is in the export, and goes with the rest', async () => {
    const clock = createManualClock();
    const disk = createDisk();
    const open = () => {
      const store = createContextStore({ clock, persister: memory(disk) });
      onTestFinished(() => store.close());
      return { store, runner: createRunner(chat, { store }) };
    };
    const first = open();
    await first.runner.handle('ann', 'Hi');
    await first.runner.stop();
    await first.store.close();
    const { store, runner } = open();
    const { replies } = await runner.handle('ann', 'Again');
    expect(replies.map(formatReply)).toEqual(['Again (user: Hi, assistant: Hi ())']);
    expect(shown((await store.export('ann'))?.history ?? []).slice(0, 2)).toEqual([
      'user: Hi',
      'assistant: Hi ()',
    ]);
    await store.erase('ann');
    expect((await runner.handle('ann', 'Who?')).replies.map(formatReply)).toEqual(['Who? ()']);
  });

  it('is read by a sub-dialogue, whose own option is not looked at', async () => {
    const inner = setupDialogue({ types: {} as { context: object }, history: { turns: 200 } });
    const sub = inner.createDialogue({
      id: 'sub',
      context: {},
      on: {
        'message.text': { actions: inner.reply(() => `${history().length}`) },
      },
    });
    const outer = setupDialogue({
      types: {} as { context: object },
      history: { turns: 1 },
      actors: { sub },
    });
    const dialogue = outer.createDialogue({ id: 'outer', context: {}, invoke: { src: 'sub' } });
    const talk = converse(dialogue);
    expect([await talk.say('a'), await talk.say('b'), await talk.say('c')].flat()).toEqual([
      '0',
      '2',
      '2',
    ]);
  });

  it('is refused where nothing is kept, and outside of a turn', async () => {
    expect(() => history()).toThrow(expect.objectContaining({ code: 'no_history' }));
    const none = setupDialogue({ types: {} as { context: object } });
    const dialogue = none.createDialogue({
      id: 'none',
      context: {},
      on: { 'message.text': { actions: none.reply(() => `${history().length}`) } },
    });
    const runner = createRunner(dialogue);
    expect(await runner.handle('ann', 'Hi')).toMatchObject({
      outcome: 'failed',
      error: { code: 'step_failed', cause: { code: 'no_history' } },
    });
  });

  it.each([
    [{ turns: 0 }, /history\.turns/u],
    [{ turns: 201 }, /history\.turns/u],
    [{ turns: 1.5 }, /history\.turns/u],
    [{ bytes: 511 }, /history\.bytes/u],
    [{ bytes: 65_537 }, /history\.bytes/u],
    [{ turn: 3 }, /did you mean 'history.turns'/u],
    [true, /history/u],
  ])('refuses %j', (given, message) => {
    expect(() => setupDialogue({ history: given as never })).toThrow(message);
  });

  it('stays within its bytes, whatever is said', async () => {
    const small = setupDialogue({
      types: {} as { context: object },
      history: { turns: 200, bytes: 512 },
    });
    const echo = small.createDialogue({
      id: 'echo',
      context: {},
      on: { 'message.text': { actions: small.reply(({ event }) => event.text) } },
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }), { maxLength: 12 }),
        async (texts) => {
          const runner = createRunner(echo);
          for (const said of texts) await runner.handle('ann', said);
          const kept = (await runner.inspect('ann'))?.history ?? [];
          const bytes = kept.map(({ text }) => Buffer.byteLength(JSON.stringify(text)));
          expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(512);
          expect(kept.every(({ text }) => text.isWellFormed())).toBe(true);
          if (texts.length > 0) expect(kept.at(-1)?.role).toBe('assistant');
        },
      ),
    );
  });

  it('says where one long text was cut, and keeps others beside it', async () => {
    const runner = createRunner(chat);
    await runner.handle('ann', 'Hi');
    await runner.handle('ann', 'x'.repeat(20_000));
    const kept = await inspected(runner);
    expect(kept[0]).toBe('user: Hi');
    expect(kept[2]).toMatch(/^user: x{2000,2048}… \(cut\)$/u);
  });
});
