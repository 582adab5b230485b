import { setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  ConflictError,
  type Message,
  type Recognizer,
  type RunnerOptions,
  keywords,
  pattern,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type World, createWorld, deferred, texts } from './world.ts';

const words = setupDialogue({
  types: {} as { context: { heard: string[] } },
  intents: {
    cancel: keywords('cancel', 'stop'),
    order: pattern(/^order (?<dish>.+)$/iu),
    rest: {},
    'pay.card': {},
    pay: {},
  },
});

/** Says what it takes; with nothing to say at the start, so that the first message is heard. */
const desk = words.createDialogue({
  id: 'desk',
  context: { heard: [] },
  initial: 'open',
  states: {
    open: {
      on: {
        'intent.order': {
          actions: words.reply(({ event }) => `dish ${String(event.values['dish'])}`),
        },
        'intent.pay': { guard: ({ event }) => event.score > 0.5, actions: words.reply('paid') },
        'intent.pay.card': { actions: words.reply('by card') },
        'intent.cancel': { target: 'closed', actions: words.reply('cancelled') },
        'message.text': { actions: words.reply(({ event }) => `text ${event.text}`) },
      },
    },
    closed: { on: { 'message.text': { target: 'open', actions: words.reply('open again') } } },
  },
});

/** What is said to each of these texts, in a row. */
async function answers({ runner }: World, ...said: string[]): Promise<string[]> {
  const all: string[] = [];
  for (const text of said) all.push(...texts((await runner.handle('u', text)).replies));
  return all;
}

type Options = Pick<RunnerOptions, 'recognizers' | 'recognize' | 'recognizeMs'>;

const answering = (...candidates: Candidate[]): Options => ({ recognize: () => candidates });

/** A model that answers when the test lets it. */
function createModel(): {
  readonly recognize: Recognizer;
  readonly calls: { readonly message: Message; readonly signal: AbortSignal }[];
  readonly gates: ReturnType<typeof deferred<readonly Candidate[]>>[];
} {
  const gates: ReturnType<typeof deferred<readonly Candidate[]>>[] = [];
  const calls: { message: Message; signal: AbortSignal }[] = [];
  return {
    calls,
    gates,
    recognize: (message, { signal }) => {
      calls.push({ message, signal });
      const gate = deferred<readonly Candidate[]>();
      gates.push(gate);
      return gate.promise;
    },
  };
}

describe('a message that means something', () => {
  it('is taken as its intent, and others as they are', async () => {
    const world = createWorld(desk);
    expect(await answers(world, 'order tea', 'tea', 'Stop!', 'order tea')).toEqual([
      'dish tea',
      'text tea',
      'cancelled',
      'open again',
    ]);
    expect(world.errors).toEqual([]);
  });

  it('comes as an event with its words, score, values, its sender, the message and the time of its arrival', async () => {
    const seen: unknown[] = [];
    const machine = setup({}).createMachine({
      context: {},
      on: { 'intent.*': { actions: ({ event }) => seen.push(event) } },
    });
    const { runner, clock } = createWorld(machine, {
      recognizers: { order: () => ({ score: 3, values: { dish: { hot: true } } }) },
    });
    const receivedAt = clock.now() - 5;
    const from = { id: '7', name: 'Ann' };
    const raw = { update: 12 };
    const tapped = { type: 'message.action', value: 'tea', label: 'Tea', from, raw } as const;
    await runner.handle('u', tapped, { receivedAt });
    const message = { ...tapped, receivedAt };
    expect(seen).toEqual([
      {
        type: 'intent.order',
        text: 'tea',
        score: 1,
        values: { dish: { hot: true } },
        from,
        raw,
        message,
        receivedAt,
      },
    ]);
    const [{ values }] = seen as [{ values: { dish: object } }];
    expect(Object.isFrozen(values) && Object.isFrozen(values.dish)).toBe(true);
  });

  it('is answered at once where its recognizers answer at once', () => {
    const { runner } = createWorld(desk);
    const outcomes: string[] = [];
    runner.on('turn', ({ outcome }) => outcomes.push(outcome));
    void runner.handle('u', 'order tea');
    expect(outcomes).toEqual(['replied']);
  });

  it('is unhandled as itself where no state takes it', async () => {
    const unhandled: Message[] = [];
    const { runner } = createWorld(setup({}).createMachine({ context: {} }), {
      recognizers: { order: () => true },
      onUnhandled: (message) => {
        unhandled.push(message);
      },
    });
    expect((await runner.handle('u', 'tea')).outcome).toBe('unhandled');
    expect(unhandled).toMatchObject([{ type: 'message.text', text: 'tea' }]);
  });

  it('is not recognised where it is an intent already', async () => {
    const { runner } = createWorld(desk, {
      recognize: () => {
        throw new Error('called');
      },
    });
    const turn = await runner.handle('u', { type: 'intent.order', values: { dish: 'tea' } });
    expect(texts(turn.replies)).toEqual(['dish tea']);
  });

  it('is not recognised where the dialogue begins by saying something, for it is not heard', async () => {
    const model = createModel();
    const greeter = setupDialogue({ types: {} as { context: object } });
    const { runner } = createWorld(
      greeter.createDialogue({
        id: 'greeter',
        context: {},
        initial: 'a',
        states: { a: { entry: greeter.reply('Hello.') } },
      }),
      { recognize: model.recognize },
    );
    expect(texts((await runner.handle('u', 'hi')).replies)).toEqual(['Hello.']);
    expect(model.calls).toEqual([]);
  });
});

describe('candidates', () => {
  it.each<[what: string, candidates: Candidate[], said: string]>([
    [
      'the surest goes first',
      [
        { intent: 'pay', score: 0.8 },
        { intent: 'cancel', score: 0.9 },
      ],
      'cancelled',
    ],
    [
      'among equals, the one declared first',
      [{ intent: 'pay.card' }, { intent: 'cancel' }],
      'cancelled',
    ],
    [
      'one that the state does not take is passed over',
      [{ intent: 'rest' }, { intent: 'pay', score: 0.8 }],
      'paid',
    ],
    [
      'one that a guard refuses is passed over',
      [
        { intent: 'pay', score: 0.5 },
        { intent: 'pay.card', score: 0.1 },
      ],
      'by card',
    ],
    [
      'where all are, the message is taken',
      [{ intent: 'pay', score: 0.5 }, { intent: 'rest' }],
      'text x',
    ],
    [
      'of one intent, the surest counts',
      [
        { intent: 'pay', score: 0.1 },
        { intent: 'pay', score: 0.6 },
      ],
      'paid',
    ],
    [
      'a score of nothing is none',
      [
        { intent: 'cancel', score: 0 },
        { intent: 'pay', score: -1 },
      ],
      'text x',
    ],
    ['a score over 1 is 1', [{ intent: 'pay.card', score: 7 }, { intent: 'cancel' }], 'cancelled'],
    ['none at all', [], 'text x'],
  ])('%s', async (_what, candidates, said) => {
    const world = createWorld(desk, answering(...candidates));
    expect(await answers(world, 'x')).toEqual([said]);
    expect(world.errors).toEqual([]);
  });

  it('of at most 16 intents are tried, and a recognizer of one competes with one of many', async () => {
    const tried: string[] = [];
    const many = Array.from({ length: 40 }, (_, index) => `i${index}`);
    const machine = setup({}).createMachine({
      context: {},
      on: {
        'intent.*': {
          guard: ({ event }) => {
            tried.push(event.type);
            return false;
          },
        },
      },
    });
    const recognizers = Object.fromEntries(
      many.map((name, index) => [name, (): number => (index === 30 ? 0.9 : 0.1)]),
    );
    const { runner } = createWorld(machine, {
      recognizers,
      recognize: () => [{ intent: 'i39', score: 0.95 }],
    });
    await runner.handle('u', 'x');
    expect(tried).toEqual(['i39', 'i30', ...many.slice(0, 14)].map((name) => `intent.${name}`));
  });
});

describe('a recognizer that takes its time', () => {
  it('is waited for, and its answer is taken', async () => {
    const model = createModel();
    const { runner, clock, errors } = createWorld(desk, { recognize: model.recognize });
    const turn = runner.handle('u', 'the usual');
    await clock.advance({ seconds: 3 });
    model.gates[0]?.resolve([{ intent: 'order', values: { dish: 'tea' } }]);
    expect(texts((await turn).replies)).toEqual(['dish tea']);
    expect(model.calls).toMatchObject([
      { message: { text: 'the usual' }, signal: { aborted: false } },
    ]);
    await clock.advance({ minutes: 1 });
    expect(model.calls[0]?.signal.aborted).toBe(false);
    expect(errors).toEqual([]);
  });

  it('for too long is aborted and reported, and the message is taken with what else was found', async () => {
    const model = createModel();
    const { runner, clock, errors } = createWorld(desk, {
      recognize: model.recognize,
      recognizers: { pay: () => new Promise<never>(() => {}), 'pay.card': async () => 0.3 },
    });
    const turn = runner.handle('u', 'x');
    await clock.advance({ milliseconds: 3374 });
    expect(model.calls[0]?.signal.aborted).toBe(false);
    await clock.advance({ milliseconds: 1 });
    expect(texts((await turn).replies)).toEqual(['by card']);
    expect(model.calls[0]?.signal.aborted).toBe(true);
    expect(errors).toMatchObject([
      { code: 'recognizer_timeout', retryable: true, openid: 'u', details: { intent: 'pay' } },
      { code: 'recognizer_timeout', retryable: true, details: { recognizer: 'recognize' } },
    ]);
    // The runner ignores any answer that is too late.
    model.gates[0]?.resolve([{ intent: 'cancel' }]);
    await clock.advance({ seconds: 1 });
    expect(errors).toHaveLength(2);
  });

  it('has the time that is left since the message arrived', async () => {
    const model = createModel();
    const { runner, clock, errors } = createWorld(desk, {
      recognize: model.recognize,
      recognizeMs: 1000,
    });
    const turn = runner.handle('u', 'x', { receivedAt: clock.now() - 400 });
    await clock.advance({ milliseconds: 599 });
    expect(errors).toEqual([]);
    await clock.advance({ milliseconds: 1 });
    expect(texts((await turn).replies)).toEqual(['text x']);
    expect(errors).toHaveLength(1);
  });

  it('has none where the message waited too long: its signal is aborted from the start', async () => {
    const model = createModel();
    const { runner, clock, errors } = createWorld(desk, { recognize: model.recognize });
    const turn = await runner.handle('u', 'x', { receivedAt: clock.now() - 4000 });
    expect(texts(turn.replies)).toEqual(['text x']);
    expect(model.calls).toMatchObject([{ signal: { aborted: true } }]);
    model.gates[0]?.reject(new Error('aborted'));
    await clock.advance({ seconds: 1 });
    expect(errors).toMatchObject([{ code: 'recognizer_timeout' }]);
  });

  it('gets no more of it where the message claims to come from the future', async () => {
    const { runner, clock } = createWorld(desk, { recognize: createModel().recognize });
    const turn = runner.handle('u', 'x', { receivedAt: clock.now() + 60_000 });
    await clock.advance({ milliseconds: 3375 });
    expect(texts((await turn).replies)).toEqual(['text x']);
  });

  it('makes the answer pending where it may take longer than the deadline; it is said later', async () => {
    const model = createModel();
    const { runner, clock, said } = createWorld(desk, {
      recognize: model.recognize,
      recognizeMs: 60_000,
    });
    const turn = runner.handle('u', 'x');
    await clock.advance({ milliseconds: 4500 });
    expect(await turn).toMatchObject({ outcome: 'pending', replies: [] });
    model.gates[0]?.resolve([{ intent: 'cancel' }]);
    await clock.advance(0);
    expect(said).toEqual(['u: cancelled']);
  });

  it('holds up the messages of its user, in their order, and of no other user', async () => {
    const model = createModel();
    const { runner } = createWorld(desk, {
      recognize: (message, about) =>
        message.type === 'message.text' && message.text === 'slow'
          ? model.recognize(message, about)
          : [],
    });
    const own = [runner.handle('u', 'slow'), runner.handle('u', 'quick')];
    expect(texts((await runner.handle('v', 'other')).replies)).toEqual(['text other']);
    model.gates[0]?.resolve([{ intent: 'cancel' }]);
    const turns = await Promise.all(own);
    expect(turns.map(({ replies }) => texts(replies))).toEqual([['cancelled'], ['open again']]);
  });

  it('is called once for a message that is delivered three times', async () => {
    const model = createModel();
    const { runner } = createWorld(desk, { recognize: model.recognize });
    const turns = [1, 2].map(() => runner.handle('u', 'x', { id: 'm' }));
    model.gates[0]?.resolve([{ intent: 'pay' }]);
    const outcomes = [...(await Promise.all(turns)), await runner.handle('u', 'x', { id: 'm' })];
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['replied', 'duplicate', 'duplicate']);
    expect(model.calls).toHaveLength(1);
  });

  it.each<[when: string, answer: (candidates: Candidate[]) => ReturnType<Recognizer>]>([
    ['at once', (candidates) => candidates],
    ['later', async (candidates) => candidates],
  ])('is called once for a message whose commit conflicts: answers %s', async (_when, answer) => {
    const persister = memory();
    const faults = [new ConflictError('u')];
    const saving = {
      ...persister,
      async save(...args: Parameters<typeof persister.save>) {
        const fault = faults.pop();
        if (fault !== undefined) throw fault;
        return persister.save(...args);
      },
    };
    let calls = 0;
    const { runner, errors } = createWorld(desk, {
      recognize: () => {
        calls += 1;
        return answer([{ intent: 'pay' }]);
      },
      storeOptions: { persister: saving },
    });
    const conflicts: unknown[] = [];
    runner.on('conflict', (event) => conflicts.push(event));
    expect(texts((await runner.handle('u', 'x')).replies)).toEqual(['paid']);
    expect([conflicts.length, calls]).toEqual([1, 1]);
    expect(errors).toEqual([]);
  });

  it('reports once a record that does not fit', async () => {
    const disk = createDisk();
    const old = setup({}).createMachine({
      id: 'desk',
      initial: 'gone',
      context: {},
      states: { gone: {} },
    });
    await createWorld(old, { storeOptions: { persister: memory(disk) } }).runner.handle('u', 'x');
    const model = createModel();
    const { runner, clock } = createWorld(desk, {
      recognize: model.recognize,
      storeOptions: { persister: memory(disk) },
    });
    let told = 0;
    runner.on('incompatible', () => {
      told += 1;
    });
    const turn = runner.handle('u', 'y');
    await clock.advance(0);
    model.gates[0]?.resolve([]);
    expect(texts((await turn).replies)).toEqual(['text y']);
    expect(told).toBe(1);
  });

  it('is aborted when the runner stops, and the turn ends', async () => {
    const model = createModel();
    const { runner, errors } = createWorld(desk, { recognize: model.recognize });
    const turns = [runner.handle('u', 'x'), runner.handle('u', 'y')];
    await runner.stop();
    expect((await Promise.all(turns)).flatMap(({ replies }) => texts(replies))).toEqual([
      'text x',
      'text y',
    ]);
    expect(model.calls).toMatchObject([
      { signal: { aborted: true } },
      { signal: { aborted: true } },
    ]);
    expect(errors).toMatchObject([{ code: 'recognizer_timeout' }, { code: 'recognizer_timeout' }]);
  });
});

describe('a recognizer that fails', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  it.each<[what: string, options: Options, details: object]>([
    [
      'by a throw',
      {
        recognizers: {
          order: () => {
            throw new Error('boom');
          },
        },
      },
      { intent: 'order' },
    ],
    [
      'by a rejection',
      { recognize: () => Promise.reject(new Error('boom')) },
      { recognizer: 'recognize' },
    ],
    [
      'by a score that is no number',
      { recognizers: { order: () => Number.NaN } },
      { intent: 'order' },
    ],
    ['by an endless score', { recognizers: { order: () => Infinity } }, { intent: 'order' }],
    ['by a string', { recognizers: { order: () => 'yes' as never } }, { intent: 'order' }],
    ['by a list', { recognizers: { order: () => [1] as never } }, { intent: 'order' }],
    [
      'by values that are none',
      { recognizers: { order: () => ({ values: 7 as never }) } },
      { intent: 'order' },
    ],
    [
      'by values with a function',
      { recognizers: { order: async () => ({ values: { f: () => 1 } }) } },
      { intent: 'order' },
    ],
    [
      'by values without end',
      { recognizers: { order: () => ({ values: cycle }) } },
      { intent: 'order' },
    ],
    [
      'by values over the limit',
      { recognizers: { order: () => ({ values: { x: 'x'.repeat(70_000) } }) } },
      { intent: 'order' },
    ],
    [
      'by values that reach a prototype',
      {
        recognizers: {
          order: () => ({ values: JSON.parse('{"__proto__":{"a":1}}') as object as never }),
        },
      },
      { intent: 'order' },
    ],
    [
      'by no list',
      { recognize: () => ({ intent: 'order' }) as never },
      { recognizer: 'recognize' },
    ],
    [
      'by a candidate without a name',
      { recognize: () => [{ score: 1 }] as never },
      { recognizer: 'recognize' },
    ],
    [
      'by a candidate that is nothing',
      { recognize: () => [null] as never },
      { recognizer: 'recognize' },
    ],
  ])(
    '%s is reported and found nothing, and what others found counts',
    async (_what, options, details) => {
      const world = createWorld(desk, options);
      // The pattern of the dialogue is replaced, or stands beside the failing one.
      const said = 'intent' in details ? 'text order tea' : 'dish tea';
      expect(await answers(world, 'order tea', 'cancel')).toEqual([said, 'cancelled']);
      expect(world.errors).toHaveLength(2);
      for (const error of world.errors) {
        expect(error).toMatchObject({ code: 'recognizer_failed', openid: 'u', details });
        expect(error).toHaveProperty('cause');
        expect(String(error)).not.toMatch(/tea|boom/);
      }
    },
  );

  it('by names that the dialogue does not declare is reported without them, and its other candidates count', async () => {
    const world = createWorld(
      desk,
      answering({ intent: 'constructor' }, { intent: 'my secret' }, { intent: 'cancel' }),
    );
    expect(await answers(world, 'x')).toEqual(['cancelled']);
    expect(world.errors).toMatchObject([{ code: 'unknown_intent', details: { count: 2 } }]);
    expect(JSON.stringify(world.errors)).not.toContain('secret');
  });

  it('with nothing to say finds nothing, and that is no failure', async () => {
    const world = createWorld(desk, {
      recognizers: { order: () => undefined, pay: () => null, rest: async () => {} },
      recognize: () => undefined as never,
    });
    expect(await answers(world, 'order tea')).toEqual(['text order tea']);
    expect(world.errors).toEqual([]);
  });

  it.each<Options>([
    { recognizers: { 'a b': () => true } },
    { recognizers: { order: {} as never } },
    { recognizeMs: -1 },
  ])('is refused where it is given: %j', (options) => {
    expect(() => createWorld(desk, options)).toThrow(
      expect.objectContaining({ name: 'UsageError' }) as Error,
    );
  });
});

describe('what recognises', () => {
  it('may be replaced in the runner, by name and all at once', async () => {
    const mine = setupDialogue({
      types: {} as { context: object },
      intents: { cancel: keywords('cancel'), order: {} },
      recognize: () => {
        throw new Error('the real model was called');
      },
    });
    const dialogue = mine.createDialogue({
      id: 'mine',
      context: {},
      on: {
        'intent.cancel': { actions: mine.reply('cancelled') },
        'intent.order': { actions: mine.reply('ordered') },
      },
    });
    const world = createWorld(dialogue, {
      recognizers: { cancel: keywords('away') },
      recognize: (message, { intents, openid }) => {
        expect([intents, openid]).toEqual([['cancel', 'order'], 'u']);
        return message.type === 'message.text' && message.text === 'tea'
          ? [{ intent: 'order' }]
          : [];
      },
    });
    expect(await answers(world, 'cancel', 'away', 'tea')).toEqual(['cancelled', 'ordered']);
    expect(world.errors).toEqual([]);
  });

  it('stays with a dialogue when `provide` replaces its parts', async () => {
    expect(await answers(createWorld(desk.provide({ actions: {} })), 'order tea')).toEqual([
      'dish tea',
    ]);
  });

  it('comes with a sub-dialogue, whose state goes first', async () => {
    const inner = setupDialogue({
      types: {} as { context: object },
      intents: { street: pattern(/^(?<name>.+) street$/iu), cancel: {} },
    });
    const address = inner.createDialogue({
      id: 'address',
      context: {},
      initial: 'a',
      states: {
        a: {
          entry: inner.reply('Which street?'),
          on: {
            'intent.street': {
              target: 'b',
              actions: inner.reply(({ event }) => String(event.values['name'])),
            },
            'intent.cancel': { actions: inner.reply('not here') },
          },
        },
        b: {},
      },
    });
    const outer = setupDialogue({
      types: {} as { context: object },
      actors: { address },
      intents: { cancel: keywords('cancel') },
    });
    const dialogue = outer.createDialogue({
      id: 'outer',
      context: {},
      invoke: { src: 'address', id: 'address' },
      on: { 'intent.cancel': { actions: outer.reply('cancelled outside') } },
    });
    const world = createWorld(dialogue);
    expect(await answers(world, 'hi', 'cancel', 'Baker Street', 'cancel')).toEqual([
      'Which street?',
      'not here',
      'Baker',
      'cancelled outside',
    ]);
  });
});
