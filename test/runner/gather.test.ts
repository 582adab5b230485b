import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import {
  type Message,
  type Turn,
  commandIntents,
  mentions,
  pattern,
  setupDialogue,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type Chat, converse, createManualClock, faulty, takes } from 'colloquy/testing';
import { createWorld, texts } from './world.ts';

const QUIET = 1500;
const MAX = 5000;
const gather = { quietMs: QUIET, maxMs: MAX, max: 4 };

const words = setupDialogue({
  types: {} as { context: { heard: readonly string[]; last?: object } },
  actors: { think: fromPromise(async ({ input }: { input: string }) => `thought of ${input}`) },
  intents: {
    ...commandIntents,
    refund: mentions('refund'),
    order: pattern(/^order (?<dish>.+)/u),
    // A function of the author's is asked once, about the whole.
    guess: async () => false,
  },
});
const hear = words.assign({
  heard: ({ context, event }) => [...context.heard, 'text' in event ? event.text : event.type],
  last: ({ event }) => event,
});
/** Writes down and repeats everything that it takes. */
const parrot = words.createDialogue({
  id: 'parrot',
  context: { heard: [] },
  initial: 'on',
  on: {
    'intent.help': { actions: [hear, words.reply('help is here')] },
    'intent.refund': { actions: [hear, words.reply('a refund')] },
    'intent.order': { actions: [hear, words.reply(({ event }) => `a ${event.values['dish']}`)] },
    'event.payment': { actions: [hear, words.reply('paid')] },
    'event.reaction': { guard: () => false, target: '.on' },
  },
  states: {
    on: {
      on: {
        'message.text': [
          {
            guard: ({ event }) => event.text.includes('think'),
            target: 'thinking',
          },
          {
            guard: ({ event }) => event.text.includes('boom'),
            actions: [
              hear,
              words.assign(() => {
                throw new Error('boom');
              }),
            ],
          },
          {
            guard: ({ event }) => event.text.includes('forget'),
            actions: [words.reply('who are you?'), words.forget()],
          },
          {
            guard: ({ event }) => event.text.includes('remind'),
            target: 'waiting',
            actions: [hear, words.reply('I will')],
          },
          {
            actions: [
              hear,
              words.reply(({ event }) => `heard ${event.text.replaceAll('\n', '|')}`),
            ],
          },
        ],
        'message.image': { actions: [hear, words.reply('a picture')] },
        'message.action': { actions: [hear, words.reply('a button')] },
      },
    },
    waiting: {
      after: { 4000: { target: 'on', actions: words.reply('remember!') } },
      on: {
        'message.text': {
          actions: [
            hear,
            words.reply(({ event }) => `waiting, heard ${event.text.replaceAll('\n', '|')}`),
          ],
        },
      },
    },
    thinking: {
      invoke: {
        src: 'think',
        input: ({ event }) => ('text' in event ? event.text : ''),
        onDone: { target: 'on', actions: words.reply(({ event }) => event.output) },
      },
    },
  },
});

type ParrotChat = Chat<{ heard: readonly string[]; last?: object }>;

function talk(options: object = {}): ParrotChat {
  return converse(parrot, { gather, ...options }) as unknown as ParrotChat;
}

const image = { type: 'message.image', mediaId: 'p' } as const;

describe('three short messages', () => {
  it('have one answer, after the quiet time', async () => {
    const chat = talk();
    await chat.say('I want');
    chat.expectOutcome('waiting').expectSilence();
    await chat.advance(QUIET - 1);
    await chat.say('a pizza');
    await chat.advance(QUIET - 1);
    await chat.say('with cheese');
    chat.expectSilence();
    expect(await chat.advance(QUIET - 1)).toEqual([]);
    expect(await chat.advance(1)).toEqual(['heard I want|a pizza|with cheese']);
    chat.expectContext({ heard: ['I want\na pizza\nwith cheese'] }).expectOutcome('replied');
  });

  it('have one answer in memory alone, which the caller of the last one gets', async () => {
    const { runner, clock, said } = createWorld(parrot, { gather });
    const turns = [
      runner.handle('u', 'a', { id: '1' }),
      runner.handle('u', 'b', { id: '2' }),
      runner.handle('u', 'c'),
    ];
    await clock.advance(0);
    expect(await turns[0]).toEqual({ openid: 'u', id: '1', outcome: 'gathered', replies: [] });
    expect(await turns[1]).toMatchObject({ id: '2', outcome: 'gathered' });
    await clock.advance(QUIET);
    const last = (await turns[2]) as Turn;
    expect([last.outcome, texts(last.replies)]).toEqual(['replied', ['heard a|b|c']]);
    expect(said).toEqual([]);
    expect(runner.stats()).toMatchObject({ inFlight: 0, due: 1 });
  });

  it('are one message with its parts', async () => {
    const chat = talk().person({ id: '7', name: 'Ann' });
    const at = chat.clock.now();
    await chat.say('a');
    await chat.advance(1000);
    await chat.say('b');
    await chat.advance(QUIET);
    expect(chat.context.last).toEqual({
      type: 'message.text',
      text: 'a\nb',
      from: { id: '7', name: 'Ann' },
      receivedAt: at + 1000,
      parts: [
        { id: 'm1', text: 'a', at },
        { id: 'm2', text: 'b', at: at + 1000 },
      ],
    });
  });

  it('are each one message without `gather`', async () => {
    const chat = converse(parrot);
    await chat.say('a');
    await chat.say('b');
    expect(chat.context.heard).toEqual(['a', 'b']);
  });
});

describe('a burst', () => {
  it('of one message is an ordinary message', async () => {
    const chat = talk();
    await chat.say('hello');
    const at = chat.clock.now();
    await chat.advance(QUIET);
    chat.expectReply('heard hello');
    expect(chat.context.last).toEqual({ type: 'message.text', text: 'hello', receivedAt: at });
  });

  it('is complete at `maxMs` after its first part, if the person never stops', async () => {
    const chat = talk({ gather: { ...gather, max: 100 } });
    for (let n = 0; n < 5; n += 1) {
      await chat.say(String(n));
      await chat.advance(MAX / 5);
    }
    chat.expectContext({ heard: ['0\n1\n2\n3\n4'] });
    await chat.say('5');
    await chat.advance(QUIET);
    expect(chat.context.heard).toEqual(['0\n1\n2\n3\n4', '5']);
  });

  it('is complete at once with its last part', async () => {
    const chat = talk();
    for (const text of ['a', 'b', 'c']) await chat.say(text);
    chat.expectSilence();
    expect(await chat.say('d')).toEqual(['heard a|b|c|d']);
    await chat.say('e');
    expect(await chat.advance(QUIET)).toEqual(['heard e']);
  });

  it('has as many bytes as a context, and a longer text is one message', async () => {
    const echo = setupDialogue({ types: {} as { context: object } });
    const dialogue = echo.createDialogue({
      id: 'echo',
      initial: 'on',
      context: {},
      states: {
        on: {
          on: {
            'message.text': {
              actions: echo.reply(({ event }) => event.text.replaceAll(/x+/gu, '')),
            },
          },
        },
      },
    });
    const chat = converse(dialogue, { gather, store: { maxContextBytes: 2000 } });
    const long = 'x'.repeat(700);
    await chat.say(`a${long}`);
    await chat.say(`b${long}`);
    chat.expectSilence();
    expect(await chat.say(`c${long}`)).toEqual(['a\nb']);
    expect(await chat.advance(QUIET)).toEqual(['c']);
    await chat.say(`d${long}`);
    expect(await chat.say(`e${long}${long}${long}`)).toEqual(['d', 'e']);
  });

  it('shows in `inspect()` what it has, and nothing of it afterwards', async () => {
    const { runner, clock, store } = createWorld(parrot, { gather });
    const at = clock.now();
    const turn = runner.handle('u', 'a', { id: '1' });
    await clock.advance(1);
    expect((await runner.inspect('u'))?.gathering).toEqual([{ id: '1', text: 'a', at }]);
    expect((await store.export('u'))?.gathering).toEqual([{ id: '1', text: 'a', at }]);
    await clock.advance(QUIET);
    await turn;
    expect(await runner.inspect('u')).not.toHaveProperty('gathering');
    expect((await store.export('u'))?.gathering).toEqual([]);
  });

  it('does not hold the lane: another user, a service and an update do not wait', async () => {
    const { runner, clock, store } = createWorld(parrot, { gather });
    const first = runner.handle('u', 'a');
    await clock.advance(10);
    await store.update('u', (context) => context.set('own', 1));
    const second = runner.handle('u', 'b');
    await clock.advance(10);
    expect((await first).outcome).toBe('gathered');
    await clock.advance(QUIET);
    expect(texts((await second).replies)).toEqual(['heard a|b']);
    expect((await store.open('u')).toJSON()).toMatchObject({ own: 1, heard: ['a\nb'] });
  });

  it('starts the dialogue if it is the first of a user', async () => {
    const greeter = setupDialogue({ types: {} as { context: object } });
    const dialogue = greeter.createDialogue({
      id: 'greeter',
      initial: 'on',
      context: {},
      states: {
        on: {
          entry: greeter.reply('hi'),
          on: { 'message.text': { actions: greeter.reply('yes') } },
        },
      },
    });
    const chat = converse(dialogue, { gather });
    await chat.say('a');
    await chat.say('b');
    expect(await chat.advance(QUIET)).toEqual(['hi']);
    await chat.say('c');
    expect(await chat.advance(QUIET)).toEqual(['yes']);
  });

  it('waits for its services, as any message does', async () => {
    const chat = talk({ services: { think: takes({ seconds: 1 }, () => 'thought') } });
    await chat.say('do');
    await chat.say('think');
    expect(await chat.advance(QUIET)).toEqual([]);
    chat.expectState('thinking').expectOutcome('waiting');
    expect(await chat.advance(1000)).toEqual(['thought']);
    chat.expectOutcome('replied');
  });
});

describe('what is no part', () => {
  const cases: readonly (readonly [string, string | Message | object, string])[] = [
    ['a command', 'help', 'help is here'],
    ['an intent that is the whole text', 'Refund!', 'a refund'],
    ['an intent by a pattern', 'order tea', 'a tea'],
    ['a picture', image, 'a picture'],
    ['a button', { type: 'message.action', value: 'yes' }, 'a button'],
    ['an event that a state takes', { type: 'event.payment' }, 'paid'],
  ];
  it.each(cases)(
    '%s: the parts come first, and it has a turn of its own',
    async (_what, said, answer) => {
      const chat = talk();
      await chat.say('a');
      await chat.say('b');
      await chat.say(said as Message);
      chat.expectReplies('heard a|b', answer);
      expect(chat.context.heard).toHaveLength(2);
      expect(await chat.advance(MAX)).toEqual([]);
    },
  );

  it.each(cases)('%s does not wait where nothing is gathered', async (_what, said, answer) => {
    const chat = talk();
    expect(await chat.say(said as Message)).toEqual([answer]);
  });

  it('a text that mentions the word of an intent is a part: the whole may mean it', async () => {
    const chat = talk();
    await chat.say('hello');
    await chat.say('I want a refund please');
    chat.expectSilence();
    expect(await chat.advance(QUIET)).toEqual(['a refund']);
    chat.expectContext({ heard: ['hello\nI want a refund please'] });
  });

  it('an event from outside: its sender has the outcome, and the user both answers in order', async () => {
    const chat = talk();
    await chat.say('a');
    expect(await chat.event({ type: 'event.payment' })).toEqual(['heard a', 'paid']);
  });

  it('an event that no state names leaves the burst as it is', async () => {
    const chat = talk();
    await chat.say('a');
    await chat.send({ type: 'event.view' });
    chat.expectSilence();
    await chat.say('b');
    expect(await chat.advance(QUIET)).toEqual(['heard a|b']);
  });

  it('what another person of a group says is no part of what Ann says', async () => {
    const group = talk();
    const [ann, bob] = [group.person('ann'), group.person('bob')];
    await ann.say('a');
    await ann.say('b');
    await bob.say('c');
    group.expectReplies('heard a|b');
    await ann.say('d');
    group.expectReplies('heard c');
    expect(await group.advance(QUIET)).toEqual(['heard d']);
  });

  it('a redelivered button is a duplicate, and does not end the burst', async () => {
    const chat = talk();
    await chat.send(image, { id: 'p1' });
    await chat.say('a');
    const again = await chat.send(image, { id: 'p1' });
    expect(again.outcome).toBe('duplicate');
    await chat.say('b');
    expect(await chat.advance(QUIET)).toEqual(['heard a|b']);
  });
});

describe('a part that is delivered again', () => {
  it.each([1, 2, 3])('while it gathers, number %i of three: it counts once', async (number) => {
    const chat = talk();
    for (const n of [1, 2, 3]) await chat.send(`t${n}`, { id: `m${n}` });
    const again = await chat.send(`t${number}`, { id: `m${number}` });
    expect(again.outcome).toBe(number === 3 ? 'waiting' : 'gathered');
    await chat.advance(QUIET);
    expect(chat.context.heard).toEqual(['t1\nt2\nt3']);
    expect(chat.replies).toContain('heard t1|t2|t3');
  });

  it.each([1, 2, 3])(
    'after the turn, number %i of three: the last one has the replies',
    async (number) => {
      const chat = talk();
      for (const n of [1, 2, 3]) await chat.send(`t${n}`, { id: `m${n}` });
      await chat.advance(QUIET);
      const again = await chat.send(`t${number}`, { id: `m${number}` });
      expect(again.outcome).toBe('duplicate');
      expect(texts(again.replies)).toEqual(number === 3 ? ['heard t1|t2|t3'] : []);
      await chat.advance(MAX);
      expect(chat.context.heard).toEqual(['t1\nt2\nt3']);
    },
  );

  it.each([1, 2, 3])(
    'after a crash, number %i of three: it joins what is stored',
    async (number) => {
      const chat = talk();
      for (const n of [1, 2, 3]) await chat.send(`t${n}`, { id: `m${n}` });
      await chat.crash();
      const again = await chat.send(`t${number}`, { id: `m${number}` });
      expect(again.outcome).toBe(number === 3 ? 'waiting' : 'gathered');
      expect(await chat.advance(QUIET)).toEqual(['heard t1|t2|t3']);
    },
  );

  it('at the same moment is one part', async () => {
    const chat = talk();
    await chat.duplicate('a');
    await chat.duplicate('b');
    await chat.advance(QUIET);
    expect(chat.context.heard).toEqual(['a\nb']);
  });
});

describe('a crash', () => {
  it.each([1, 2, 3])('after part %i of three loses none and doubles none', async (number) => {
    const chat = talk();
    for (const n of [1, 2, 3]) {
      await chat.say(`t${n}`);
      if (n === number) await chat.crash();
    }
    expect(await chat.advance(QUIET)).toEqual(['heard t1|t2|t3']);
    expect(await chat.advance(MAX)).toEqual([]);
  });

  it('for longer than the quiet time: the turn is taken at the start, and the next text is another burst', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const first = createWorld(parrot, { gather, clock, storeOptions: { persister: memory(disk) } });
    void first.runner.handle('u', 'a', { id: '1' });
    await clock.advance(0);
    const dead = first;
    await clock.advance(10);
    // The process is gone: nothing of it may move any more.
    await dead.runner.stop();
    await clock.advance(3_600_000);
    const { runner, said } = createWorld(parrot, {
      clock,
      storeOptions: { persister: memory(disk) },
    });
    await runner.start();
    await runner.idle('u');
    expect(said).toEqual(['u: heard a']);
    const again = await runner.handle('u', 'a', { id: '1' });
    expect(again.outcome).toBe('duplicate');
  });
});

describe('a caller', () => {
  it('whose deadline is before the quiet time is over has `pending`, and the replies come late', async () => {
    const { runner, clock, said } = createWorld(parrot, { gather, deadlineMs: 1000 });
    const turn = runner.handle('u', 'a', { id: '1' });
    await clock.advance(1000);
    expect(await turn).toEqual({ openid: 'u', id: '1', outcome: 'pending', replies: [] });
    expect(said).toEqual([]);
    await clock.advance(QUIET - 1000);
    expect(said).toEqual(['u: heard a']);
    expect(runner.stats().inFlight).toBe(0);
  });

  it('who hangs up leaves the part where it is', async () => {
    const { runner, clock, said } = createWorld(parrot, { gather });
    const hangUp = new AbortController();
    const turn = runner.handle('u', 'a', { signal: hangUp.signal });
    await clock.advance(10);
    hangUp.abort();
    expect((await turn).outcome).toBe('pending');
    await clock.advance(QUIET);
    expect(said).toEqual(['u: heard a']);
  });

  it('has `failed` if the part could not be stored, and it counts when it comes again', async () => {
    const chat = talk();
    await chat.say('a');
    chat.fail('save');
    expect((await chat.send('b', { id: 'b1' })).outcome).toBe('failed');
    await chat.send('b', { id: 'b1' });
    await chat.advance(QUIET);
    expect(chat.context.heard).toEqual(['a\nb']);
  });

  it('has `failed` if the turn could not be written; it is taken a moment later', async () => {
    const chat = talk();
    await chat.say('a');
    await chat.say('b');
    chat.fail('save');
    expect(await chat.advance(QUIET)).toEqual([]);
    chat.expectOutcome('failed');
    expect(await chat.advance(2000)).toEqual(['heard a|b']);
  });

  it('of a message behind a burst that could not be written: it may come again, and comes second', async () => {
    const chat = talk();
    await chat.say('a');
    chat.fail('save');
    expect((await chat.send(image, { id: 'p1' })).outcome).toBe('failed');
    await chat.send(image, { id: 'p1' });
    expect(chat.context.heard).toEqual(['a', 'message.image']);
  });
});

describe('a burst whose turn throws', () => {
  it('changes nothing and is over: the user hears of it once, and can go on', async () => {
    const chat = talk({ onError: () => 'Sorry.' });
    await chat.say('a');
    await chat.say('boom');
    expect(await chat.advance(QUIET)).toEqual(['Sorry.']);
    chat.expectOutcome('failed');
    expect(await chat.advance(MAX)).toEqual([]);
    await chat.say('b');
    expect(await chat.advance(QUIET)).toEqual(['heard b']);
    chat.expectContext({ heard: ['b'] });
  });

  it('does not stop the message that ended it', async () => {
    const chat = talk({ onError: () => 'Sorry.' });
    await chat.say('boom');
    expect(await chat.say(image)).toEqual(['Sorry.', 'a picture']);
  });
});

describe('what else happens while a burst gathers', () => {
  it('a timer fires, and leaves the burst as it is', async () => {
    const chat = talk();
    await chat.say('remind');
    await chat.advance(QUIET);
    chat.expectTimer(4000);
    await chat.advance(3500);
    await chat.say('a');
    expect(await chat.advance(500)).toEqual(['remember!']);
    await chat.say('b');
    expect(await chat.advance(QUIET)).toEqual(['heard a|b']);
  });

  it('a timer that is overdue with the burst comes in the order of their times', async () => {
    const chat = talk();
    await chat.say('remind');
    await chat.advance(QUIET + 1000);
    await chat.say('a');
    await chat.crash();
    await chat.advance(0);
    expect(await chat.advance(10_000)).toEqual(['waiting, heard a', 'remember!']);
  });

  it('the user is forgotten by what the dialogue hears', async () => {
    const chat = talk();
    await chat.say('a');
    await chat.advance(QUIET);
    await chat.say('please');
    await chat.say('forget me');
    expect(await chat.advance(QUIET)).toEqual(['who are you?']);
    chat.expectContext({ heard: undefined });
    await chat.say('b');
    expect(await chat.advance(QUIET)).toEqual(['heard b']);
  });

  it('the data of the user is erased: the parts are gone, and their callers leave', async () => {
    const { runner, clock, store, said } = createWorld(parrot, { gather });
    const turn = runner.handle('u', 'a');
    await clock.advance(10);
    await store.erase('u');
    expect((await turn).outcome).toBe('gathered');
    await clock.advance(MAX);
    expect([said, await store.exists('u')]).toEqual([[], false]);
  });

  it('one person of a group is erased: their parts are gone, and those of another person are not', async () => {
    const { runner, clock, store, said } = createWorld(parrot, { gather });
    const say = (id: string, text: string): void => {
      const message = { type: 'message.text', text, from: { id } } as const;
      void runner.handle('u', message, { awaitBurst: false });
    };
    say('ann', 'a');
    await clock.advance(10);
    await store.erasePerson('u', 'bob');
    await clock.advance(QUIET);
    expect(said).toEqual(['u: heard a']);
    say('ann', 'b');
    await clock.advance(10);
    await store.erasePerson('u', 'ann');
    await clock.advance(MAX);
    expect(said).toEqual(['u: heard a']);
    expect((await store.export('u'))?.gathering).toEqual([]);
  });

  it('the conversation moves: the burst goes with it', async () => {
    const { runner, clock, said, data } = createWorld(parrot, { gather });
    const turn = runner.handle('u', 'a');
    await clock.advance(10);
    await runner.move('u', 'v');
    expect((await turn).outcome).toBe('gathered');
    await clock.advance(MAX);
    expect(said).toEqual(['v: heard a']);
    expect(await data('v')).toMatchObject({ heard: ['a'] });
  });

  it('its record does not expire before its turn, and the parts postpone no expiry', async () => {
    const chat = talk({ store: { age: 1 }, gather: { quietMs: 5000 } });
    await chat.say('a');
    await chat.advance(4000);
    expect(chat.expired).toBe(false);
    expect(await chat.advance(1000)).toEqual(['heard a']);
    chat.expectExpiryIn({ seconds: 1 });
    await chat.advance(1000);
    chat.expectExpired();
  });

  it('a runner without `gather` takes what one with it has left', async () => {
    const chat = talk();
    await chat.say('a');
    await chat.say('b');
    const next = await chat.deploy(parrot, { gather: undefined } as object);
    expect(await next.advance(QUIET)).toEqual(['heard a|b']);
    expect(await next.say('c')).toEqual(['heard c']);
  });

  it('its record leaves memory, and is taken at its time', async () => {
    const chat = talk();
    await chat.say('a');
    chat.evict();
    await chat.say('b');
    chat.evict();
    expect(await chat.advance(QUIET)).toEqual(['heard a|b']);
  });
});

describe('the end of a runner', () => {
  it('leaves the parts with the persister: callers have `pending` at once, and the next one takes the turn', async () => {
    const disk = createDisk();
    const clock = createManualClock();
    const make = () =>
      createWorld(parrot, { gather, clock, storeOptions: { persister: memory(disk) } });
    const first = make();
    const turn = first.runner.handle('u', 'a', { id: '1' });
    await clock.advance(10);
    const stopped = first.runner.stop();
    await clock.advance(0);
    await stopped;
    expect(await turn).toEqual({ openid: 'u', id: '1', outcome: 'pending', replies: [] });
    await first.store.close();
    const { runner, said } = make();
    await runner.start();
    await clock.advance(QUIET);
    expect(said).toEqual(['u: heard a']);
  });

  it('takes the parts that are only in memory', async () => {
    const { runner, clock } = createWorld(parrot, { gather });
    const turns = [runner.handle('u', 'a'), runner.handle('u', 'b'), runner.handle('v', 'c')];
    await clock.advance(10);
    await runner.stop();
    const [first, second, third] = await Promise.all(turns);
    expect(first?.outcome).toBe('gathered');
    expect(texts(second?.replies ?? [])).toEqual(['heard a|b']);
    expect(texts(third?.replies ?? [])).toEqual(['heard c']);
  });
});

describe('the option', () => {
  it.each([
    [{ quietMs: 0 }, 'gather.quietMs'],
    [{ quietMs: Number.NaN }, 'gather.quietMs'],
    [{ quietMs: 2000, maxMs: 1000 }, 'gather.maxMs'],
    [{ max: 1 }, 'gather.max'],
    [{ quiet: 1 }, 'quietMs'],
    [true, 'gather'],
  ])('%j is refused', (option, named) => {
    expect(() => createWorld(parrot, { gather: option as object })).toThrow(named);
  });

  it('has defaults', async () => {
    const chat = talk({ gather: {} });
    for (let n = 1; n < 8; n += 1) await chat.say(String(n));
    chat.expectSilence();
    await chat.say('8');
    chat.expectReply('heard 1|2|3|4|5|6|7|8');
    await chat.say('9');
    expect(await chat.advance(1500)).toEqual(['heard 9']);
  });
});

describe('a turn whose commit has no clear end', () => {
  it('has its caller ask again, and the replies are remembered', async () => {
    const clock = createManualClock();
    const outcomes = ['answered', 'lost'] as const;
    let saves = 0;
    const persister = faulty(memory(createDisk()), {
      clock,
      choose: ({ method }) =>
        method === 'save'
          ? { outcome: outcomes[saves++] ?? 'answered', afterMs: saves === 2 ? 1000 : 0 }
          : undefined,
    });
    const { runner } = createWorld(parrot, {
      gather,
      clock,
      deadlineMs: 2000,
      storeOptions: { persister },
    });
    const turn = runner.handle('u', 'a', { id: '1' });
    await clock.advance(2000);
    // The part is stored, and what is said to it may be written; nobody knows yet.
    expect(await turn).toMatchObject({ outcome: 'pending', uncommitted: true });
    await clock.advance(10_000);
    const again = await runner.handle('u', 'a', { id: '1' });
    expect([again.outcome, texts(again.replies)]).toEqual(['duplicate', ['heard a']]);
  });
});
