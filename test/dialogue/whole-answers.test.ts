import { setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { yesOrNoIn } from '../../src/dialogue/define/choose.ts';
import { createWords } from '../../src/dialogue/text/localize.ts';
import { integer } from '../../src/dialogue/parsers/integer.ts';
import { text } from '../../src/dialogue/parsers/text.ts';
import { within } from '../../src/dialogue/parsers/within.ts';
import { parseContext, read } from './parsers/reading.ts';

const words = setupDialogue({
  types: {} as { context: { people?: number; name?: string; size?: string } },
});

const deleting = words.createDialogue({
  id: 'deleting',
  context: {},
  initial: 'sure',
  states: {
    sure: words.confirm({ question: 'Delete your account?', yes: 'gone', no: 'kept' }),
    gone: words.done('Deleted.'),
    kept: words.done('Kept.'),
  },
});

const booking = words.createDialogue({
  id: 'booking',
  context: {},
  initial: 'form',
  states: {
    form: words.form({
      slots: {
        people: {
          question: 'How many?',
          parse: integer(),
          extract: within(/(\S+) people/iu, integer()),
        },
        name: { question: 'Your name?', parse: text() },
      },
      target: 'booked',
    }),
    booked: words.done(({ context }) => `Booked for ${context.people}.`),
  },
});

const NEITHER =
  'I booked the 1st yesterday|what if I say yes?|1号线怎么走|no idea|我是第一次来|First, what is the price?|选一个吧|1号能到吗|-1|the first|one|' +
  '1 or 2|1?|yes but|ok wait|对了，我想改一下日期|嗯，我想想|is it right?|不，是的|no, four tickets|yes. Change it to friday|no doubt?|3|10|#3';

const ordering = words.createDialogue({
  id: 'ordering',
  context: {},
  initial: 'dish',
  states: {
    dish: words.choose({
      question: 'What?',
      options: ['rice', 'C', 'C++', '外卖', 'Anything else?', { value: 'y', label: 'Yes' }],
      assign: 'size',
      target: 'ordered',
    }),
    ordered: words.done(({ context }) => `Ordered ${context.size}.`),
  },
});

describe('the words of an option that is offered', () => {
  // A mark at the edge of a text may turn an answer into a question, a doubt, a range or another name.
  it.each(
    'rice?|rice？|rice ?|¿rice?|(rice?)|“rice?”|rice?!|rice??|rice … ?|≈rice|-rice|rice-|rice/|/rice|rice 👎|rice 🤔|rice ❓|rice +|<rice|外卖？|外卖?|yes?|Yes？'.split(
      '|',
    ),
  )('are no answer as %j', async (said) => {
    const chat = converse(ordering);
    await chat.say('hi');
    expect(await chat.say(said)).not.toContainEqual(expect.stringContaining('Ordered'));
    chat.expectState('dish');
  });

  it.each([
    ['rice', 'rice'],
    ['Rice.', 'rice'],
    ['rice!', 'rice'],
    ['“rice”', 'rice'],
    [' 外卖。', '外卖'],
    ['外卖！', '外卖'],
    ['C', 'C'],
    ['c++', 'C++'],
    ['anything else?', 'Anything else?'],
    ['Anything else', 'Anything else?'],
    ['yes', 'y'],
    ['rice 👍', 'rice'],
  ])('are an answer as %j', async (said, value) => {
    const chat = converse(ordering);
    await chat.say('hi');
    expect(await chat.say(said)).toEqual([`Ordered ${value}.`]);
  });

  it.each('yes?|Yes？|yes ?|¿yes?|no?|No？|“yes?”|yes 🤔|yes 👎|1?'.split('|'))(
    'confirm nothing as %j',
    async (said) => {
      const chat = converse(deleting);
      await chat.say('hi');
      expect(await chat.say(said)).toEqual(['Please answer yes or no.\n1. Yes\n2. No']);
      chat.expectState('sure');
    },
  );
});

describe('a question of yes or no', () => {
  it.each(NEITHER.split('|'))('is asked again after %j, and so is a summary', async (said) => {
    const chat = converse(deleting);
    await chat.say('hi');
    expect(await chat.say(said)).toEqual(['Please answer yes or no.\n1. Yes\n2. No']);
    const form = converse(booking);
    for (const answer of ['hi', '4', 'Ann']) await form.say(answer);
    // The form takes this one as a correction, by what it has already.
    const isKnown = said === 'no, four tickets';
    const [summary] = await form.say(said);
    expect(summary).toContain(isKnown ? 'people: 4' : 'Please answer yes or no.');
    expect(await form.say('yes')).toEqual(['Booked for 4.']);
  });

  it.each([
    ['1', 'Deleted.'],
    ['１.', 'Deleted.'],
    ['(1)', 'Deleted.'],
    ['1。', 'Deleted.'],
    ['#2', 'Kept.'],
    ['2', 'Kept.'],
    ['YES', 'Deleted.'],
    [':+1::skin-tone-2:', 'Deleted.'],
    [':-1:', 'Kept.'],
    ['没有错', 'Deleted.'],
    ['disagree', 'Kept.'],
    ['不想要', 'Kept.'],
  ])('takes %j', async (said, answer) => {
    const chat = converse(deleting);
    await chat.say('hi');
    expect(await chat.say(said)).toEqual([answer]);
  });

  it('takes the options as they were shown: their numbers and their labels', () => {
    const shown = [
      { value: 'no', label: 'Non' },
      { value: 'yes', label: 'Oui' },
    ];
    const said = ['1', '2', 'oui', 'NON', 'Oui?', '3', 'yes'];
    expect(
      said.map((each) => read(yesOrNoIn(createWords())(), each, { ...parseContext, shown })),
    ).toEqual([false, true, true, false, 'issue.confirm', 'issue.confirm', true]);
  });
});

describe('a form', () => {
  it('finds the part of a sentence that an extractor takes, and no part that is denied or doubtful', async () => {
    const chat = converse(booking);
    await chat.say('hi');
    for (const said of ['not 4', 'about four', 'four?', '4 weeks', 'hardly 4']) {
      expect(await chat.say(said)).toEqual(['Please answer with a whole number.']);
    }
    expect(await chat.say('4 or 5')).toEqual([
      'I see more than one number there. Which one do you mean?',
    ]);
    expect(await chat.say('no idea, I guess 4 people will come')).toEqual(['Your name?']);
    await chat.say('Ann');
    const [summary] = await chat.say('no, five people');
    expect(summary).toContain('people: 5');
    expect((await chat.say('no, 6'))[0]).toContain('people: 6');
  });
});
