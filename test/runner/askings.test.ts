import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign, fromPromise } from 'xstate';
import {
  type ChoicesReply,
  type Incoming,
  type Message,
  type Reply,
  type Turn,
  commandIntents,
  hear,
  integer,
  keywords,
  setupDialogue,
  text,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { type World, createWorld, texts } from './world.ts';

const {
  ask,
  assign: set,
  choose,
  commands,
  confirm,
  createDialogue,
  done,
  forget,
  reply,
} = setupDialogue({
  types: {} as {
    context: { name?: string; wish?: string; count?: number; taken?: string[]; menu?: string[] };
  },
  intents: { ...commandIntents, order: keywords('order') },
});

const note = (word: string) => set({ taken: ({ context }) => [...(context.taken ?? []), word] });

/** Deletes, then pays, then asks for a name: a tap too many would do harm in each of them. */
const account = createDialogue({
  id: 'account',
  context: {},
  initial: 'delete',
  states: {
    delete: confirm({
      question: 'Delete your photos?',
      yes: { target: 'pay', actions: note('deleted') },
      no: 'pay',
    }),
    pay: confirm({
      question: 'Delete your account?',
      yes: { target: 'name', actions: note('gone') },
      no: 'name',
    }),
    name: ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'end' }),
    end: done(({ context }) => `Bye ${context.name}.`),
  },
});

/** The last choices of a turn. */
function offered({ replies }: Pick<Turn, 'replies'>): ChoicesReply {
  const choices = replies.findLast((said): said is ChoicesReply => said.type === 'choices');
  if (choices === undefined) throw new Error('Nothing was offered.');
  return choices;
}

/** A press on a button of a reply. */
function press({ asking }: Pick<ChoicesReply, 'asking'>, value: string): Message {
  return { type: 'message.action', value, ...(asking !== undefined && { asking }) };
}

const say = (world: World, message: Incoming, id?: string): Promise<Turn> =>
  world.runner.handle('ann', message, id === undefined ? {} : { id });

async function stateOf({ runner }: World): Promise<unknown> {
  return JSON.stringify((await runner.inspect('ann'))?.dialogue?.value);
}

/** Everything that a stale press must not change. */
async function everything(world: World): Promise<unknown> {
  const conversation = await world.runner.inspect('ann');
  return { conversation, kept: await world.store.export('ann') };
}

describe('a button under a question', () => {
  it('counts once, and does not answer the question that comes next', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    const second = await say(world, press(first, 'yes'));
    expect(texts(second.replies)).toEqual(['Delete your account? (Yes | No)']);
    const before = await everything(world);
    expect(await say(world, press(first, 'yes'))).toMatchObject({ outcome: 'stale', replies: [] });
    expect(await say(world, press(first, 'no'))).toMatchObject({ outcome: 'stale', replies: [] });
    expect(await everything(world)).toEqual(before);
    expect(await world.data('ann')).toEqual({ taken: ['deleted'] });
  });

  it('is no answer to a question for words', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    const second = offered(await say(world, press(first, 'yes')));
    await say(world, press(second, 'no'));
    for (const late of [press(first, 'yes'), press(second, 'no'), press(second, 'yes')]) {
      expect((await say(world, late)).outcome).toBe('stale');
    }
    expect(texts((await say(world, 'Ann')).replies)).toEqual(['Bye Ann.']);
  });

  it('names its asking in up to 8 characters of [0-9a-z]', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    const second = offered(await say(world, press(first, 'yes')));
    for (const { asking } of [first, second]) expect(asking).toMatch(/^[0-9a-z]{1,8}$/);
    expect(second.asking).not.toBe(first.asking);
  });

  it.each<[string, Partial<ChoicesReply>, string]>([
    ['an asking that was never', { asking: 'zzzz' }, 'yes'],
    ['an asking with other characters', { asking: '<b>' }, 'yes'],
    ['an asking of another length', { asking: '0'.repeat(500) }, 'yes'],
    ['a value that was not offered', {}, 'maybe'],
    ['a value in another case', {}, 'YES'],
    ['the number of an option', {}, '1'],
    ['a value of nothing', {}, ''],
    ['the name of a property of every object', { asking: '__proto__' }, 'yes'],
  ])('does not count with %s', async (_what, other, value) => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    const before = await everything(world);
    const turn = await say(world, press({ ...first, ...other }, value));
    expect(turn).toMatchObject({ outcome: 'stale', replies: [] });
    expect(await everything(world)).toEqual(before);
  });

  it('counts by its label if the channel sends only that, and the dialogue receives its value', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    expect((await say(world, press(first, 'Yes'))).outcome).toBe('replied');
    expect(await world.data('ann')).toEqual({ taken: ['deleted'] });
  });

  it('is refused with an asking that is no string, before a turn begins', async () => {
    const world = createWorld(account);
    const bad = { type: 'message.action', value: 'yes', asking: 7 } as unknown as Message;
    await expect(say(world, bad)).rejects.toMatchObject({ code: 'bad_message' });
  });

  it('is a new one when the dialogue asks the same question again', async () => {
    const list = createDialogue({
      id: 'list',
      context: {},
      initial: 'more',
      states: {
        more: confirm({
          question: 'Add another?',
          yes: { target: 'more', actions: note('one') },
          no: 'end',
        }),
        end: done('Done.'),
      },
    });
    const world = createWorld(list);
    const first = offered(await say(world, 'hi'));
    const second = offered(await say(world, press(first, 'yes')));
    expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
    const third = offered(await say(world, press(second, 'yes')));
    expect((await say(world, press(second, 'no'))).outcome).toBe('stale');
    expect(await world.data('ann')).toEqual({ taken: ['one', 'one'] });
    expect((await say(world, press(third, 'no'))).outcome).toBe('replied');
  });

  it('stays the same while a question is asked in other words or once more', async () => {
    const size = createDialogue({
      id: 'size',
      context: {},
      on: { ...commands({ help: { say: 'Big or small.' } }) },
      initial: 'size',
      states: {
        size: choose({
          question: 'Which size?',
          options: ['big', 'small'],
          retry: 'Big or small?',
          assign: 'wish',
          target: 'end',
          timeout: { after: { minutes: 1 }, say: 'Still there?' },
        }),
        end: done('Done.'),
      },
    });
    const world = createWorld(size);
    const first = offered(await say(world, 'hi'));
    const again = offered(await say(world, 'purple'));
    const repeated = offered(await say(world, 'help'));
    await world.clock.advance(60_000);
    expect([again.asking, repeated.asking]).toEqual([first.asking, first.asking]);
    expect((await say(world, press(first, 'small'))).outcome).toBe('replied');
    expect(await world.data('ann')).toEqual({ wish: 'small' });
  });

  it('stays open while the retry is a text, and takes the options of a retry that shows others', async () => {
    const hour = createDialogue({
      id: 'hour',
      context: {},
      initial: 'hour',
      states: {
        hour: ask({
          question: { type: 'choices', text: 'When?', options: [{ value: '7' }, { value: '8' }] },
          parse: integer(),
          assign: 'count',
          retry: ({ issue, attempt }) =>
            attempt === 1
              ? issue
              : { type: 'choices', text: 'At?', options: [{ value: '9' }, { value: '10' }] },
          target: 'end',
        }),
        end: done('Done.'),
      },
    });
    const world = createWorld(hour);
    const first = offered(await say(world, 'hi'));
    expect(texts((await say(world, 'late')).replies)).toEqual([
      'Please answer with a whole number.',
    ]);
    const other = offered(await say(world, 'later'));
    expect(other.asking).toBe(first.asking);
    expect((await say(world, press(first, '7'))).outcome).toBe('stale');
    expect((await say(world, press(other, '10'))).outcome).toBe('replied');
    expect(await world.data('ann')).toEqual({ count: 10 });
  });

  it('keeps its asking in the answer to a redelivery', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi', 'm1'));
    const again = await say(world, 'hi', 'm1');
    expect(again.outcome).toBe('duplicate');
    expect(offered(again)).toEqual(first);
  });
});

describe('a stale press', () => {
  const listened: string[] = [];
  const shop = createDialogue({
    id: 'shop',
    context: {},
    initial: 'which',
    on: { ...commands({ cancel: '.gone' }) },
    states: {
      which: confirm({ question: 'Buy?', yes: 'waiting', no: 'waiting' }),
      waiting: { after: { 60_000: 'reminded' } },
      reminded: { entry: reply('Your order is ready!') },
      gone: done('Bye.'),
    },
  });

  it('asks no recognizer and does not call onUnhandled', async () => {
    const unhandled: Message[] = [];
    const world = createWorld(shop, {
      recognize: (message) => {
        listened.push(message.type);
        return [];
      },
      onUnhandled: (message) => void unhandled.push(message),
    });
    const first = offered(await say(world, 'hi'));
    await say(world, press(first, 'yes'));
    listened.length = 0;
    expect((await say(world, press(first, 'no'))).outcome).toBe('stale');
    expect(listened).toEqual([]);
    expect(unhandled).toEqual([]);
  });

  it('begins no conversation', async () => {
    const world = createWorld(shop);
    expect((await say(world, press({ asking: 'abc' }, 'yes'))).outcome).toBe('stale');
    expect((await say(world, press({ asking: '' }, 'yes'))).outcome).toBe('stale');
    expect(await world.runner.inspect('ann')).toBeUndefined();
  });

  it('does not restart a dialogue that has ended', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    const second = offered(await say(world, press(first, 'no')));
    await say(world, press(second, 'no'));
    await say(world, 'Ann');
    const before = await everything(world);
    expect((await say(world, press(second, 'no'))).outcome).toBe('stale');
    expect(await everything(world)).toEqual(before);
    // A message does.
    expect(texts((await say(world, 'hi')).replies)).toEqual(['Delete your photos? (Yes | No)']);
    expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
  });

  it('does not put off the expiry', async () => {
    const world = createWorld(account, { storeOptions: { age: 100 } });
    const first = offered(await say(world, 'hi'));
    await say(world, press(first, 'yes'));
    for (const _ of [1, 2, 3]) {
      await world.clock.advance(30_000);
      expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
    }
    await world.clock.advance(10_000);
    expect(await world.runner.inspect('ann')).toBeUndefined();
  });

  it('does not take a reply that is kept for the next message', async () => {
    const world = createWorld(shop);
    world.runner.on('reply', () => {
      throw Object.assign(new Error('closed'), { [Symbol.for('colloquy.error')]: true });
    });
    const first = offered(await say(world, 'hi'));
    await say(world, press(first, 'yes'));
    const before = (await world.runner.inspect('ann'))?.unsent;
    expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
    expect((await world.runner.inspect('ann'))?.unsent).toBe(before);
  });

  it('is a duplicate if its id counted before', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    const counted = await say(world, press(first, 'yes'), 'tap-1');
    const again = await say(world, press(first, 'yes'), 'tap-1');
    expect(again).toEqual({ ...counted, outcome: 'duplicate' });
    expect((await say(world, press(first, 'yes'), 'tap-2')).outcome).toBe('stale');
    expect((await say(world, press(first, 'yes'), 'tap-2')).outcome).toBe('stale');
  });

  it('gets the text of `onStale` as its answer, and the record keeps nothing of it', async () => {
    const told: unknown[] = [];
    const world = createWorld(account, {
      onStale: (message, { openid }) => {
        told.push([(message as { value?: string }).value, openid]);
        return 'That question is over.';
      },
    });
    const first = offered(await say(world, 'hi'));
    await say(world, press(first, 'yes'));
    const before = await everything(world);
    const turn = await say(world, press(first, 'no'));
    expect(turn).toMatchObject({ outcome: 'stale' });
    expect(texts(turn.replies)).toEqual(['That question is over.']);
    expect(told).toEqual([['no', 'ann']]);
    expect(await everything(world)).toEqual(before);
    await world.runner.idle('ann');
    expect(world.said).toEqual([]);
  });

  it('stays stale when `onStale` throws, and the error is reported', async () => {
    const world = createWorld(account, {
      onStale: () => {
        throw new Error('no words');
      },
    });
    expect(await say(world, press({ asking: 'abc' }, 'yes'))).toMatchObject({
      outcome: 'stale',
      replies: [],
    });
    expect(world.errors).toHaveLength(1);
  });

  it('is stale when another user sends it', async () => {
    const world = createWorld(account);
    const first = offered(await say(world, 'hi'));
    await world.runner.handle('bob', 'hi');
    await world.clock.advance(5);
    await world.runner.handle(
      'bob',
      press(offered(await world.runner.handle('bob', 'what?')), 'no'),
    );
    const bob = await world.runner.handle('bob', press(first, 'yes'));
    expect(bob.outcome).toBe('stale');
    expect(await world.data('bob')).toEqual({});
  });

  it.each<[string, (world: World, first: ChoicesReply) => Promise<unknown>]>([
    ['that was forgotten', (world) => say(world, 'forget me')],
    ['that expired', (world) => world.clock.advance(7_200_000)],
    [
      'that was cancelled and asked again',
      async (world) => {
        await say(world, 'cancel');
        await say(world, 'hi');
      },
    ],
  ])('is over in a conversation %s', async (_what, end) => {
    const wipe = createDialogue({
      id: 'wipe',
      context: {},
      initial: 'which',
      on: { ...commands({ cancel: '.gone' }) },
      states: {
        which: confirm({
          question: 'Buy?',
          yes: { target: 'gone', actions: note('bought') },
          no: 'gone',
          on: { 'message.text': { guard: hear('forget me'), target: 'wiped' } },
        } as never),
        gone: done('Bye.'),
        wiped: { type: 'final', entry: [forget(), reply('Forgotten.')] },
      },
    });
    const world = createWorld(wipe);
    const first = offered(await say(world, 'hi', 'm1'));
    await end(world, first);
    expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
    const next = await say(world, 'hi', 'm2');
    if (next.replies.some(({ type }) => type === 'choices')) {
      expect(offered(next).asking).not.toBe(first.asking);
    }
    expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
    expect((await world.data('ann')) as object).not.toHaveProperty('taken');
  });
});

describe('a button of a message from before buttons named their asking', () => {
  /** A conversation as a version stored it that knew nothing of offers. */
  async function fromThen(dialogue: typeof account, ...said: Incoming[]): Promise<World> {
    const disk = createDisk();
    const old = createWorld(dialogue, { storeOptions: { persister: memory(disk) } });
    for (const [index, message] of said.entries()) await say(old, message, `m${index}`);
    await old.store.close();
    const persister = memory(disk);
    const load = persister.load.bind(persister);
    const strip = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (key, each: unknown) => (key === 'asking' ? undefined : each)),
      );
    persister.load = async (openid) => {
      const stored = await load(openid);
      if (stored === undefined) return undefined;
      const {
        offers: _offers,
        lastAsking: _last,
        ...envelope
      } = strip(JSON.parse(stored.body)) as Record<string, unknown>;
      return { ...stored, body: JSON.stringify(envelope) };
    };
    return createWorld(dialogue, { storeOptions: { persister } });
  }

  it('answers the question that stands open, once', async () => {
    const world = await fromThen(account, 'hi');
    expect(texts((await say(world, press({ asking: '' }, 'yes'))).replies)).toEqual([
      'Delete your account? (Yes | No)',
    ]);
    expect((await say(world, press({ asking: '' }, 'yes'))).outcome).toBe('stale');
    expect(await world.data('ann')).toEqual({ taken: ['deleted'] });
  });

  it.each(['maybe', 'YES', '1', ''])(
    'does not count as %j, which is not offered',
    async (value) => {
      const world = await fromThen(account, 'hi');
      expect((await say(world, press({ asking: '' }, value))).outcome).toBe('stale');
    },
  );

  it('is no answer to a question for words', async () => {
    const world = await fromThen(account, 'hi', 'yes', 'no');
    expect((await say(world, press({ asking: '' }, 'yes'))).outcome).toBe('stale');
    expect(texts((await say(world, 'Ann')).replies)).toEqual(['Bye Ann.']);
  });

  it('chooses from a menu that was said last, and from no earlier one', async () => {
    const menu = createDialogue({
      id: 'menu',
      context: {},
      initial: 'home',
      states: {
        home: {
          on: {
            'message.action': { actions: reply(({ event }) => `You chose ${event.value}.`) },
            'message.text': {
              actions: reply({ type: 'choices', text: 'Menu', options: [{ value: 'a' }] }),
            },
          },
        },
      },
    });
    const world = await fromThen(menu as never, 'hi');
    expect((await say(world, press({ asking: '' }, 'b'), 'x')).outcome).toBe('stale');
    expect(texts((await say(world, press({ asking: '' }, 'a'), 'y')).replies)).toEqual([
      'You chose a.',
    ]);
    expect((await say(world, press({ asking: '' }, 'a'), 'z')).outcome).toBe('stale');
  });

  it('is over where a question of today is open', async () => {
    const world = createWorld(account);
    await say(world, 'hi');
    expect((await say(world, press({ asking: '' }, 'yes'))).outcome).toBe('stale');
  });

  it('lets the words of its options be answers as before', async () => {
    const world = await fromThen(account, 'hi');
    expect((await say(world, 'yes')).outcome).toBe('replied');
    expect(await world.data('ann')).toEqual({ taken: ['deleted'] });
  });
});

describe('what was offered is an answer, and no command', () => {
  const orders = createDialogue({
    id: 'orders',
    context: {},
    initial: 'what',
    on: {
      ...commands({ cancel: { target: '.aborted', say: 'Aborted.' }, help: { say: 'Help!' } }),
    },
    states: {
      what: choose({
        question: 'What?',
        options: [
          { value: 'cancel', label: 'Cancel an order' },
          { value: 'track', label: 'Back' },
          { value: 'help', label: 'Help' },
          { value: 'x', label: '重新开始' },
        ],
        assign: 'wish',
        target: 'end',
      }),
      end: done(({ context }) => `You wish ${context.wish}.`),
      aborted: done('Bye.'),
    },
  });

  it.each(['cancel', 'track', 'help', 'x'])('takes the pressed value %j', async (value) => {
    const world = createWorld(orders);
    const first = offered(await say(world, 'hi'));
    expect(texts((await say(world, press(first, value))).replies)).toEqual([`You wish ${value}.`]);
  });

  it.each([
    ['cancel', 'cancel'],
    ['Cancel!', 'cancel'],
    ['CANCEL AN ORDER', 'cancel'],
    ['back', 'track'],
    ['Ｈｅｌｐ', 'help'],
    ['  help ', 'help'],
    ['重新开始', 'x'],
    ['重新开始。', 'x'],
  ])('takes the typed %j, which is exactly what is offered', async (typed, value) => {
    const world = createWorld(orders);
    await say(world, 'hi');
    expect(texts((await say(world, typed)).replies)).toEqual([`You wish ${value}.`]);
  });

  it.each(['stop', 'quit', '取消', '算了', 'never mind'])(
    'leaves the typed %j to the command',
    async (typed) => {
      const world = createWorld(orders);
      await say(world, 'hi');
      expect(texts((await say(world, typed)).replies)).toEqual(['Aborted.', 'Bye.']);
    },
  );

  it('leaves a command to the dialogue where a question offers nothing of the kind', async () => {
    const world = createWorld(
      createDialogue({
        id: 'plain',
        context: {},
        initial: 'which',
        on: { ...commands({ cancel: '.aborted' }) },
        states: {
          which: choose({ question: 'Which?', options: ['a', 'b'], target: 'aborted' }),
          aborted: done('Bye.'),
        },
      }),
    );
    await say(world, 'hi');
    expect(texts((await say(world, 'cancel')).replies)).toEqual(['Bye.']);
  });

  it('takes the value of an action that comes without an asking', async () => {
    const world = createWorld(orders);
    await say(world, 'hi');
    expect(texts((await say(world, press({}, 'cancel'))).replies)).toEqual(['You wish cancel.']);
  });

  it('does not ask a recognizer about it', async () => {
    const asked: string[] = [];
    const world = createWorld(orders, {
      recognize: (message) => {
        asked.push(message.type);
        return [];
      },
    });
    const first = offered(await say(world, 'hi'));
    asked.length = 0;
    await say(world, press(first, 'cancel'));
    expect(asked).toEqual([]);
  });
});

describe('several questions that could take a press', () => {
  const both = createDialogue({
    id: 'both',
    context: {},
    type: 'parallel',
    states: {
      left: {
        initial: 'asking',
        states: {
          asking: confirm({
            question: 'Left?',
            yes: { target: 'end', actions: note('left') },
            no: 'end',
          }),
          end: {},
        },
      },
      right: {
        initial: 'asking',
        states: {
          asking: confirm({
            question: 'Right?',
            yes: { target: 'end', actions: note('right') },
            no: 'end',
          }),
          end: {},
        },
      },
    },
  });

  it.each([
    [0, 'left'],
    [1, 'right'],
  ])('leave it to the region that asked number %i', async (index, side) => {
    const world = createWorld(both);
    const { replies } = await say(world, 'hi');
    const chosen = replies[index] as ChoicesReply;
    const turn = await say(world, press(chosen, 'yes'));
    expect(turn).toMatchObject({ outcome: 'silent' });
    expect(await world.data('ann')).toEqual({ taken: [side] });
    expect((await say(world, press(chosen, 'yes'))).outcome).toBe('stale');
    expect((await say(world, press(replies[1 - index] as ChoicesReply, 'yes'))).outcome).toBe(
      'silent',
    );
  });

  it('let a text that is one of the options answer the last of them', async () => {
    const world = createWorld(both);
    await say(world, 'hi');
    await say(world, 'yes');
    expect(await world.data('ann')).toEqual({ taken: ['right'] });
    await say(world, 'yes');
    expect(await world.data('ann')).toEqual({ taken: ['right', 'left'] });
  });

  const childOf = (id: string) =>
    createDialogue({
      id,
      context: {},
      initial: 'sure',
      states: {
        sure: confirm({
          question: 'Child?',
          yes: { target: 'end', actions: note('child') },
          no: 'end',
        }),
        end: done('Child over.'),
      },
    });

  const family = setupDialogue({
    types: {} as { context: { taken?: string[] } },
    actors: { child: childOf('child') },
  });
  const parent = family.createDialogue({
    id: 'parent',
    context: {},
    type: 'parallel',
    states: {
      asking: {
        initial: 'sure',
        states: {
          sure: family.confirm({
            question: 'Parent?',
            yes: {
              target: 'end',
              actions: family.assign({
                taken: ({ context }) => [...(context.taken ?? []), 'parent'],
              }),
            },
            no: 'end',
          }),
          end: {},
        },
      },
      running: {
        initial: 'child',
        states: { child: { invoke: { src: 'child', onDone: 'end' } }, end: {} },
      },
    },
  });

  it('leave it to the parent, though its sub-dialogue goes first with other messages', async () => {
    const world = createWorld(parent);
    const { replies } = await say(world, 'hi');
    const [first, second] = replies as ChoicesReply[];
    expect(texts(replies)).toEqual(['Parent? (Yes | No)', 'Child? (Yes | No)']);
    await say(world, press(first as ChoicesReply, 'yes'));
    expect(await world.data('ann')).toEqual({ taken: ['parent'] });
    const turn = await say(world, press(second as ChoicesReply, 'yes'));
    expect(texts(turn.replies)).toEqual(['Child over.']);
    expect((await say(world, press(second as ChoicesReply, 'yes'))).outcome).toBe('stale');
  });

  it('are over with the sub-dialogue that asked', async () => {
    const { createDialogue: create } = setupDialogue({
      types: {} as { context: object },
      actors: { child: childOf('inner') },
      intents: { leave: keywords('leave') },
    });
    const world = createWorld(
      create({
        id: 'outer',
        context: {},
        initial: 'child',
        on: { 'intent.leave': '.away' },
        states: { child: { invoke: { src: 'child' } }, away: { on: { 'message.text': 'child' } } },
      }),
    );
    const first = offered(await say(world, 'hi'));
    await say(world, 'leave');
    expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
    const second = offered(await say(world, 'back'));
    expect(second.asking).not.toBe(first.asking);
    expect((await say(world, press(first, 'yes'))).outcome).toBe('stale');
    expect((await say(world, press(second, 'yes'))).outcome).toBe('replied');
  });
});

describe('choices that an action of the dialogue says', () => {
  const menu: Reply = {
    type: 'choices',
    text: 'Menu',
    options: [{ value: 'tea' }, { value: 'order' }],
  };
  const bar = createDialogue({
    id: 'bar',
    context: {},
    initial: 'home',
    states: {
      home: {
        on: {
          'intent.order': { actions: reply('An order.') },
          'message.action': { actions: reply(({ event }) => `One ${event.value}.`) },
          'message.text': [
            {
              guard: hear('two'),
              actions: [reply(menu), reply({ ...menu, options: [{ value: 'rum' }] })],
            },
            { guard: hear('away'), target: 'away' },
            { actions: reply(menu) },
          ],
        },
      },
      away: { on: { 'message.*': { actions: reply('Away.') } } },
    },
  });

  it('go through recognizers as before', async () => {
    const world = createWorld(bar);
    const first = offered(await say(world, 'hi'));
    expect(texts((await say(world, press(first, 'tea'))).replies)).toEqual(['One tea.']);
    expect(texts((await say(world, press(first, 'order'))).replies)).toEqual(['An order.']);
  });

  it('share an asking in one turn', async () => {
    const world = createWorld(bar);
    const { replies } = await say(world, 'two');
    const [first, second] = replies as ChoicesReply[];
    expect(second?.asking).toBe(first?.asking);
    for (const value of ['tea', 'rum']) {
      const turn = await say(world, press(first as ChoicesReply, value));
      expect(texts(turn.replies)).toEqual([`One ${value}.`]);
    }
  });

  it('are over when others are said', async () => {
    const world = createWorld(bar);
    const first = offered(await say(world, 'hi'));
    const second = offered(await say(world, 'hi'));
    expect((await say(world, press(first, 'tea'))).outcome).toBe('stale');
    expect((await say(world, press(second, 'tea'))).outcome).toBe('replied');
  });

  it('are over when the dialogue rests elsewhere', async () => {
    const world = createWorld(bar);
    const first = offered(await say(world, 'hi'));
    await say(world, 'away');
    expect((await say(world, press(first, 'tea'))).outcome).toBe('stale');
  });

  it('do not answer a question that is open beside them', async () => {
    const beside = createDialogue({
      id: 'beside',
      context: {},
      type: 'parallel',
      states: {
        ads: {
          entry: reply({ type: 'choices', text: 'An ad', options: [{ value: 'yes' }] }),
          on: { 'message.action': { actions: note('ad') } },
        },
        sure: {
          initial: 'sure',
          states: {
            sure: confirm({
              question: 'Sure?',
              yes: { target: 'end', actions: note('sure') },
              no: 'end',
            }),
            end: {},
          },
        },
      },
    });
    const world = createWorld(beside);
    const { replies } = await say(world, 'hi');
    await say(world, press(replies[0] as ChoicesReply, 'yes'));
    expect(await world.data('ann')).toEqual({ taken: ['ad'] });
    await say(world, press(replies[1] as ChoicesReply, 'yes'));
    expect(((await world.data('ann')) as { taken: string[] }).taken).toContain('sure');
  });
});

describe('an action that no question offered', () => {
  const rooted = createDialogue({
    id: 'rooted',
    context: {},
    initial: 'name',
    states: {
      name: ask({
        question: 'Your name?',
        parse: text(),
        assign: 'name',
        attempts: 1,
        target: 'end',
        otherwise: 'lost',
      }),
      end: done(({ context }) => `Hello ${context.name}.`),
      lost: done('Lost.'),
    },
  });

  it.each(['V1001_MENU', 'yes', 'Ann', '1', '取消', 'https://a.example', '  ', 'help'])(
    'is no name: %j has the question asked again, and spends no attempt',
    async (value) => {
      const world = createWorld(rooted);
      await say(world, 'hi');
      for (const _ of [1, 2]) {
        const turn = await say(world, press({}, value));
        expect([turn.outcome, texts(turn.replies)]).toEqual(['replied', ['Your name?']]);
      }
      expect(texts((await say(world, 'Ann')).replies)).toEqual(['Hello Ann.']);
    },
  );

  it('goes to a transition that names it, of the question or around it', async () => {
    const world = createWorld(
      createDialogue({
        id: 'named',
        context: {},
        initial: 'name',
        on: { 'message.action': { actions: note('root') } },
        states: {
          name: ask({
            question: 'Your name?',
            parse: text(),
            assign: 'name',
            target: 'end',
            on: {
              'message.action': {
                guard: ({ event }) => event.value === 'own',
                actions: note('own'),
              },
            },
          }),
          end: done('Bye.'),
        },
      }),
    );
    await say(world, 'hi');
    await say(world, press({}, 'menu'));
    await say(world, press({}, 'own'));
    expect(await world.data('ann')).toEqual({ taken: ['root', 'own'] });
    expect(await stateOf(world)).toContain('name');
  });

  it.each([
    ['by its value', 'small', 'small'],
    ['by its label', 'Large', 'l'],
    ['not by a word in it', 'a small one', undefined],
    ['not by a number', '1', undefined],
    ['not in another case', 'SMALL', undefined],
    ['not by a synonym', 'big', undefined],
  ])('answers a choice %s', async (_how, value, taken) => {
    const world = createWorld(
      createDialogue({
        id: 'size',
        context: {},
        initial: 'size',
        states: {
          size: choose({
            question: 'Size?',
            options: ['small', { value: 'l', label: 'Large', synonyms: ['big'] }],
            assign: 'wish',
            target: 'end',
          }),
          end: done('Bye.'),
        },
      }),
    );
    await say(world, 'hi');
    const turn = await say(world, press({}, value));
    expect(await world.data('ann')).toEqual(taken === undefined ? {} : { wish: taken });
    if (taken === undefined) expect(texts(turn.replies)).toEqual(['Size? (small | Large)']);
  });

  it('does not fill the slots of a form that it leads to', async () => {
    const { createDialogue: create, form } = setupDialogue({
      types: {} as { context: { name?: string } },
      intents: { book: keywords('book') },
    });
    const world = createWorld(
      create({
        id: 'form',
        context: {},
        initial: 'home',
        states: {
          home: { on: { 'intent.book': 'form', 'message.action': 'form' } },
          form: form({
            slots: { name: { question: 'Name?', parse: text(), extract: text() } },
            confirm: false,
            target: 'end',
          }),
          end: { type: 'final' },
        },
      }),
    );
    expect(texts((await say(world, press({}, 'book'))).replies)).toEqual(['Name?']);
    expect(await world.data('ann')).toEqual({});
  });
});

describe('the numbers of a list', () => {
  const dishes = createDialogue({
    id: 'dishes',
    context: { menu: ['soup', 'rice', 'tea'] },
    initial: 'dish',
    states: {
      dish: choose({
        question: 'Which?',
        options: ({ context }) => context.menu ?? [],
        assign: 'wish',
        target: 'end',
      }),
      end: done('Bye.'),
    },
  });

  it.each([
    ['2', ['tea', 'soup', 'rice'], 'rice'],
    ['the first one', ['rice', 'tea', 'soup'], 'soup'],
    ['第三个', ['tea', 'soup'], 'tea'],
    ['#1', ['a', 'b', 'soup'], 'soup'],
    ['the last one', ['tea', 'rice', 'soup', 'cake'], 'tea'],
    ['2', ['soup', 'tea'], undefined],
    ['the second', ['soup', 'cake', 'tea'], undefined],
    ['4', ['soup', 'rice', 'tea', 'cake'], undefined],
    ['3', ['soup', 'rice'], undefined],
  ])('refer to it as it was shown: %j with %j now gives %j', async (typed, now, wish) => {
    const world = createWorld(dishes);
    await say(world, 'hi');
    await world.store.update('ann', (context) => void context.set('menu', now));
    const turn = await say(world, typed);
    const data = (await world.data('ann')) as { wish?: string };
    expect(data.wish).toBe(wish);
    // What is asked again shows the list as it is now, and numbers refer to that one.
    if (wish === undefined) expect(offered(turn).options.map(({ value }) => value)).toEqual(now);
  });

  it('refers a button to its value, also where another option is called so by now', async () => {
    const world = createWorld(dishes);
    const first = offered(await say(world, 'hi'));
    await world.store.update('ann', (context) => void context.set('menu', ['broth', 'tea']));
    const turn = await say(world, press(first, 'soup'));
    expect(texts(turn.replies)).toEqual([
      'Please choose one of these: broth or tea. (broth | tea)',
    ]);
    expect((await say(world, press(offered(turn), 'tea'))).outcome).toBe('replied');
  });
});

describe('every kind of question', () => {
  it('gives a form a name for each slot, its summary and its correction', async () => {
    const {
      createDialogue: create,
      done: end,
      form,
    } = setupDialogue({
      types: {} as { context: { size?: string; milk?: string } },
    });
    const world = createWorld(
      create({
        id: 'coffee',
        context: {},
        initial: 'order',
        states: {
          order: form({
            slots: {
              size: { question: 'Size?', options: ['yes', 'no'], label: 'Size' },
              milk: { question: 'Milk?', options: ['yes', 'no'], label: 'Milk' },
            },
            target: 'end',
          }),
          end: end(({ context }) => `${context.size} ${context.milk}`),
        },
      }),
    );
    const size = offered(await say(world, 'hi'));
    const milk = offered(await say(world, press(size, 'yes')));
    expect((await say(world, press(size, 'yes'))).outcome).toBe('stale');
    const summary = offered(await say(world, press(milk, 'no')));
    for (const late of [size, milk]) {
      expect((await say(world, press(late, 'yes'))).outcome).toBe('stale');
    }
    const change = offered(await say(world, press(summary, 'no')));
    expect((await say(world, press(summary, 'no'))).outcome).toBe('stale');
    const again = offered(await say(world, press(change, 'milk')));
    expect((await say(world, press(milk, 'yes'))).outcome).toBe('stale');
    const last = offered(await say(world, press(again, 'yes')));
    expect(new Set([size, milk, summary, change, again, last].map((one) => one.asking)).size).toBe(
      6,
    );
    expect(texts((await say(world, press(last, 'yes'))).replies)).toEqual(['yes yes']);
  });

  it('names what a timer and a service ask, which is said outside of an answer', async () => {
    const {
      choose: pick,
      createDialogue: create,
      done: end,
    } = setupDialogue({
      types: {} as { context: { wish?: string } },
      actors: { look: fromPromise(async () => 'found') },
    });
    const world = createWorld(
      create({
        id: 'later',
        context: {},
        initial: 'wait',
        states: {
          wait: { after: { 1000: 'look' }, on: { 'message.*': {} } },
          look: { invoke: { src: 'look', onDone: 'which' } },
          which: pick({ question: 'Which?', options: ['a', 'b'], assign: 'wish', target: 'end' }),
          end: end('Done.'),
        },
      }),
    );
    const told: Reply[] = [];
    world.runner.on('reply', ({ reply: said }) => void told.push(said));
    await say(world, 'hi');
    await world.clock.advance(1000);
    await world.runner.idle('ann');
    expect((await say(world, press(told[0] as ChoicesReply, 'b'))).outcome).toBe('replied');
    expect((await say(world, press(told[0] as ChoicesReply, 'b'))).outcome).toBe('stale');
    expect(await world.data('ann')).toEqual({ wish: 'b' });
  });

  it('survives a deploy that keeps the question, and is over in one that drops it', async () => {
    const of = (version: string, name: string) =>
      createDialogue({
        id: 'deployed',
        version,
        context: {},
        initial: name,
        states: {
          [name]: confirm({
            question: 'Sure?',
            yes: { target: 'end', actions: note('yes') },
            no: 'end',
          }),
          end: done(version),
        },
      } as never);
    const disk = createDisk();
    const worldOf = (version: string, name: string) =>
      createWorld(of(version, name) as never, { storeOptions: { persister: memory(disk) } });
    const one = worldOf('1', 'sure');
    const first = offered(await say(one, 'hi'));
    await one.store.close();
    const gone = worldOf('2', 'other');
    expect((await say(gone, press(first, 'yes'))).outcome).toBe('stale');
    await gone.store.close();
    const kept = worldOf('3', 'sure');
    expect(texts((await say(kept, press(first, 'yes'))).replies)).toEqual(['3']);
  });

  it('keeps the last 16 offers of those that are open at once', async () => {
    const world = createWorld(account);
    const told: ChoicesReply[] = [];
    world.runner.on('reply', ({ reply: said }) => void told.push(said as ChoicesReply));
    await say(world, 'hi');
    for (let index = 0; index < 20; index += 1) {
      await world.runner.say('ann', {
        type: 'choices',
        text: `${index}`,
        options: [{ value: 'a' }],
      });
      await world.runner.idle('ann');
    }
    const outcomes: string[] = [];
    for (const each of told) outcomes.push((await say(world, press(each, 'a'))).outcome);
    expect(outcomes.slice(0, 4)).toEqual(['stale', 'stale', 'stale', 'stale']);
    expect(outcomes.slice(4)).not.toContain('stale');
  });
});

describe('what is offered is kept', () => {
  it('over a restart, and over other writes to the record', async () => {
    const disk = createDisk();
    const one = createWorld(account, { storeOptions: { persister: memory(disk) } });
    const first = offered(await say(one, 'hi'));
    await one.store.update('ann', (context) => void context.set('name', 'Bo'));
    await one.runner.say('ann', 'An ad.');
    await one.runner.idle('ann');
    await one.store.close();
    const two = createWorld(account, { storeOptions: { persister: memory(disk) } });
    expect((await say(two, press(first, 'yes'))).outcome).toBe('replied');
    await two.store.close();
    const three = createWorld(account, { storeOptions: { persister: memory(disk) } });
    expect((await say(three, press(first, 'yes'))).outcome).toBe('stale');
    expect(await three.data('ann')).toMatchObject({ taken: ['deleted'] });
  });

  it('through the failure of a turn', async () => {
    const world = createWorld(
      createDialogue({
        id: 'fails',
        context: {},
        initial: 'sure',
        states: {
          sure: confirm({
            question: 'Sure?',
            yes: {
              target: 'end',
              actions: assign(() => {
                throw new Error('no');
              }),
            },
            no: 'end',
          }),
          end: done('Bye.'),
        },
      }),
    );
    const first = offered(await say(world, 'hi'));
    expect((await say(world, press(first, 'yes'))).outcome).toBe('failed');
    expect((await say(world, press(first, 'no'))).outcome).toBe('replied');
  });

  it('in the export of a user', async () => {
    const world = createWorld(account);
    await say(world, 'hi');
    const kept = await world.store.export('ann');
    expect(kept?.offers).toEqual([
      {
        options: [
          { value: 'yes', label: 'Yes' },
          { value: 'no', label: 'No' },
        ],
      },
    ]);
  });
});

describe('choices that the program says from outside', () => {
  const rate: Reply = {
    type: 'choices',
    text: 'Rate us?',
    options: [{ value: 'yes' }, { value: '5' }],
  };
  const rated = createDialogue({
    id: 'rated',
    context: {},
    initial: 'sure',
    on: { 'message.action': { actions: note('rated') } },
    states: {
      sure: confirm({
        question: 'Delete?',
        yes: { target: 'end', actions: note('deleted') },
        no: 'end',
      }),
      end: {},
    },
  });

  it('count once, and answer no question of the dialogue', async () => {
    const world = createWorld(rated);
    await say(world, 'hi');
    const told: Reply[] = [];
    world.runner.on('reply', ({ reply: said }) => void told.push(said));
    await world.runner.say('ann', rate);
    await world.runner.idle('ann');
    const { asking } = told[0] as ChoicesReply;
    expect(asking).toMatch(/^[0-9a-z]{1,8}$/);
    expect((await say(world, press({ asking: asking as string }, 'yes'))).outcome).toBe('silent');
    expect((await say(world, press({ asking: asking as string }, 'yes'))).outcome).toBe('stale');
    expect(await world.data('ann')).toEqual({ taken: ['rated'] });
  });

  it('may begin a conversation', async () => {
    const world = createWorld(rated);
    const told: Reply[] = [];
    world.runner.on('reply', ({ reply: said }) => void told.push(said));
    await world.runner.say('ann', rate);
    await world.runner.idle('ann');
    const turn = await say(world, press(told[0] as ChoicesReply, '5'));
    expect(texts(turn.replies)).toEqual(['Delete? (Yes | No)']);
  });

  it('are offered by `onUnhandled` as well', async () => {
    const world = createWorld(rated, { onUnhandled: () => rate });
    const first = offered(await say(world, 'hi'));
    await say(world, press(first, 'no'));
    const menu = offered(await say(world, 'and now?'));
    expect((await say(world, press(menu, '5'))).outcome).toBe('silent');
    expect((await say(world, press(menu, '5'))).outcome).toBe('stale');
  });
});

describe('random taps on any button, any number of times', () => {
  it('answer only the open question', async () => {
    const loop = createDialogue({
      id: 'loop',
      context: {},
      initial: 'one',
      states: {
        one: confirm({ question: 'One?', yes: { target: 'two', actions: note('1y') }, no: 'one' }),
        two: confirm({ question: 'Two?', yes: { target: 'one', actions: note('2y') }, no: 'end' }),
        end: done('End.'),
      },
    });
    const taps = fc.array(
      fc.record({
        back: fc.nat({ max: 6 }),
        value: fc.constantFrom('yes', 'no'),
        ms: fc.nat({ max: 1 }),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(taps, async (tapped) => {
        const world = createWorld(loop);
        const askings: ChoicesReply[] = [offered(await say(world, 'hi'))];
        for (const { back, value, ms } of tapped) {
          await world.clock.advance(ms);
          const tap = askings.at(-1 - back);
          if (tap === undefined) continue;
          const before = await everything(world);
          const turn = await say(world, press(tap, value));
          const isLast = back === 0 && (await isOpen(before));
          expect(turn.outcome).toBe(isLast ? 'replied' : 'stale');
          if (!isLast) expect(await everything(world)).toEqual(before);
          const next = turn.replies.find((said): said is ChoicesReply => said.type === 'choices');
          if (next !== undefined) askings.push(next);
          else if (isLast) askings.push(offered(await say(world, 'hi')));
        }
        expect(new Set(askings.map(({ asking }) => asking)).size).toBe(askings.length);
      }),
      { numRuns: 60 },
    );
  });
});

async function isOpen(before: unknown): Promise<boolean> {
  const { conversation } = before as { conversation?: { dialogue?: { status: string } } };
  return conversation?.dialogue?.status === 'active';
}
