import { ColloquyError, commandIntents, setupDialogue, toMermaid } from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse, createCoverage, explore, fails, hangs, lintDialogue } from 'colloquy/testing';
import { fromPromise } from 'xstate';
import { describe, expect, it } from 'vitest';

interface Data {
  item?: string;
  total?: number;
  note?: string;
}

const words = setupDialogue({
  types: {} as { context: Data },
  intents: commandIntents,
  actors: {
    price: fromPromise<number, { item: string }>(async ({ input }) => input.item.length),
    ping: fromPromise(async () => undefined),
  },
});

function shop(more: object = {}, around: object = {}) {
  return words.createDialogue({
    id: 'shop',
    context: {},
    initial: 'open',
    ...around,
    states: {
      open: {
        on: {
          'message.text': {
            target: 'pricing',
            actions: words.assign({ item: ({ event }) => event.text }),
          },
        },
      },
      pricing: words.service({
        src: 'price',
        input: ({ context }) => ({ item: context.item ?? '' }),
        assign: 'total',
        done: { target: 'sure', actions: words.reply(({ event }) => `Sum: ${event.output}.`) },
        failed: {
          target: 'sorry',
          actions: words.reply(({ event }) => `No price: ${messageOf(event.error)}`),
        },
        timeout: { seconds: 10 },
        busy: 'One moment.',
        ...more,
      }),
      sure: words.done(({ context }) => `It is ${context.total}.`),
      sorry: words.done('Sorry.'),
      off: words.done('Off.'),
    },
  });
}

/** Things of this shop that have nothing to do with its service. */
const except = { 'unreachable-state': { except: ['off'] }, 'no-fallback': { except: ['open'] } };

function messageOf(error: unknown): string {
  return ColloquyError.is(error) ? error.code : (error as Error).message;
}

const answers = { price: ({ item }: { item: string }) => item.length };

describe('a service', () => {
  it('runs with its input, keeps the output in the dictionary, and continues', async () => {
    const chat = converse(shop(), { services: answers });
    expect(await chat.say('pear')).toEqual(['Sum: 4.', 'It is 4.']);
    expect(chat.context).toEqual({ item: 'pear', total: 4 });
  });

  it('changes the dictionary as a function says, and takes the first way whose guard holds', async () => {
    const dialogue = shop({
      assign: ({ output, context }: { output: number; context: Data }) => ({
        note: `${context.item} ${output}`,
      }),
      done: [
        { guard: ({ event }: { event: { output: number } }) => event.output > 5, target: 'off' },
        { target: 'sure' },
      ],
    });
    const chat = converse(dialogue, { services: answers });
    expect(await chat.say('tomato')).toEqual(['Off.']);
    expect(chat.context).toEqual({ item: 'tomato', note: 'tomato 6' });
    expect(await chat.user('bob').say('pear')).toEqual(['It is undefined.']);
  });

  it('tries again after a longer time each time, and tells the user nothing of it', async () => {
    const chat = converse(shop({ retries: 2 }), { services: { price: fails(2, answers.price) } });
    expect(await chat.say('pear')).toEqual([]);
    expect(chat.state).toBe('pricing.backoff1');
    expect(await chat.advance({ seconds: 1 })).toEqual([]);
    expect(chat.state).toBe('pricing.backoff2');
    expect(await chat.advance({ milliseconds: 1999 })).toEqual([]);
    expect(await chat.advance({ milliseconds: 1 })).toEqual(['Sum: 4.', 'It is 4.']);
  });

  it('waits a maximum of 30 seconds before a retry', async () => {
    const chat = converse(shop({ retries: 7 }), { services: { price: fails(9) } });
    await chat.say('pear');
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      let seconds = 0;
      while (chat.state === `pricing.backoff${attempt}` && seconds < 60) {
        await chat.advance({ seconds: 1 });
        seconds += 1;
      }
      waits.push(seconds);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(chat.replies.at(-1)).toBe('Sorry.');
  });

  it.each([
    ['a duration', { minutes: 1 }, [60, 60]],
    ['a function of the attempt', ({ attempt }: { attempt: number }) => attempt * 5000, [5, 10]],
    ['a function that gives a duration', () => ({ seconds: 3 }), [3, 3]],
  ])('waits by `backoff`: %s', async (_, backoff, seconds) => {
    const chat = converse(shop({ retries: 2, backoff }), { services: { price: fails(9) } });
    await chat.say('pear');
    for (const [index, wait] of seconds.entries()) {
      await chat.advance({ milliseconds: wait * 1000 - 1 });
      expect(chat.state).toBe(`pricing.backoff${index + 1}`);
      await chat.advance({ milliseconds: 1 });
    }
    expect(chat.replies.at(-1)).toBe('Sorry.');
  });

  it('leads to `failed` with the error of the last attempt', async () => {
    const broken = () => {
      throw new Error('no bytes');
    };
    const chat = converse(shop({ retries: 1 }), { services: { price: broken } });
    await chat.say('pear');
    expect(await chat.advance({ seconds: 1 })).toEqual(['No price: no bytes', 'Sorry.']);
    expect(chat.context).toEqual({ item: 'pear' });
  });

  it('gives an attempt up after its timeout, aborts it, and drops what it answers later', async () => {
    const signals: AbortSignal[] = [];
    const slow = (_: object, { signal }: { signal: AbortSignal }): Promise<number> => {
      signals.push(signal);
      return new Promise(() => undefined);
    };
    const chat = converse(shop({ retries: 1 }), { services: { price: slow } });
    await chat.say('pear');
    await chat.advance({ seconds: 10 });
    expect(chat.state).toBe('pricing.backoff1');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await chat.advance({ seconds: 1 });
    expect(chat.state).toBe('pricing.attempt2');
    expect(await chat.advance({ seconds: 10 })).toEqual(['No price: service_timeout', 'Sorry.']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('is busy for messages while it runs and while it waits, and is not disturbed by them', async () => {
    const chat = converse(shop({ retries: 1 }), {
      services: { price: fails(1, hangs()) },
      deadlineMs: 1000,
    });
    await chat.say('pear');
    expect(chat.state).toBe('pricing.backoff1');
    expect(await chat.say('hello?')).toEqual(['One moment.']);
    await chat.advance({ seconds: 1 });
    expect(await chat.say('hello?')).toEqual(['One moment.']);
    expect(chat.state).toBe('pricing.attempt2');
    expect(chat.context).toEqual({ item: 'pear' });
  });

  it('is left by a command and by its own transitions, which come before `busy`', async () => {
    const dialogue = shop(
      { on: { 'message.image': 'off' } },
      { on: words.commands({ cancel: '.off' }) },
    );
    const services = { price: hangs() };
    const one = converse(dialogue, { services, deadlineMs: 1000 });
    await one.say('pear');
    await one.advance({ seconds: 1 });
    expect(await one.say('cancel')).toEqual(['Off.']);
    const two = converse(dialogue, { services, deadlineMs: 1000 });
    await two.say('pear');
    await two.advance({ seconds: 1 });
    await two.send({ type: 'message.image', url: 'https://x.example/a.png' });
    expect(two.replies.at(-1)).toBe('Off.');
  });

  it('runs the attempt again that a crash interrupted, and keeps its place among the attempts', async () => {
    const keys: string[] = [];
    const price = (_: object, { idempotencyKey }: { idempotencyKey: string }) => {
      keys.push(idempotencyKey);
      return keys.length === 1 ? Promise.reject(new Error('down')) : new Promise<number>(() => {});
    };
    const chat = converse(shop({ retries: 1 }), {
      services: { price },
      persister: memory(createDisk()),
      deadlineMs: 1000,
    });
    await chat.say('pear');
    await chat.crash();
    expect(chat.state).toBe('pricing.backoff1');
    await chat.advance({ seconds: 1 });
    expect(chat.state).toBe('pricing.attempt2');
    await chat.crash();
    expect(chat.state).toBe('pricing.attempt2');
    expect(keys).toHaveLength(3);
    expect(keys[1]).toBe(keys[2]);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it('needs no input, output or message to be of use', async () => {
    const dialogue = words.createDialogue({
      id: 'pinging',
      context: {},
      initial: 'ping',
      states: {
        ping: words.service({ src: 'ping', done: 'up', failed: 'down' }),
        up: words.done('Up.'),
        down: words.done('Down.'),
      },
    });
    expect(await converse(dialogue, { services: { ping: () => undefined } }).say('x')).toEqual([
      'Up.',
    ]);
    expect(await converse(dialogue, { services: { ping: fails(1) } }).say('x')).toEqual(['Down.']);
  });
});

describe('the definition of a service', () => {
  it.each([
    ['no `done`', { done: undefined }, /needs a state to go to as its `done`/],
    ['no `failed`', { failed: [] }, /needs a state to go to as its `failed`/],
    ['a way without a target', { failed: {} }, /a `target` in each way of its `failed`/],
    ['a last way that may not hold', { done: [{ guard: () => true, target: 'off' }] }, /get stuck/],
    ['too many retries', { retries: 21 }, /from 0 to 20 `retries`/],
    ['half a retry', { retries: 0.5 }, /from 0 to 20 `retries`/],
    ['a backoff into the past', { retries: 1, backoff: { seconds: -1 } }, /`backoff`/],
    ['no time', { timeout: { seconds: 0 } }, /`timeout`/],
    ['an unknown option', { retrys: 3 }, /did you mean 'retries'/],
    ['an unknown part of a way', { done: { target: 'off', reply: 'x' } }, /'done\.reply'/],
    ['an async input', { input: async () => ({ item: '' }) }, /'input' is an async function/],
  ])('is refused with %s', (_, more, text) => {
    expect(() => shop(more)).toThrow(text);
    expect(() => shop(more)).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it('names a service that is provided', () => {
    expect(() => shop({ src: 'prize' })).toThrow(/'prize' is not provided; did you mean 'price'/);
  });
});

describe('what looks at dialogues, looks at a service:', () => {
  it('lint has nothing against a full one, and one finding for each part that is missing', () => {
    const found = (more: object): string[] =>
      lintDialogue(shop({ retries: 2, ...more }), { rules: except }).map(
        ({ rule, path }) => `${rule} ${path}`,
      );
    expect(found({})).toEqual([]);
    expect(found({ timeout: undefined })).toEqual(['service-without-timeout pricing']);
    expect(found({ busy: undefined })).toEqual(['no-fallback pricing']);
    const [busy] = lintDialogue(shop({ busy: undefined }), { rules: except });
    expect(busy?.remedy).toContain('`busy`');
  });

  it('a diagram draws it as one state that runs the service', () => {
    const lines = toMermaid(shop({ retries: 2 })).split('\n');
    expect(lines.filter((line) => /pricing|attempt|backoff/.test(line))).toEqual([
      '  state "pricing (runs price)" as pricing',
      '  open --> pricing : message.text',
      '  pricing --> sure : done',
      '  pricing --> sorry : failed',
    ]);
  });

  it('coverage counts its failure, and its attempts as the library’s own', async () => {
    const dialogue = shop({ retries: 1 });
    const coverage = createCoverage(dialogue);
    const chat = converse(dialogue, { services: answers });
    await chat.say('pear');
    const { states, failures } = coverage.summary();
    expect(failures.missing.map(({ path, isInternal }) => [path, isInternal])).toContainEqual([
      'pricing',
      false,
    ]);
    const inner = states.missing.filter(({ path }) => path.startsWith('pricing.'));
    expect(inner.length).toBeGreaterThan(0);
    expect(inner.every(({ isInternal }) => isInternal)).toBe(true);
  });

  it('exploration reaches both of its ends', async () => {
    const report = await explore(shop({ retries: 1 }), { services: { price: [4] } });
    expect(report.failures).toEqual([]);
    expect(report.unreached.filter(({ path }) => path !== 'off')).toEqual([]);
    expect((await explore(shop())).needs).toEqual(['price']);
  });

  it('exploration needs no output that goes nowhere', async () => {
    const ping = words.service({ src: 'ping', done: 'up', failed: 'down' });
    const dialogue = words.createDialogue({
      id: 'pinging',
      context: {},
      initial: 'open',
      states: {
        open: { on: { 'message.text': 'ping' } },
        ping,
        up: words.done('Up.'),
        down: words.done('Down.'),
      },
    });
    expect(await explore(dialogue)).toMatchObject({ needs: [], failures: [], unreached: [] });
  });
});
