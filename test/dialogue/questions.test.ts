import {
  type Parser,
  type QuestionDefinition,
  commandIntents,
  confirm,
  integer,
  setupDialogue,
  text,
} from 'colloquy';
import { converse, explore, lintDialogue } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

type Answers = Record<string, string | number | boolean | null>;
interface Data {
  answers?: Answers;
  locale?: string;
}

const words = setupDialogue({
  types: {} as { context: Data },
  intents: { ...commandIntents, pause: {} },
});

const health: QuestionDefinition<Data, string | number | boolean | null>[] = [
  { key: 'name', question: 'Your name?', parse: text() },
  { key: 'smokes', question: 'Do you smoke?', parse: confirm() },
  {
    key: 'many',
    question: 'How many a day?',
    parse: integer({ min: 1 }),
    when: ({ context }) => context.answers?.['smokes'] === true,
  },
  {
    key: 'stop',
    question: 'Do you want to stop?',
    options: ['yes', 'no', { value: 'later', label: 'Some day', synonyms: ['eventually'] }],
    when: ({ context }) => Number(context.answers?.['many'] ?? 0) > 10,
    required: false,
  },
  { key: 'note', question: 'Anything else?', parse: text(), required: false },
];

function survey(more: object = {}, context: Data = {}) {
  return words.createDialogue({
    id: 'survey',
    context,
    initial: 'asking',
    on: words.commands({ help: { say: 'You answer.' } }),
    states: {
      asking: words.questions({ answers: 'answers', questions: health, target: 'over', ...more }),
      over: words.done(({ context: { answers } }) => JSON.stringify(answers ?? {})),
    },
  });
}

/** What is said to each message. */
async function answersOf(
  dialogue: ReturnType<typeof survey>,
  ...said: string[]
): Promise<string[]> {
  const chat = converse(dialogue);
  const all: string[] = [];
  for (const each of said) all.push((await chat.say(each)).join(' '));
  return all;
}

const STOP = 'Do you want to stop?\n1. yes\n2. no\n3. Some day\n4. Skip';

describe('a questionnaire', () => {
  it('asks what applies in its order, and keeps the answers under one key', async () => {
    expect(await answersOf(survey(), 'hi', 'Ann', 'yes', '20', 'eventually', 'no, thanks')).toEqual(
      [
        'Your name?',
        'Do you smoke?',
        'How many a day?',
        STOP,
        'Anything else?',
        '{"name":"Ann","smokes":true,"many":20,"stop":"later","note":"no, thanks"}',
      ],
    );
    expect((await answersOf(survey(), 'hi', 'Ann', 'no', 'bye')).at(-1)).toBe(
      '{"name":"Ann","smokes":false,"note":"bye"}',
    );
  });

  it('asks again what it cannot read', async () => {
    const said = await answersOf(survey(), 'hi', 'Ann', 'yes', 'a lot', '3');
    expect(said[3]).toMatch(/number/);
    expect(said[4]).toBe('Anything else?');
  });

  it('lets an optional question be skipped, by a word, a label, its number or its button', async () => {
    for (const skip of ['skip', 'Skip!', '跳过', '4']) {
      const said = await answersOf(survey(), 'hi', 'Ann', 'yes', '20', skip, 'pass');
      expect(said.at(-1)).toContain('"stop":null,"note":null');
    }
    const chat = converse(survey());
    for (const each of ['hi', 'Ann', 'yes', '20']) await chat.say(each);
    await chat.choose('Skip');
    expect(chat.context.answers).toMatchObject({ stop: null });
    expect((await answersOf(survey(), 'hi', 'skip')).at(-1)).toBe('Do you smoke?');
  });

  it.each([
    ['pass', 'pass'],
    ['Pass', 'pass'],
    ['1', 'pass'],
    ['not answered', 'none'],
    ['跳过', 'jump'],
    ['skip', null],
    ['略过', null],
  ])('takes an option that is called as a skip is: %s', async (said, result) => {
    const options = [
      'pass',
      { value: 'none', label: 'Not answered' },
      { value: 'jump', label: 'Jump', synonyms: ['跳过'] },
    ];
    const question = { key: 'result', question: 'Did it pass?', options, required: false };
    const chat = converse(survey({ questions: [question] }));
    await chat.say('hi');
    await chat.say(said);
    expect(chat.context).toEqual({ answers: { result } });
  });

  it('takes the button of such an option', async () => {
    const options = ['pass', 'fail'];
    const question = { key: 'result', question: 'Did it pass?', options, required: false };
    const chat = converse(survey({ questions: [question] }));
    await chat.say('hi');
    await chat.choose('pass');
    expect(chat.context).toEqual({ answers: { result: 'pass' } });
  });

  it('says how far the user is among the questions that apply so far', async () => {
    expect(await answersOf(survey({ progress: true }), 'hi', 'Ann', 'yes', '20')).toEqual([
      'Question 1 of 3\nYour name?',
      'Question 2 of 3\nDo you smoke?',
      'Question 3 of 4\nHow many a day?',
      `Question 4 of 5\n${STOP}`,
    ]);
    const [first] = await answersOf(survey({ progress: true }, { locale: 'zh-CN' }), 'hi');
    expect(first).toBe('第 1 题，共 3 题\nYour name?');
    const own = ({ number, total }: { number: number; total: number }) => `${number}/${total}`;
    expect(await answersOf(survey({ progress: own }), 'hi')).toEqual(['1/3\nYour name?']);
    const questions = [
      {
        key: 'a',
        question: ({ number, total }: { number: number; total: number }) => `${number}:${total}`,
        parse: text(),
      },
    ];
    expect(await answersOf(survey({ questions }), 'hi')).toEqual(['1:1']);
  });

  it('goes back over what is skipped, and forward over what is answered', async () => {
    const back = await answersOf(survey(), 'hi', 'Ann', 'no', 'back', 'yes', '3', 'skip');
    expect(back.slice(2)).toEqual([
      'Anything else?',
      'Do you smoke?',
      'How many a day?',
      'Anything else?',
      '{"name":"Ann","smokes":true,"many":3,"note":null}',
    ]);
    expect((await answersOf(survey(), 'hi', 'Ann', 'yes', '3', 'back', 'back', 'yes')).at(-1)).toBe(
      'Anything else?',
    );
    const first = await answersOf(survey(), 'hi', 'back');
    expect(first[1]).toBe('There is nothing before this question. Your name?');
  });

  it('drops the answers to questions that do not apply any more', async () => {
    const said = ['hi', 'Ann', 'yes', '20', 'back', 'back', 'no', 'skip'];
    const all = await answersOf(survey(), ...said);
    expect(all.at(-2)).toBe('Anything else?');
    expect(all.at(-1)).toBe('{"name":"Ann","smokes":false,"note":null}');
  });

  it('does not ask again what is answered already', async () => {
    const known = survey({}, { answers: { name: 'Ann', smokes: false } });
    expect(await answersOf(known, 'hi')).toEqual(['Anything else?']);
    const all = survey({}, { answers: { name: 'Ann', smokes: false, note: null } });
    expect(await answersOf(all, 'hi')).toEqual(['{"name":"Ann","smokes":false,"note":null}']);
  });

  it('goes on where it was left, after help, an interruption and a crash', async () => {
    const dialogue = words.createDialogue({
      id: 'survey',
      context: {},
      initial: 'talk',
      states: {
        talk: {
          initial: 'asking',
          on: { ...words.commands({ help: { say: 'Answer.' } }), 'intent.pause': 'pausing' },
          states: {
            asking: words.questions({ answers: 'answers', questions: health, target: 'end' }),
            end: { type: 'final' },
            last: { type: 'history' },
          },
          onDone: 'over',
        },
        pausing: words.ask({ question: 'Go on?', parse: text(), target: 'talk.last' }),
        over: words.done('Bye.'),
      },
    });
    const chat = converse(dialogue);
    for (const each of ['hi', 'Ann', 'yes']) await chat.say(each);
    expect(await chat.say('help')).toEqual(['Answer.', 'How many a day?']);
    await chat.send({ type: 'intent.pause' } as never);
    expect(await chat.say('yes')).toEqual(['How many a day?']);
    await chat.crash();
    expect(await chat.say('3')).toEqual(['Anything else?']);
    expect(chat.context.answers).toEqual({ name: 'Ann', smokes: true, many: 3 });
  });

  it('leaves by `otherwise` and by its timeout', async () => {
    const dialogue = survey({
      questions: [{ key: 'age', question: 'Age?', parse: integer() }],
      attempts: 1,
      otherwise: 'over',
      timeout: { after: { minutes: 1 }, target: 'over' },
    });
    const one = converse(dialogue);
    await one.say('hi');
    await one.say('none');
    expect(one.state).toBe('over');
    const two = converse(dialogue);
    await two.say('hi');
    await two.advance({ minutes: 1 });
    expect(two.state).toBe('over');
  });

  it('keeps answers under keys of the context', async () => {
    const own = setupDialogue({
      types: {} as { context: { name?: string; age?: number | null } },
    });
    const dialogue = own.createDialogue({
      id: 'own',
      context: {},
      initial: 'asking',
      states: {
        asking: own.questions({
          questions: [
            { key: 'name', question: 'Name?', parse: text() },
            {
              key: 'age',
              question: ({ context }) => `Age, ${context.name}?`,
              parse: integer(),
              required: false,
            },
          ],
          target: 'over',
        }),
        over: own.done(),
      },
    });
    const chat = converse(dialogue);
    await chat.say('hi');
    expect(await chat.say('Ann')).toEqual(['Age, Ann?']);
    await chat.say('7');
    expect(chat.context).toEqual({ name: 'Ann', age: 7 });
  });

  it('takes forty questions from data', async () => {
    const kinds: Record<string, Parser<string | number>> = { text: text(), number: integer() };
    const rows = Array.from({ length: 40 }, (_, index) => ({
      id: `q${index + 1}`,
      says: `Question ${index + 1}?`,
      kind: index % 2 === 0 ? 'number' : 'text',
    }));
    const questions = rows.map(({ id, says, kind }) => ({
      key: id,
      question: says,
      parse: kinds[kind] ?? text(),
    }));
    const chat = converse(survey({ questions }));
    await chat.say('hi');
    for (let number = 1; number < 40; number += 1) {
      expect(await chat.say(`${number}`)).toEqual([`Question ${number + 1}?`]);
    }
    await chat.say('40');
    expect(chat.state).toBe('over');
    expect(Object.keys(chat.context.answers ?? {})).toHaveLength(40);
  });
});

describe('the definition of a questionnaire', () => {
  const one = { key: 'a', question: 'A?', parse: text() };
  it.each<[string, object, RegExp]>([
    ['no questions', { questions: [] }, /at least one question/],
    ['a key twice', { questions: [one, one] }, /already has a state 'a'/],
    ['a key of its own state', { questions: [{ ...one, key: 'next' }] }, /a state 'next'/],
    ['a key with a dot', { questions: [{ ...one, key: 'a.b' }] }, /without dots/],
    ['no key', { questions: [{ ...one, key: undefined }] }, /a `key`/],
    ['no question', { questions: [{ ...one, question: undefined }] }, /needs a `question`/],
    ['nothing that reads', { questions: [{ ...one, parse: undefined }] }, /one of `parse`/],
    ['two that read', { questions: [{ ...one, options: ['a'] }] }, /one of `parse`/],
    ['an unknown key', { questions: [{ ...one, requird: false }] }, /did you mean '.*required'/],
    ['an unknown option', { target: 'over', keep: true }, /'keep' is not an option/],
  ])('is refused with %s', (_, more, problem) => {
    expect(() => survey(more)).toThrow(problem);
    expect(() => survey(more)).toThrow(expect.objectContaining({ code: 'bad_form' }));
  });
});

describe('what looks at dialogues, looks at a questionnaire:', () => {
  it('lint has nothing against it but what its questions are said in', () => {
    const rules = { 'unlimited-question': false } as const;
    expect(lintDialogue(survey(), { rules })).toEqual([]);
    const [found] = lintDialogue(survey({ progress: true }), {
      rules: { ...rules, 'missing-translation': { locales: ['de'] } },
    });
    expect(found?.message).toMatch(/questions\.skip|more/);
  });

  it('exploration reaches all of its questions', async () => {
    const { failures, unreached } = await explore(survey(), { samples: ['20'], budget: 2000 });
    expect(failures).toEqual([]);
    const places = unreached.filter(
      ({ item }) => item.kinds.includes('states') && !item.isInternal,
    );
    expect(places.map(({ path }) => path)).toEqual([]);
  });
});
