import { commandIntents, integer, setupDialogue, text, toMermaid } from 'colloquy';
import { converse, explore, lintDialogue } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Data {
  how?: 'delivery' | 'pickup';
  street?: string;
  floor?: number;
  dog?: boolean;
  name?: string;
}

const words = setupDialogue({ types: {} as { context: Data }, intents: commandIntents });
const delivers = ({ context }: { context: Data }): boolean => context.how === 'delivery';

function order(context: Data = {}, name: object = {}) {
  return words.createDialogue({
    id: 'order',
    context,
    initial: 'how',
    states: {
      how: words.choose({
        question: 'How?',
        options: ['delivery', 'pickup'],
        assign: 'how',
        target: 'street',
      }),
      street: words.ask({
        question: 'Which street?',
        parse: text(),
        assign: 'street',
        when: delivers,
        back: 'how',
        target: 'floor',
      }),
      floor: words.ask({
        question: 'Which floor?',
        parse: integer(),
        assign: 'floor',
        when: delivers,
        back: 'street',
        target: 'dog',
      }),
      dog: words.confirm({
        question: 'A dog?',
        assign: 'dog',
        when: ({ context }) => delivers({ context }) && (context.floor ?? 0) < 2,
        skipTo: 'name',
        back: 'floor',
        yes: 'name',
        no: 'name',
      }),
      name: words.ask({
        question: 'Your name?',
        parse: text(),
        assign: 'name',
        back: 'dog',
        target: 'over',
        ...name,
      }),
      over: words.done(({ context }) => JSON.stringify(context)),
    },
  });
}

const HOW = 'How?\n1. delivery\n2. pickup';
const DOG = 'A dog?\n1. Yes\n2. No';

/** What is said to each message. */
async function answers(dialogue: ReturnType<typeof order>, ...said: string[]): Promise<string[]> {
  const chat = converse(dialogue);
  const all: string[] = [];
  for (const each of said) all.push((await chat.say(each)).join(' '));
  return all;
}

describe('a question with `when`', () => {
  it('is asked while that holds, and skipped to its target while it does not', async () => {
    expect(await answers(order(), 'hi', 'delivery', 'High Street', '1', 'yes')).toEqual([
      HOW,
      'Which street?',
      'Which floor?',
      DOG,
      'Your name?',
    ]);
    expect(await answers(order(), 'hi', 'pickup', 'Ann')).toEqual([
      HOW,
      'Your name?',
      '{"how":"pickup","name":"Ann"}',
    ]);
    expect(await answers(order(), 'hi', 'delivery', 'High Street', '5')).toEqual([
      HOW,
      'Which street?',
      'Which floor?',
      'Your name?',
    ]);
  });

  it('leaves the context as it is where it is skipped', async () => {
    const said = await answers(order({ street: 'Old Street' }), 'hi', 'pickup', 'Ann');
    expect(said.at(-1)).toBe('{"street":"Old Street","how":"pickup","name":"Ann"}');
  });

  it('does the actions of its entry only when it is asked, before it is said', async () => {
    const first = (asked: boolean) =>
      words.createDialogue({
        id: 'entering',
        context: {},
        initial: 'name',
        states: {
          name: words.ask({
            entry: words.reply('Now the name.'),
            question: 'Your name?',
            parse: text(),
            when: () => asked,
            target: 'over',
          }),
          over: words.done('Bye.'),
        },
      });
    expect(await converse(first(true)).say('hi')).toEqual(['Now the name.', 'Your name?']);
    expect(await converse(first(false)).say('hi')).toEqual(['Bye.']);
  });

  it('asks again, reminds and gives up as any other question', async () => {
    const dialogue = order(
      {},
      {
        when: () => true,
        parse: text({ minLength: 3 }),
        attempts: 2,
        otherwise: 'over',
        timeout: { after: { minutes: 1 }, say: 'Hello?' },
      },
    );
    const chat = converse(dialogue);
    await chat.say('hi');
    await chat.say('pickup');
    expect(await chat.advance({ minutes: 1 })).toEqual(['Hello?']);
    expect(chat.state).toBe('name.waiting');
    expect(await chat.say('A')).toHaveLength(1);
    expect(chat.state).toBe('name.retry1');
    expect(await chat.say('A')).toEqual(['{"how":"pickup"}']);
  });
});

describe('`back` of a question', () => {
  it('leads to the question before it', async () => {
    expect(await answers(order(), 'hi', 'delivery', 'High Street', 'back', 'back')).toEqual([
      HOW,
      'Which street?',
      'Which floor?',
      'Which street?',
      HOW,
    ]);
  });

  it('leads over the questions that are skipped', async () => {
    expect(await answers(order(), 'hi', 'pickup', 'back', 'delivery')).toEqual([
      HOW,
      'Your name?',
      HOW,
      'Which street?',
    ]);
    const said = await answers(order(), 'hi', 'delivery', 'High Street', '5', 'back', '1', 'back');
    expect(said.slice(-3)).toEqual(['Which floor?', DOG, 'Which floor?']);
  });

  it('comes forward again where all questions before it are skipped', async () => {
    const dialogue = words.createDialogue({
      id: 'first',
      context: {},
      initial: 'street',
      states: {
        street: words.ask({ question: 'Street?', parse: text(), when: delivers, target: 'name' }),
        name: words.ask({ question: 'Name?', parse: text(), back: 'street', target: 'over' }),
        over: words.done(),
      },
    });
    expect(await answers(dialogue as never, 'hi', 'back')).toEqual(['Name?', 'Name?']);
  });

  it('comes after a transition of the question’s own', async () => {
    const dialogue = order({}, { on: { 'intent.back': { target: 'over' } } });
    expect((await answers(dialogue, 'hi', 'pickup', 'back')).at(-1)).toBe('{"how":"pickup"}');
  });
});

describe('the definition of a question', () => {
  it.each<[string, object, RegExp]>([
    [
      '`when` and several targets',
      { when: (): boolean => true, target: [{ target: 'over' }] },
      /`skipTo`/,
    ],
    ['`skipTo` and no `when`', { skipTo: 'over' }, /no `when`/],
    [
      'an async `when`',
      { when: async (): Promise<boolean> => true },
      /'when' is an async function/,
    ],
  ])('is refused with %s', (_, more, problem) => {
    expect(() => order({}, more)).toThrow(problem);
    expect(() => order({}, more)).toThrow(expect.objectContaining({ code: 'bad_ask' }));
  });

  it('that is refused while it runs says why', async () => {
    const chat = converse(order({}, { when: (): unknown => Promise.resolve(true) }));
    await chat.say('hi');
    await expect(chat.say('pickup')).rejects.toThrow(/`when` of a question/);
  });
});

describe('what looks at dialogues, looks at a question that may be skipped:', () => {
  const limited = { 'unlimited-question': false } as const;

  it('lint has nothing against it', () => {
    expect(lintDialogue(order(), { rules: limited })).toEqual([]);
  });

  it('a diagram has the ways over it and back', () => {
    const arrows = toMermaid(order())
      .split('\n')
      .filter((line) => /(?:street|dog) -->/.test(line));
    expect(arrows).toEqual([
      '  street --> floor : answered / skipped',
      '  street --> how : back',
      '  dog --> name : yes / no / skipped',
      '  dog --> floor : back',
    ]);
  });

  it('exploration reaches all of it', async () => {
    const { failures, unreached } = await explore(order());
    expect(failures).toEqual([]);
    const places = unreached.filter(({ item }) => item.kinds.includes('states'));
    expect(places.map(({ path }) => path)).toEqual([]);
  });
});
