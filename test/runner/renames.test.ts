import fc from 'fast-check';
import { type AnyStateMachine, type StateValue, fromPromise, raise } from 'xstate';
import {
  type Migration,
  type Migrations,
  checkRecords,
  createRunner,
  integer,
  keywords,
  migrateTo,
  renameKey,
  renameService,
  renameSlot,
  renameState,
  setupDialogue,
  text,
} from 'colloquy';
import { createDisk, memory } from 'colloquy/persist/memory';
import { converse, takes } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

/** What a version calls its parts. */
interface Called {
  readonly version: string;
  readonly order: string;
  readonly form: string;
  readonly slot: 'people' | 'guests';
  readonly pricing: string;
  readonly service: string;
}

const V1: Called = {
  version: '1',
  order: 'order',
  form: 'table',
  slot: 'people',
  pricing: 'pricing',
  service: 'price',
};
const V2: Called = {
  version: '2',
  order: 'visit',
  form: 'details',
  slot: 'guests',
  pricing: 'quoting',
  service: 'quote',
};

const all = [
  renameState('order', 'visit'),
  renameState('visit.table', 'visit.details'),
  renameSlot('visit.details', 'people', 'guests'),
  renameState('pricing', 'quoting'),
  renameService('price', 'quote'),
] as const;

interface Booking {
  people?: number;
  guests?: number;
  seat?: string;
  total?: number;
}

/** A form in a state, then a service. All of it has another name in the other version. */
function bookingOf({ version, order, form, slot, pricing, service }: Called): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: Booking },
    actors: { [service]: fromPromise<number>(() => new Promise(() => {})) },
    intents: { away: keywords('away'), again: keywords('again') },
  });
  return words.createDialogue({
    id: 'booking',
    version,
    context: {},
    initial: order,
    on: { 'intent.away': '.away' },
    states: {
      [order]: {
        initial: form,
        onDone: pricing,
        states: {
          [form]: words.form({
            slots: {
              [slot]: { question: 'How many?', parse: integer(), extract: integer() },
              seat: { question: 'Where?', options: ['in', 'out'] },
            },
            attempts: 3,
            otherwise: 'given-up',
            timeout: { after: { minutes: 10 }, say: 'Still there?' },
            confirm: false,
            target: 'filled',
          } as never),
          'given-up': words.done('Given up.'),
          filled: { type: 'final' },
          last: { type: 'history', history: 'deep' },
        },
      },
      away: {
        entry: words.reply('Away.'),
        after: { 60_000: { actions: words.reply('Away for a minute.') } },
        on: { 'intent.again': `${order}.last` },
      },
      [pricing]: {
        invoke: { src: service, onDone: 'end' },
        on: { 'message.*': { actions: words.reply('I am adding it up.') } },
      },
      end: words.done(({ context }) => `For ${context[slot]}, ${context.seat}.`),
    },
  } as never) as unknown as AnyStateMachine;
}

const one = bookingOf(V1);
const two = bookingOf(V2);

function begun() {
  return converse(one, { services: { price: () => new Promise(() => {}) } as never });
}

function deploy(chat: ReturnType<typeof begun>, ...migrations: readonly Migration[]) {
  const migrate: Migrations = { 1: migrateTo('2', ...migrations) };
  return chat.deploy(two, { migrate, services: { quote: async () => 30 } as never });
}

describe('renames', () => {
  it('keep the attempts of a question, and the moment at which its reminder is due', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.advance({ minutes: 1 });
    await chat.say('many');
    await chat.advance({ minutes: 4 });
    await deploy(chat, ...all);
    chat.expectTimer({ minutes: 6 });
    expect(await chat.advance({ minutes: 6 })).toEqual(['Still there?']);
    chat.expectState('visit.details.guests.retry1');
    await chat.say('many');
    chat.expectState('visit.details.guests.retry2');
    expect(await chat.say('many')).toContain('Given up.');
  });

  it('keep what a slot was filled with', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.say('4');
    const [question] = chat.said;
    await deploy(chat, ...all);
    if (question === undefined) throw new Error('nothing was asked');
    await chat.press(question, 'out');
    expect(chat.replies).toEqual(['For 4, out.']);
    expect(chat.context).not.toHaveProperty('people');
  });

  it('keep what was offered, by its number and by its button', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.say('4');
    const [question] = chat.said;
    await deploy(chat, ...all);
    await chat.say('2');
    expect(chat.context).toMatchObject({ seat: 'out' });
    if (question === undefined) throw new Error('nothing was asked');
    await chat.press(question, 'in');
    chat.expectOutcome('stale');
  });

  it('continue a service that is under way', async () => {
    const chat = begun();
    for (const said of ['hi', '4', 'out']) await chat.send(said);
    expect(chat.services).toMatchObject([{ id: '0.booking.pricing', src: 'price' }]);
    await deploy(chat, ...all);
    chat.expectReplies('For 4, out.').expectDone();
  });

  it('lead back to where a history remembers, under the new name', async () => {
    const chat = begun();
    for (const said of ['hi', '4', 'away']) await chat.say(said);
    chat.expectState('away');
    await deploy(chat, ...all);
    expect(await chat.say('again')).toEqual(['Where?\n1. in\n2. out']);
    chat.expectState('visit.details.seat.waiting');
  });

  it('do not let a delay fire again that has fired', async () => {
    const chat = begun();
    await chat.say('hi');
    await chat.advance({ minutes: 10 });
    expect(chat.replies).toEqual(['Still there?']);
    await deploy(chat, ...all);
    expect(await chat.advance({ hours: 1 })).toEqual([]);
  });

  it('change no reply, after any message at which they are deployed', async () => {
    const script = [
      'hi',
      'many',
      600_000,
      '4',
      'away',
      30_000,
      'again',
      'where',
      'out',
      9_000,
      'so?',
    ];
    const play = async (deployedAfter: number): Promise<readonly string[]> => {
      const slow = takes({ seconds: 20 }, () => 30);
      const chat = converse(one, { services: { price: slow } as never });
      const said: string[] = [];
      for (const [index, step] of [...script, 60_000].entries()) {
        said.push(
          ...(typeof step === 'number'
            ? await chat.advance(step)
            : (await chat.send(step), chat.replies)),
        );
        if (index === deployedAfter) {
          const migrate: Migrations = { 1: migrateTo('2', ...all) };
          await chat.deploy(two, { migrate, services: { quote: slow } as never });
          said.push(...chat.replies);
        }
      }
      expect(chat.errors).toEqual([]);
      return said;
    };
    const expected = await play(-1);
    expect(expected).toContain('For 4, out.');
    for (const index of script.keys())
      expect([index, await play(index)]).toEqual([index, expected]);
  });

  it('leave out what was not renamed: then the conversation starts again', async () => {
    const chat = begun();
    await chat.say('hi');
    await deploy(chat, renameState('order', 'visit'));
    await chat.say('4');
    chat.expectState('visit.details.guests.waiting');
    expect(chat.context).toEqual({});
  });

  it('take a state into another one, and out of it', async () => {
    const words = setupDialogue({ types: {} as { context: { name?: string } } });
    const asks = (target: string) =>
      words.ask({
        question: 'Name?',
        parse: text(),
        assign: 'name',
        attempts: 9,
        target,
        otherwise: target,
      } as never) as object;
    const end = words.done(({ context }) => `Hi ${context.name}.`);
    const versionOf = (version: string, initial: string, states: object) =>
      words.createDialogue({
        id: 'm',
        version,
        context: {},
        initial,
        states: { ...states, end },
      } as never) as unknown as AnyStateMachine;
    const flat = versionOf('1', 'name', { name: asks('end') });
    const nested = versionOf('2', 'who', {
      who: {
        initial: 'name',
        onDone: 'end',
        states: { name: asks('told'), told: { type: 'final' } },
      },
    });
    const again = versionOf('3', 'called', { called: asks('end') });
    const chat = converse(flat);
    await chat.say('hi');
    await chat.send({ type: 'message.image', url: 'https://x.org/a.png' });
    chat.expectState('name.retry1');
    await chat.deploy(nested, { migrate: { 1: migrateTo('2', renameState('name', 'who.name')) } });
    await chat.send({ type: 'message.image', url: 'https://x.org/a.png' });
    chat.expectState('who.name.retry2');
    await chat.deploy(again, { migrate: { 2: migrateTo('3', renameState('who.name', 'called')) } });
    await chat.send({ type: 'message.image', url: 'https://x.org/a.png' });
    chat.expectState('called.retry3');
    expect(await chat.say('Ann')).toEqual(['Hi Ann.']);
  });

  it('rename a region of a parallel state, and a state in it', async () => {
    const words = setupDialogue({ types: {} as { context: object } });
    const versionOf = (version: string, region: string, idle: string) =>
      words.createDialogue({
        id: 'm',
        version,
        context: {},
        type: 'parallel',
        states: {
          talk: {
            initial: 'on',
            states: { on: { on: { 'message.*': { actions: words.reply('Yes?') } } } },
          },
          [region]: {
            initial: idle,
            states: {
              [idle]: { after: { 60_000: 'late' } },
              late: { entry: words.reply('Late.') },
            },
          },
          light: {},
        },
      } as never) as unknown as AnyStateMachine;
    const chat = converse(versionOf('1', 'typing', 'idle'));
    await chat.say('hi');
    await chat.advance({ seconds: 20 });
    const migrate = {
      1: migrateTo('2', renameState('typing.idle', 'typing.rests'), renameState('typing', 'watch')),
    };
    await chat.deploy(versionOf('2', 'watch', 'rests'), { migrate });
    chat.expectTimer({ seconds: 40 });
    await chat.say('still here');
    chat.expectState('watch.rests');
    expect(await chat.advance({ seconds: 40 })).toEqual(['Late.']);
  });
});

/** A dialogue whose sub-dialogue has the name of one of its states, invoked by a state that a history remembers. */
function outerOf(called: {
  readonly version: string;
  readonly host: string;
  readonly sub: string;
  readonly question: string;
  readonly key: string;
}): AnyStateMachine {
  const { version, host, sub, question, key } = called;
  const inner = setupDialogue({
    types: {} as { context: Record<string, unknown> },
    delays: { wait: 600_000 },
  });
  const date = inner.createDialogue({
    id: 'date',
    version: '1',
    context: {},
    initial: question,
    after: { wait: { actions: inner.reply('The date is late.') } },
    states: {
      [question]: {
        ...inner.ask({
          question: 'Which day?',
          parse: text(),
          assign: key,
          target: 'hour',
        } as never),
        after: { 120_000: { actions: inner.reply('Which day, please?') } },
        exit: raise({ type: 'event.late' } as never, { delay: 300_000, id: 'late' }),
      },
      hour: inner.choose({
        question: 'Which hour?',
        options: ['9', '10'],
        target: 'end',
      } as never),
      end: inner.done(({ context }) => `Noted: ${String(context[key])}.`),
    },
  } as never) as unknown as AnyStateMachine;
  const words = setupDialogue({
    actors: { [sub]: date },
    intents: { away: keywords('away'), back: keywords('back') },
  });
  return words.createDialogue({
    id: 'outer',
    version,
    context: {},
    initial: 'talk',
    on: { 'intent.away': '.away', 'intent.back': '.talk.last' },
    states: {
      talk: {
        initial: host,
        states: {
          [host]: { invoke: { src: sub, onDone: 'over' } },
          over: { entry: words.reply('Over.') },
          last: { type: 'history' },
        },
      },
      away: { entry: words.reply('Away.'), on: { 'message.text': {} } },
    },
  } as never) as unknown as AnyStateMachine;
}

describe('renames in a sub-dialogue', () => {
  const before = outerOf({ version: '1', host: 'asks', sub: 'date', question: 'date', key: 'day' });
  const after = outerOf({
    version: '2',
    host: 'fixes',
    sub: 'meeting',
    question: 'day',
    key: 'when',
  });
  const migrate: Migrations = {
    1: migrateTo(
      '2',
      renameState('talk.asks', 'talk.fixes'),
      renameState('date', 'day', { dialogue: 'date' }),
      renameKey('day', 'when', { dialogue: 'date' }),
      renameService('date', 'meeting'),
    ),
  };

  it('keep its place, its context and its timers', async () => {
    const chat = converse(before);
    await chat.say('hi');
    expect(chat.timers.map(({ id }) => id)).toEqual([
      'xstate.after.120000.date.date',
      'xstate.after.wait.date',
    ]);
    await chat.advance({ seconds: 30 });
    await chat.deploy(after, { migrate });
    expect(await chat.advance({ seconds: 90 })).toEqual(['Which day, please?']);
    chat.expectState('talk.fixes > day.waiting');
    await chat.say('Monday');
    await chat.deploy(
      outerOf({ version: '3', host: 'sets', sub: 'meeting', question: 'day', key: 'at' }),
      {
        migrate: {
          2: migrateTo(
            '3',
            renameKey('when', 'at', { dialogue: 'meeting' }),
            renameState('talk.fixes', 'talk.sets'),
          ),
        },
      },
    );
    expect(await chat.advance({ minutes: 8 })).toEqual(['The date is late.']);
    expect(await chat.choose('9')).toEqual(['Noted: Monday.', 'Over.']);
  });

  it('keep one that is paused until a history leads back to it', async () => {
    const chat = converse(before);
    for (const said of ['hi', 'Monday', 'away']) await chat.say(said);
    await chat.deploy(after, { migrate });
    chat.expectTimer({ minutes: 5 });
    expect(await chat.say('back')).toEqual(['Which hour?\n1. 9\n2. 10']);
    expect(await chat.choose('10')).toEqual(['Noted: Monday.', 'Over.']);
  });

  it('reach one in another one, with a form and its service', async () => {
    const versionOf = (version: string, [host, within, form, slot]: readonly string[]) => {
      const last = setupDialogue({
        types: {} as { context: Booking },
        actors: { save: fromPromise<number>(() => new Promise(() => {})) },
      });
      const table = last.createDialogue({
        id: 'table',
        context: {},
        initial: form,
        states: {
          [form as 'a']: last.form({
            slots: { [slot as 'people']: { question: 'How many?', parse: integer() } },
            timeout: { after: { minutes: 5 }, say: 'Still there?' },
            confirm: false,
            target: 'saving',
          } as never),
          saving: { invoke: { src: 'save', onDone: 'end' } },
          end: last.done(({ context }) => `Saved: ${context[slot as 'people']}.`),
        },
      } as never) as unknown as AnyStateMachine;
      const around = setupDialogue({ actors: { table } });
      const visit = around.createDialogue({
        id: 'visit',
        context: {},
        initial: within,
        states: {
          [within as 'a']: { invoke: { src: 'table', onDone: 'end' } },
          end: { type: 'final' },
        },
      } as never) as unknown as AnyStateMachine;
      const outside = setupDialogue({ actors: { visit } });
      return outside.createDialogue({
        id: 'outer',
        version,
        context: {},
        initial: host,
        states: {
          [host as 'a']: { invoke: { src: 'visit', onDone: 'end' } },
          end: outside.done('Over.'),
        },
      } as never) as unknown as AnyStateMachine;
    };
    const old = versionOf('1', ['a', 'b', 'c', 'people']);
    const changed = versionOf('2', ['aa', 'bb', 'cc', 'guests']);
    const options = {
      migrate: {
        1: migrateTo(
          '2',
          renameState('a', 'aa'),
          renameState('b', 'bb', { dialogue: 'visit' }),
          renameState('c', 'cc', { dialogue: 'table' }),
          renameSlot('cc', 'people', 'guests', { dialogue: 'table' }),
        ),
      },
      services: { save: takes({ seconds: 1 }, () => 1) } as never,
    };
    const asked = converse(old);
    await asked.say('hi');
    await asked.advance({ minutes: 2 });
    await asked.deploy(changed, options);
    expect(await asked.advance({ minutes: 3 })).toEqual(['Still there?']);
    asked.expectState('aa > bb > cc.guests.waiting');
    await asked.send('4');
    expect(await asked.advance({ seconds: 1 })).toEqual(['Saved: 4.', 'Over.']);
    const saving = converse(old, { services: { save: () => new Promise(() => {}) } as never });
    for (const said of ['hi', '4']) await saving.send(said);
    await saving.deploy(changed, options);
    expect(await saving.advance({ seconds: 1 })).toEqual(['Saved: 4.', 'Over.']);
  });

  it('are refused where the dialogue provides none under the name', () => {
    const misspelt = { 1: migrateTo('2', renameState('date', 'day', { dialogue: 'dat' })) };
    expect(() => createRunner(after, { migrate: misspelt })).toThrow(
      "`renameState('date', 'day', { dialogue: 'dat' })` in the migration of version '1' leads nowhere: no sub-dialogue is provided as 'dat'. Correct the name, or leave it out.",
    );
  });
});

describe('a service with its own id', () => {
  const versionOf = (version: string, service: string, id: string) => {
    const words = setupDialogue({
      types: {} as { context: object },
      actors: { [service]: fromPromise<number>(() => new Promise(() => {})) },
    });
    return words.createDialogue({
      id: 'm',
      version,
      context: {},
      initial: 'a',
      states: { a: { invoke: { id, src: service, onDone: 'b' } }, b: words.done('Done.') },
    } as never) as unknown as AnyStateMachine;
  };

  it.each([
    ['keeps it', 'price'],
    ['gets the new one if the dialogue now invokes it by that', 'quote'],
  ])('%s', async (_what, id) => {
    const chat = converse(versionOf('1', 'price', 'price'), {
      services: { price: () => new Promise(() => {}) } as never,
    });
    await chat.send('hi');
    await chat.deploy(versionOf('2', 'quote', id), {
      migrate: { 1: migrateTo('2', renameService('price', 'quote')) },
      services: { quote: async () => 1 } as never,
    });
    expect(chat.replies).toEqual(['Done.']);
  });
});

describe('a migration of renames', () => {
  const leadsNowhere = (what: string) => new RegExp(`leads nowhere: .*${what}`, 'u');

  it.each<[string, Migrations, RegExp | string]>([
    [
      'a state that the dialogue does not have',
      { 1: migrateTo('2', renameState('order', 'vist')) },
      leadsNowhere("dialogue 'booking' has no state 'vist'; did you mean 'visit'. Correct"),
    ],
    [
      'a slot that the form does not have',
      { 1: migrateTo('2', renameSlot('visit.details', 'people', 'persons')) },
      leadsNowhere("dialogue 'booking' has no state 'visit.details.persons'"),
    ],
    [
      'a service that the dialogue does not have',
      { 1: migrateTo('2', renameService('price', 'qoute')) },
      leadsNowhere("dialogue 'booking' has no actor 'qoute'; did you mean 'quote'. Correct"),
    ],
    [
      'a state that a later rename does not know',
      {
        0: migrateTo('1', renameState('first', 'orders')),
        1: migrateTo('2', renameState('order', 'visit')),
      },
      leadsNowhere("dialogue 'booking' has no state 'orders'"),
    ],
    [
      'a rename without a version',
      { 1: renameState('order', 'visit') },
      "write migrateTo('…', renameState('order', 'visit'))",
    ],
  ])('is refused with %s', async (_what, migrate, expected) => {
    expect(() => createRunner(two, { migrate })).toThrow(expected);
    await expect(checkRecords(two, [], { migrate })).rejects.toThrow(expected);
  });

  it('is refused before a test deploys it, so the old version continues', async () => {
    const chat = begun();
    await chat.say('hi');
    await expect(deploy(chat, renameState('order', 'vist'))).rejects.toThrow("no state 'vist'");
    expect(await chat.say('4')).toEqual(['Where?\n1. in\n2. out']);
  });

  it.each<[string, Migrations]>([
    [
      'later renames lead to the state',
      {
        0: migrateTo('1', renameState('first', 'order'), renameService('sum', 'price')),
        1: migrateTo('2', ...all),
      },
    ],
    [
      'a function comes after it, which may lead on',
      {
        0: migrateTo('1', renameState('first', 'orders')),
        1: (conversation) => ({ ...conversation, version: '2' }),
      },
    ],
    [
      'a function of the same migration comes after it',
      { 1: migrateTo('2', renameState('order', 'vist'), (conversation) => conversation) },
    ],
  ])('is taken where %s', async (_what, migrate) => {
    const runner = createRunner(two, { migrate });
    expect(runner.stats().records).toBe(0);
    await runner.stop();
  });

  it.each([
    () => renameState('', 'a'),
    () => renameState('a', 'a'),
    () => renameState('a.', 'b'),
    () => renameKey(undefined as never, 'a'),
    () => renameState('a', 'b', { dialogue: '' }),
    () => renameState('a', 'b', { within: 'c' } as never),
    () => renameState('a', 'b', 'c' as never),
    () => migrateTo('', renameState('a', 'b')),
    () => migrateTo('2', {} as never),
  ])('is refused where it is made wrongly: %s', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it('may hold functions of the author’s', async () => {
    const chat = begun();
    await chat.say('hi');
    await deploy(
      chat,
      (conversation) => {
        conversation.context['people'] = 7;
        return conversation;
      },
      ...all,
    );
    await chat.say('4');
    expect(chat.context).toMatchObject({ guests: 4 });
    const gone = begun();
    await gone.say('hi');
    await deploy(gone, () => undefined, ...all);
    await gone.say('4');
    chat.expectState('visit.details.seat');
    gone.expectState('visit.details.guests');
  });

  it('renames no key over another one: the conversation starts again', async () => {
    const chat = begun();
    for (const said of ['hi', '4']) await chat.say(said);
    const both: Migration = (conversation) => {
      conversation.context['guests'] = 5;
      return conversation;
    };
    await deploy(chat, both, ...all);
    await chat.send('hi');
    expect(chat.errors).toMatchObject([
      {
        code: 'bad_migration',
        cause: {
          message: "The context already has the key 'guests', so 'people' was not renamed to it.",
        },
      },
    ]);
    chat.expectState('visit.details.guests');
  });
});

describe('the check of stored records', () => {
  it('counts what each rename did', async () => {
    const disk = createDisk();
    for (const [openid, ...messages] of [
      ['ann', 'hi', '4'],
      ['bob', 'hi', 'away'],
      ['cyd', 'hi', '4', 'out'],
    ] as const) {
      const chat = converse(one, {
        openid,
        persister: memory(disk),
        services: { price: () => new Promise(() => {}) } as never,
      });
      for (const message of messages) await chat.send(message);
      await chat.close();
    }
    const migrate = {
      0: migrateTo('1', renameKey('a', 'b')),
      1: migrateTo('2', ...all, renameKey('nam', 'name')),
    };
    const checks: [string, number][] = [];
    const report = await checkRecords(two, disk.records.values(), {
      migrate,
      onCheck: ({ openid, renamed }) => checks.push([openid, renamed.length]),
    });
    expect(report).toMatchObject({ total: 3, counts: { migrated: 3 }, dropped: 0 });
    expect(
      report.renames.map(({ version, rename, records, renamed }) => [
        version,
        rename,
        records,
        renamed,
      ]),
    ).toEqual([
      ['0', "renameKey('a', 'b')", 0, 0],
      ['1', "renameState('order', 'visit')", 3, 3],
      ['1', "renameState('visit.table', 'visit.details')", 3, 2],
      ['1', "renameSlot('visit.details', 'people', 'guests')", 3, 3],
      ['1', "renameState('pricing', 'quoting')", 3, 1],
      ['1', "renameService('price', 'quote')", 3, 1],
      ['1', "renameKey('nam', 'name')", 3, 0],
    ]);
    expect(checks).toEqual([
      ['ann', 3],
      ['bob', 3],
      ['cyd', 4],
    ]);
  });
});

it('a rename of a state that is not there changes no state value', () => {
  const keys = fc.constantFrom('a', 'b', 'c');
  const { value } = fc.letrec<{ value: StateValue; node: StateValue }>((tie) => ({
    value: fc.oneof(keys, tie('node')),
    node: fc.dictionary(keys, fc.oneof({ maxDepth: 4 }, keys, tie('node'))),
  }));
  const migrate = migrateTo('2', renameState('d', 'e'));
  fc.assert(
    fc.property(value, (state) => {
      const snapshot = { status: 'active', value: state, children: {}, history: {} } as const;
      const stored = { version: '1', snapshot, context: {}, timers: [], services: [] };
      expect(migrate(stored, { dialogue: two })).toEqual({ ...stored, version: '2' });
    }),
  );
});
