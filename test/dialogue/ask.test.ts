import { formatReply, setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { integer } from '../../src/dialogue/parsers/integer.ts';
import { text } from '../../src/dialogue/parsers/text.ts';

interface Data {
  name?: string;
  age?: number;
  colour?: string;
  sure?: boolean;
}

const words = setupDialogue({ types: {} as { context: Data } });
const age = (more: object = {}) =>
  words.createDialogue({
    id: 'asking',
    context: {},
    initial: 'age',
    states: {
      age: words.ask({
        question: 'How old are you?',
        parse: integer({ min: 1, max: 120 }),
        assign: 'age',
        target: 'bye',
        ...more,
      }),
      bye: words.done(({ context }) => `You are ${context.age}.`),
      human: words.done('A human takes over.'),
    },
  });

describe('ask', () => {
  it('asks on entry, stores the value that it understood in the dictionary, and continues', async () => {
    const chat = converse(age());
    expect(await chat.say('hi')).toEqual(['How old are you?']);
    expect(await chat.say('thirty')).toEqual(['You are 30.']);
    expect(chat.context).toEqual({ age: 30 });
  });

  it('says the issue to what it cannot read, and waits on', async () => {
    const chat = converse(age());
    await chat.say('hi');
    const [issue] = await chat.say('none of your business');
    expect(issue).toMatch(/number/);
    expect(await chat.say('200')).toHaveLength(1);
    expect(await chat.say('20')).toEqual(['You are 20.']);
  });

  it('speaks the language of the context', async () => {
    const chinese = words.createDialogue({
      id: 'asking',
      context: { locale: 'zh-CN' } as Data,
      initial: 'age',
      states: {
        age: words.ask({ question: '几岁?', parse: integer(), assign: 'age', target: 'bye' }),
        bye: { type: 'final' },
      },
    });
    const chat = converse(chinese);
    await chat.say('hi');
    expect((await chat.say('不告诉你'))[0]).toMatch(/\p{Script=Han}/u);
  });

  it('hands the retry the issue, the attempt and the message', async () => {
    const retry = ({ issue, attempt, event }: { issue: string; attempt: number; event: object }) =>
      `${attempt}: ${issue.length > 0} ${(event as { text: string }).text}`;
    const chat = converse(age({ retry }));
    await chat.say('hi');
    expect(await chat.say('a')).toEqual(['1: true a']);
    expect(await chat.say('b')).toEqual(['2: true b']);
    expect(await chat.say('c')).toEqual(['3: true c']);
    expect(await chat.say('d')).toEqual(['3: true d']);
    expect(chat.state).toBe('age.retry2');
  });

  it('gives up after the attempts it was given, without a last retry', async () => {
    const chat = converse(age({ attempts: 2, otherwise: 'human', retry: 'Again?' }));
    await chat.say('hi');
    expect(await chat.say('a')).toEqual(['Again?']);
    expect(await chat.say('b')).toEqual(['A human takes over.']);
  });

  it('shows none of its attempts in the dictionary', async () => {
    const chat = converse(age({ attempts: 2, otherwise: 'human' }));
    await chat.say('hi');
    await chat.say('a');
    expect(chat.context).toEqual({});
  });

  it('counts attempts from one when the dialogue asks it again', async () => {
    const twice = words.createDialogue({
      id: 'twice',
      context: {},
      initial: 'age',
      states: {
        age: words.ask({
          question: 'Age?',
          retry: ({ attempt }) => `${attempt}`,
          parse: integer(),
          target: 'age',
        }),
      },
    });
    const chat = converse(twice);
    await chat.say('hi');
    expect(await chat.say('a')).toEqual(['1']);
    expect(await chat.say('7')).toEqual(['Age?']);
    expect(await chat.say('a')).toEqual(['1']);
  });

  it('reminds after a silence, which every retry restarts, and leaves after a longer one', async () => {
    const chat = converse(
      age({
        retry: 'Again?',
        timeout: [
          { after: { minutes: 10 }, say: 'Still there?' },
          { after: { hours: 1 }, say: 'Bye.', target: 'human' },
        ],
      }),
    );
    await chat.say('hi');
    await chat.advance({ minutes: 9 });
    await chat.say('a');
    expect(await chat.advance({ minutes: 9 })).toEqual([]);
    expect(await chat.advance({ minutes: 1 })).toEqual(['Still there?']);
    expect(await chat.advance({ minutes: 50 })).toEqual(['Bye.', 'A human takes over.']);
  });

  it('reminds in its own words where it is given none', async () => {
    const chat = converse(age({ timeout: { after: { minutes: 10 } } }));
    await chat.say('hi');
    expect(await chat.advance({ minutes: 10 })).toHaveLength(1);
    expect(await chat.say('30')).toEqual(['You are 30.']);
    expect(await chat.advance({ days: 1 })).toEqual([]);
  });

  it('goes where the answer leads', async () => {
    const branching = words.createDialogue({
      id: 'branching',
      context: {},
      initial: 'age',
      states: {
        age: words.ask({
          question: 'Age?',
          parse: integer(),
          assign: ({ value }) => ({ age: value + 1 }),
          target: [
            { guard: ({ value }) => value < 18, target: 'young' },
            { target: 'grown', actions: words.reply('Welcome.') },
          ],
        }),
        young: words.done('Come back later.'),
        grown: words.done(({ context }) => `Next year ${context.age}.`),
      },
    });
    const young = converse(branching);
    await young.say('hi');
    expect(await young.say('17')).toEqual(['Come back later.']);
    const grown = converse(branching);
    await grown.say('hi');
    expect(await grown.say('18')).toEqual(['Welcome.', 'Next year 19.']);
  });

  it('takes a parser of your own', async () => {
    const own = words.createDialogue({
      id: 'own',
      context: {},
      initial: 'name',
      states: {
        name: words.ask({
          question: 'Name?',
          parse: (message) =>
            message.type === 'message.text' ? { value: message.text } : { issue: 'In words?' },
          assign: 'name',
          target: 'bye',
        }),
        bye: { type: 'final' },
      },
    });
    const chat = converse(own);
    await chat.say('hi');
    expect(await chat.say({ type: 'message.image', mediaId: 'm' })).toEqual(['In words?']);
    await chat.say('Ann');
    expect(chat.context).toEqual({ name: 'Ann' });
  });

  it('says so, and counts an attempt, where an answer is read and no target takes it', async () => {
    const dialogue = words.createDialogue({
      id: 'adults',
      context: {},
      initial: 'age',
      states: {
        age: words.ask({
          question: 'Age?',
          parse: integer(),
          attempts: 2,
          otherwise: 'young',
          target: [{ guard: ({ value }) => value >= 18, target: 'adult' }],
        }),
        adult: words.done('Welcome.'),
        young: words.done('Goodbye.'),
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    expect(await chat.say('10')).toEqual(['Sorry, I didn’t understand that.']);
    expect(await chat.say('11')).toEqual(['Goodbye.']);
  });

  it('tries the developer’s transitions first, on a guard and on an event type', async () => {
    const first = words.createDialogue({
      id: 'first',
      context: {},
      initial: 'name',
      states: {
        name: words.ask({
          question: 'Name?',
          parse: text(),
          assign: 'name',
          target: 'bye',
          on: {
            'message.text': {
              guard: ({ event }: { event: { text: string } }) => event.text === 'skip',
              target: 'bye',
            },
            'message.image': { actions: words.reply('Nice.') },
          },
        }),
        bye: words.done(({ context }) => `Bye ${context.name ?? 'stranger'}.`),
      },
    });
    const skipping = converse(first);
    await skipping.say('hi');
    expect(await skipping.say('skip')).toEqual(['Bye stranger.']);
    const answering = converse(first);
    await answering.say('hi');
    expect(await answering.say({ type: 'message.image', mediaId: 'm' })).toEqual(['Nice.']);
    expect(await answering.say('Ann')).toEqual(['Bye Ann.']);
  });

  it.each([
    ['no question', { question: undefined }],
    ['no attempt', { attempts: 0, otherwise: 'human' }],
    ['half an attempt', { attempts: 1.5, otherwise: 'human' }],
    ['a limit that leads nowhere', { attempts: 2 }],
    ['a timeout at once', { timeout: { after: { minutes: 0 } } }],
    ['two timeouts at once', { timeout: [{ after: { minutes: 1 } }, { after: { seconds: 60 } }] }],
  ])('refuses %s where it is defined', (_, more) => {
    expect(() => age(more)).toThrow(expect.objectContaining({ code: 'bad_ask' }));
  });
});

describe('a question', () => {
  it('runs actions of the developer before it is said, and on the way out', async () => {
    const around = words.createDialogue({
      id: 'around',
      context: {},
      initial: 'age',
      states: {
        age: words.ask({
          question: 'Age?',
          parse: integer(),
          assign: 'age',
          target: 'bye',
          entry: words.reply('One question.'),
          exit: words.reply('Noted.'),
        }),
        bye: words.done('Bye.', ({ context }) => `${context.age}.`),
      },
    });
    const chat = converse(around);
    expect(await chat.say('hi')).toEqual(['One question.', 'Age?']);
    expect(await chat.say('30')).toEqual(['Noted.', 'Bye.', '30.']);
  });
});

describe('clear', () => {
  it('takes keys out of the dictionary', async () => {
    const clearing = words.createDialogue({
      id: 'clearing',
      context: { name: 'Ann', age: 30 },
      initial: 'open',
      states: {
        open: {
          on: {
            'message.text': {
              actions: [
                words.clear('name', 'age'),
                words.reply(({ context }) => `${context.name}`),
              ],
            },
          },
        },
      },
    });
    const chat = converse(clearing);
    expect(await chat.say('hi')).toEqual(['undefined']);
    expect(Object.keys(chat.context)).toEqual([]);
  });
});

describe('choose', () => {
  const choosing = words.createDialogue({
    id: 'choosing',
    context: {},
    initial: 'colour',
    states: {
      colour: words.choose({
        question: 'Which colour?',
        options: [{ value: 'red', label: 'Red', synonyms: ['crimson'] }, 'blue'],
        assign: 'colour',
        target: { red: 'warm', blue: 'cold' },
      }),
      warm: words.done('Warm.'),
      cold: words.done('Cold.'),
    },
  });

  it.each([
    ['its number', '2', 'Cold.'],
    ['its label', 'RED', 'Warm.'],
    ['another name', 'crimson', 'Warm.'],
    ['its button', { type: 'message.action', value: 'blue' } as const, 'Cold.'],
  ])('takes %s', async (_, message, said) => {
    const chat = converse(choosing);
    expect(await chat.say('hi')).toEqual(['Which colour?\n1. Red\n2. blue']);
    expect(await chat.say(message)).toEqual([said]);
  });

  it('offers the options again with the issue', async () => {
    const chat = converse(choosing);
    await chat.say('hi');
    expect((await chat.say('green'))[0]).toMatch(/\n1\. Red\n2\. blue$/);
  });

  it('takes options that follow from the context', async () => {
    const chat = converse(
      words.createDialogue({
        id: 'choosing',
        context: { name: 'Ann' },
        initial: 'colour',
        states: {
          colour: words.choose({
            question: ({ context }) => `${context.name}?`,
            options: ({ context }) => [`${context.name}-red`, `${context.name}-blue`],
            assign: 'colour',
            target: 'bye',
          }),
          bye: { type: 'final' },
        },
      }),
    );
    expect(await chat.say('hi')).toEqual(['Ann?\n1. Ann-red\n2. Ann-blue']);
    await chat.say('2');
    expect(chat.context).toEqual({ name: 'Ann', colour: 'Ann-blue' });
  });
});

describe('choose, with a way for each option', () => {
  it.each([
    ['the actions of one', 'move', ['Again?', 'Bye undefined.']],
    ['nothing more on the way of another', 'keep', ['Bye Ann.']],
    [
      'the same after a press',
      { type: 'message.action', value: 'move' },
      ['Again?', 'Bye undefined.'],
    ],
  ] as const)('does %s', async (_, message, said) => {
    const acting = words.createDialogue({
      id: 'acting',
      context: { name: 'Ann' },
      initial: 'which',
      states: {
        which: words.choose({
          question: 'Which?',
          options: ['keep', 'move', 'drop'],
          target: {
            keep: 'bye',
            move: { target: 'bye', actions: [words.clear('name'), words.reply('Again?')] },
            drop: { target: 'bye' },
          },
        }),
        bye: words.done(({ context }) => `Bye ${context.name}.`),
      },
    });
    const chat = converse(acting);
    await chat.say('hi');
    expect((await chat.send(message)).replies.map(formatReply)).toEqual(said);
  });
});

describe('choose, with a list of ways', () => {
  it.each([
    ['the first whose guard holds', 'red', ['Hot, Ann.']],
    ['the one behind it', 'blue', ['Cold, undefined.']],
  ])('takes %s, with its actions', async (_, said, replies) => {
    const choosing = words.createDialogue({
      id: 'choosing',
      context: {},
      initial: 'which',
      states: {
        which: words.choose({
          question: 'Which?',
          options: ['red', 'blue'],
          assign: 'colour',
          target: [
            {
              guard: ({ value }) => value === 'red',
              target: 'hot',
              actions: words.assign({ name: 'Ann' }),
            },
            { target: 'cold' },
          ],
        }),
        hot: words.done(({ context }) => `Hot, ${context.name}.`),
        cold: words.done(({ context }) => `Cold, ${context.name}.`),
      },
    });
    const chat = converse(choosing);
    await chat.say('hi');
    expect(await chat.say(said)).toEqual(replies);
    chat.expectContext({ colour: said });
  });
});

describe('confirm', () => {
  const confirming = words.createDialogue({
    id: 'confirming',
    context: {},
    initial: 'sure',
    states: {
      sure: words.confirm({ question: 'Sure?', yes: 'yes', no: 'no', assign: 'sure' }),
      yes: words.done('Good.'),
      no: words.done('Well.'),
    },
  });

  it.each([
    ['yes please', 'Good.', true],
    ['好的', 'Good.', true],
    ['1', 'Good.', true],
    ['不要', 'Well.', false],
    ['2', 'Well.', false],
    [{ type: 'message.action', value: 'no' } as const, 'Well.', false],
  ])('takes %j', async (message, said, sure) => {
    const chat = converse(confirming);
    expect(await chat.say('hi')).toEqual(['Sure?\n1. Yes\n2. No']);
    expect(await chat.say(message)).toEqual([said]);
    expect(chat.context).toEqual({ sure });
  });

  it('acts on the way to a yes or a no', async () => {
    const acting = words.createDialogue({
      id: 'acting',
      context: {},
      initial: 'sure',
      states: {
        sure: words.confirm({
          question: 'Sure?',
          yes: { target: 'bye', actions: words.assign({ name: 'Ann' }) },
          no: 'bye',
        }),
        bye: words.done(({ context }) => `Bye ${context.name}.`),
      },
    });
    const chat = converse(acting);
    await chat.say('hi');
    expect(await chat.say('yes')).toEqual(['Bye Ann.']);
  });

  it('asks again where it is neither', async () => {
    const chat = converse(confirming);
    await chat.say('hi');
    expect((await chat.say('perhaps'))[0]).toMatch(/\n1\. Yes\n2\. No$/);
  });
});
