import {
  type Candidate,
  anywhere,
  choice,
  commandIntents,
  integer,
  setupDialogue,
  text,
} from 'colloquy';
import { time } from 'colloquy/dialogue/parsers/date';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Order {
  cart?: string[];
  guests?: string[];
  ages?: number[];
  name?: string;
}

const MODEL: Readonly<Record<string, readonly Candidate[]>> = {
  'my usual breakfast': [{ intent: 'order', values: { cart: ['tea', 'cake', 'gold'] } }],
};

const words = setupDialogue({
  types: {} as { context: Order },
  intents: { ...commandIntents, order: {} },
  recognize: (message) => ('text' in message ? (MODEL[message.text] ?? []) : []),
});

const DRINKS = [
  { value: 'tea', label: 'Tea', synonyms: ['茶'] },
  { value: 'coffee', label: 'Coffee', synonyms: ['咖啡'] },
  { value: 'cake', label: 'Cake', synonyms: ['蛋糕'] },
] as const;

const CART = { question: 'What would you like?', options: DRINKS, list: true } as const;
const GUESTS = { question: 'Who comes?', parse: text(), list: true } as const;
const AGES = { question: 'How old are they?', parse: integer(), list: true } as const;
const NAME = { question: 'Your name?', parse: text() };

function ordering(slots: object, more: object = {}) {
  return converse(
    words.createDialogue({
      id: 'ordering',
      context: {},
      initial: 'form',
      states: { form: words.form({ slots, target: 'end', ...more }), end: words.done('Done.') },
    }),
  );
}

async function asked(slots: object, answers: readonly string[], more: object = {}) {
  const chat = ordering(slots, more);
  for (const said of ['hi', ...answers]) await chat.say(said);
  return chat;
}

describe('a slot of several values', () => {
  it('asks for one more until that is all, and is a list in the summary', async () => {
    const chat = ordering({ cart: CART });
    expect(await chat.say('hi')).toEqual(['What would you like?\n1. Tea\n2. Coffee\n3. Cake']);
    expect(await chat.say('tea')).toEqual([
      '1. Tea\nAnything else?\n1. Tea\n2. Coffee\n3. Cake\n4. That’s all',
    ]);
    await chat.say('2');
    expect(chat.context).toEqual({ cart: ['tea', 'coffee'] });
    expect(await chat.say('that’s all')).toEqual([
      'cart:\n1. Tea\n2. Coffee\nIs that right?\n1. Yes\n2. No',
    ]);
    expect(await chat.say('yes')).toEqual(['Done.']);
  });

  it.each([
    'that’s all',
    "That's all, thanks!",
    'no more',
    'no, that’s it',
    'nothing else',
    'no thanks',
    'no',
    'done',
    "I'm done",
    '4',
    '没有了',
    '没了，谢谢',
    '就这些',
    '不要了',
    '不用了',
    '够了',
    '好了',
    '没有了，就这些吧',
    'ok, that’s it, thank you',
    'thanks, that’s enough',
    'no, that’s all, thanks',
    '4, please',
    '够了，谢谢',
    '好的，就这些',
    '不要了，谢谢',
  ])('is complete after “%s”', async (said) => {
    const chat = await asked({ cart: CART, name: NAME }, ['tea']);
    expect(await chat.say(said)).toEqual(['Your name?']);
    expect(chat.context).toEqual({ cart: ['tea'] });
  });

  it('is complete after the button', async () => {
    const chat = await asked({ guests: GUESTS, name: NAME }, ['Ann']);
    expect(await chat.choose('That’s all')).toEqual(['Your name?']);
  });

  it.each([
    ['and another coffee', ['tea', 'coffee']],
    ['also a coffee please', ['tea', 'coffee']],
    ['a coffee and a cake', ['tea', 'coffee', 'cake']],
    ['coffee, cake', ['tea', 'coffee', 'cake']],
    ['another tea', ['tea', 'tea']],
    ['add coffee', ['tea', 'coffee']],
    ['再来一杯咖啡', ['tea', 'coffee']],
    ['还要咖啡和蛋糕', ['tea', 'coffee', 'cake']],
    ['咖啡、蛋糕', ['tea', 'coffee', 'cake']],
    ['加一个蛋糕', ['tea', 'cake']],
    ['please add a coffee and a cake, thanks', ['tea', 'coffee', 'cake']],
    ['I’d like a coffee, a cake and a tea, thank you very much', ['tea', 'coffee', 'cake', 'tea']],
    ['hi, a coffee and a cake please!', ['tea', 'coffee', 'cake']],
    ['and also a cake', ['tea', 'cake']],
    ['oh, and also a cake please', ['tea', 'cake']],
    ['also a cake, thanks', ['tea', 'cake']],
    ['a cake too, please', ['tea', 'cake']],
    ['add a cake as well', ['tea', 'cake']],
    ['ok, add another cake', ['tea', 'cake']],
    ['再来一份蛋糕吧', ['tea', 'cake']],
    ['再来一份蛋糕，谢谢', ['tea', 'cake']],
    ['好的，再来一份蛋糕', ['tea', 'cake']],
    ['嗯，还要一个蛋糕吧', ['tea', 'cake']],
    ['我还要一个蛋糕', ['tea', 'cake']],
    ['麻烦再加一份蛋糕', ['tea', 'cake']],
    ['一杯咖啡，一个蛋糕，谢谢', ['tea', 'coffee', 'cake']],
    ['please add two coffees and a cake, thanks', ['tea']],
    ['could you add a cake', ['tea']],
    ['don’t add a cake', ['tea']],
    ['a cake, no', ['tea']],
    ['no, a cake', ['tea']],
    ['that’s all, a cake', ['tea']],
    ['蛋糕，不要了', ['tea']],
    ['要不要蛋糕', ['tea']],
    ['不要再来蛋糕', ['tea']],
    ['再来一份', ['tea']],
    ['thanks', ['tea']],
    ['coffee or cake', ['tea']],
    ['a coffee and a car', ['tea']],
    ['not coffee', ['tea']],
    ['maybe a cake', ['tea']],
  ])('adds what “%s” names', async (said, cart) => {
    const chat = await asked({ cart: CART }, ['tea']);
    await chat.say(said);
    expect(chat.context).toEqual({ cart });
    expect(chat.state).toContain('cart');
  });

  it.each([
    'a coffee, that’s all',
    'add a coffee please, that’s all, thanks',
    '要一杯咖啡，就这些',
    '再来一杯咖啡，没有了，谢谢',
  ])('adds and ends: %s', async (said) => {
    const chat = await asked({ cart: CART, name: NAME }, ['tea']);
    expect(await chat.say(said)).toEqual(['Your name?']);
    expect(chat.context).toEqual({ cart: ['tea', 'coffee'] });
  });

  it.each([
    ['remove 2', ['tea', 'cake']],
    ['remove the second one', ['tea', 'cake']],
    ['remove the coffee', ['tea', 'cake']],
    ['delete the last one', ['tea', 'coffee']],
    ['I don’t want the tea', ['coffee', 'cake']],
    ['不要第二个', ['tea', 'cake']],
    ['去掉咖啡', ['tea', 'coffee', 'cake']],
    ['去掉Coffee', ['tea', 'cake']],
    ['第一个不要了', ['coffee', 'cake']],
    ['把第一个去掉', ['coffee', 'cake']],
    ['2: tea', ['tea', 'tea', 'cake']],
    ['change 2 to tea', ['tea', 'tea', 'cake']],
    ['change the coffee to tea', ['tea', 'tea', 'cake']],
    ['第二个改成茶', ['tea', 'tea', 'cake']],
    ['把第二个换成茶', ['tea', 'tea', 'cake']],
    ['remove the second one please', ['tea', 'cake']],
    ['remove 2, thanks', ['tea', 'cake']],
    ['ok remove the coffee please', ['tea', 'cake']],
    ['sorry, remove the coffee', ['tea', 'cake']],
    ['no, remove the coffee', ['tea', 'cake']],
    ['I don’t want the coffee any more, thanks', ['tea', 'cake']],
    ['ok, change 2 to a tea, please', ['tea', 'tea', 'cake']],
    ['不要第二个，谢谢', ['tea', 'cake']],
    ['我不要第二个了', ['tea', 'cake']],
    ['第二个不要了，谢谢', ['tea', 'cake']],
    ['麻烦去掉第二个', ['tea', 'cake']],
    ['帮我把第二个去掉吧，谢谢', ['tea', 'cake']],
    ['请把第二个换成茶', ['tea', 'tea', 'cake']],
    ['can you remove the coffee?', ['tea', 'coffee', 'cake']],
    ['maybe remove the coffee', ['tea', 'coffee', 'cake']],
    ['remove the coffee or the tea', ['tea', 'coffee', 'cake']],
    ['remove the coffee, add a tea', ['tea', 'coffee', 'cake']],
    ['不要删第二个', ['tea', 'coffee', 'cake']],
    ['我要不要第二个', ['tea', 'coffee', 'cake']],
    ['remove 7', ['tea', 'coffee', 'cake']],
    ['change 2', ['tea', 'coffee', 'cake']],
    ['改第二个', ['tea', 'coffee', 'cake']],
  ])('takes “%s”, while it asks and at the summary', async (said, cart) => {
    const chat = await asked({ cart: CART }, ['tea, coffee and cake']);
    await chat.say(said);
    expect(chat.context).toEqual({ cart });
    const other = await asked({ cart: CART }, ['tea, coffee and cake', 'that’s all']);
    await other.say(said);
    expect(other.context).toEqual({ cart });
    expect(other.state).toContain('confirm');
  });

  it('says how to replace a value', async () => {
    const chat = await asked({ cart: CART }, ['tea']);
    expect((await chat.say('change 1'))[0]).toContain('“1: …”');
  });

  it('asks again for one that is missing after a removal', async () => {
    const chat = await asked({ cart: CART }, ['tea', 'that’s all']);
    expect((await chat.say('remove 1'))[0]).toContain('What would you like?');
    expect(chat.context).toEqual({ cart: [] });
  });

  it('keeps to its bounds', async () => {
    const chat = await asked({ cart: { ...CART, min: 2, max: 3 }, name: NAME }, ['tea']);
    expect((await chat.say('that’s all'))[0]).toContain('At least 2, please.');
    expect((await chat.say('tea, coffee, cake'))[0]).toContain('more than 3');
    expect(chat.context).toEqual({ cart: ['tea'] });
    expect(await chat.say('coffee and cake')).toEqual(['Your name?']);
  });

  it('may be empty', async () => {
    const chat = await asked({ cart: { ...CART, min: 0 } }, []);
    expect(await chat.say('没有')).toEqual(['cart:\nnone\nIs that right?\n1. Yes\n2. No']);
    expect(chat.context).toEqual({ cart: [] });
    expect(await chat.say('yes')).toEqual(['Done.']);
  });

  it.each([
    'no toppings',
    'No toppings, thanks.',
    'no extra toppings',
    'without any extra toppings',
    'I don’t want any toppings',
    '不要配料',
    '不加配料，谢谢',
    '没有配料',
  ])('may be empty after “%s”, which names what it is a list of', async (said) => {
    const extra = { ...CART, min: 0, label: 'Extra toppings' };
    const slots = { cart: said.includes('extra') ? extra : { ...extra, label: 'Toppings' } };
    const chinese = { cart: { ...extra, label: '配料' } };
    const chat = await asked(/[a-z]/u.test(said) ? slots : chinese, []);
    expect((await chat.say(said))[0]).toContain('Is that right?');
    expect(chat.context).toEqual({ cart: [] });
  });

  it.each<[said: string, answers: string[], cart: string[]]>([
    ['no more toppings', ['tea'], ['tea']],
    ['no toppings', ['tea'], ['tea']],
    ['no tea', [], []],
    ['no tapping', [], []],
    ['toppings', [], []],
    ['not toppings', [], []],
  ])('after “%s” it is complete only if that is what is said', async (said, answers, cart) => {
    const slots = { cart: { ...CART, min: 0, label: 'Toppings' } };
    const chat = await asked(slots, answers);
    const [reply] = await chat.say(said);
    expect(reply?.includes('Is that right?')).toBe(said === 'no more toppings');
    expect(chat.context['cart'] ?? []).toEqual(cart);
  });

  it.each(['all', 'All!', 'all please'])(
    'is asked for again after “%s”, which may be every option or the end',
    async (said) => {
      const chat = await asked({ cart: { ...CART, min: 0 } }, []);
      expect((await chat.say(said))[0]).toContain('Please choose one of these');
      expect(chat.context).toEqual({});
      await chat.say('tea');
      await chat.say(said);
      chat.expectState('form.confirm').expectContext({ cart: ['tea'] });
      const guests = await asked({ guests: { ...GUESTS, min: 0 } }, [said]);
      expect(guests.context).toEqual({});
    },
  );

  it('takes an option that is called “all”', async () => {
    const options = ['all', 'none of it'];
    const chat = await asked({ cart: { ...CART, options, min: 0 } }, ['all']);
    expect(chat.context).toEqual({ cart: ['all'] });
  });

  it.each(['none of them', 'neither, thanks', '都不要', '一个都不要，谢谢', '什么都不要'])(
    'may be empty after “%s”, which takes nothing away from a list with values',
    async (said) => {
      const chat = await asked({ cart: { ...CART, min: 0 } }, [said]);
      chat.expectState('form.confirm');
      expect(chat.context).toEqual({ cart: [] });
      const filled = await asked({ cart: { ...CART, min: 0 } }, ['tea', said]);
      filled.expectState('form.cart');
      expect(filled.context).toEqual({ cart: ['tea'] });
    },
  );

  it('is asked for again after “no cart” where it may not be empty', async () => {
    const chat = await asked({ cart: CART }, []);
    expect((await chat.say('no cart'))[0]).toContain('At least 1, please.');
  });

  it.each([
    ['Ann and Bob', ['Ann', 'Bob']],
    ['Ann, Bob', ['Ann', 'Bob']],
    ['小王和小李', ['小王', '小李']],
    ['Ann', ['Ann']],
    ['Ann and Bob, thanks', ['Ann', 'Bob']],
    ['please add Ann and Bob, thank you', ['Ann', 'Bob']],
    ['hi, Ann and Bob please', ['Ann', 'Bob']],
    ['Ann and Ty', ['Ann', 'Ty']],
    ['and Ann too', ['Ann']],
    ['小王，谢谢', ['小王']],
    ['再加一个小王吧', ['小王']],
  ])('takes any text: %s', async (said, guests) => {
    const chat = await asked({ guests: GUESTS }, [said]);
    expect(chat.context).toEqual({ guests });
    expect((await chat.say('1'))[0]).toContain('Is that right?');
  });

  it.each([
    ['cool, warm', ['cool', 'warm']],
    ['warm, thanks', ['warm']],
    ['ok, cool please', ['cool']],
  ])('takes a value that is called as a courtesy is: %s', async (said, cart) => {
    const chat = await asked({ cart: { ...CART, options: ['cool', 'warm'] } }, [said]);
    expect(chat.context).toEqual({ cart });
  });

  it.each(['no, Ann', 'Ann, no', 'ok, thanks', 'don’t add Ann', 'can you remove Zoe', '别加小王'])(
    'takes no text that may say something else: %s',
    async (said) => {
      const chat = await asked({ guests: GUESTS, name: NAME }, ['Zoe', said]);
      expect([chat.context, chat.state]).toEqual([{ guests: ['Zoe'] }, 'form.guests.retry1']);
    },
  );

  it('takes a number that is a value and not its place', async () => {
    const chat = await asked({ ages: AGES }, ['30', '1', '4 and 5']);
    expect(chat.context).toEqual({ ages: [30, 1, 4, 5] });
    await chat.say('remove the first');
    expect(chat.context).toEqual({ ages: [1, 4, 5] });
  });

  it.each([
    [
      ['3', '1', '1: 5'],
      [5, 1],
    ],
    [
      ['3', '1', '第一个：5'],
      [5, 1],
    ],
    [
      ['30', '40', '1: 35'],
      [35, 40],
    ],
    [['30', '40', 'remove 1'], [40]],
    [['30', '40', 'remove 40'], [30]],
    [['3', '1', 'remove 1'], [3]],
    [
      ['3', '1', '3: 5'],
      [3, 1],
    ],
  ])('of numbers, takes the number of a line as its place: %j', async (said, ages) => {
    expect((await asked({ ages: AGES }, said)).context).toEqual({ ages });
  });

  it('asks for the new value of a place, and takes it there', async () => {
    const chat = await asked({ ages: AGES }, ['3', '1']);
    expect((await chat.say('change 3'))[0]).toContain('“1: …”');
    await chat.say('1: 5');
    expect(chat.context).toEqual({ ages: [5, 1] });
  });

  it.each([
    ['1: Carl', ['Carl', 'Bo', 'Ann']],
    ['remove 1', ['Bo', 'Ann']],
    ['remove the first', ['Bo', 'Ann']],
    ['change the first to Carl', ['Carl', 'Bo', 'Ann']],
    ['remove the last one', ['Ann', 'Bo']],
    ['remove Ann', ['Ann', 'Bo']],
    ['去掉第一个', ['Bo', 'Ann']],
  ])('with equal values, takes a place as that place: %s', async (said, guests) => {
    const chat = await asked({ guests: GUESTS }, ['Ann', 'Bo', 'Ann', said]);
    expect(chat.context).toEqual({ guests });
  });

  it('takes a value that looks like a line of the list', async () => {
    const times = { question: 'When?', parse: time(), list: true } as const;
    const chat = await asked({ times }, ['9:00', '14:00', '2:30 pm']);
    expect(chat.context).toEqual({ times: ['09:00', '14:00', '14:30'] });
  });

  it('goes back, and to the list from the summary', async () => {
    const chat = await asked({ name: NAME, cart: CART }, ['Ann', 'tea']);
    expect(await chat.say('back')).toEqual(['Your name?']);
    const other = await asked({ name: NAME, cart: CART }, ['Ann', 'tea', 'that’s all']);
    expect((await other.say('change the cart'))[0]).toContain('1. Tea\nAnything else?');
    await other.say('cake');
    expect((await other.say('done'))[0]).toContain('cart:\n1. Tea\n2. Cake\n');
  });

  it('is filled by other messages and by intents, each value once', async () => {
    const extract = anywhere(choice(DRINKS));
    const chat = await asked({ name: NAME, cart: { ...CART, extract } }, ['a tea please']);
    expect(chat.context).toEqual({ cart: ['tea'] });
    await chat.say('a tea please');
    expect(chat.context).toEqual({ cart: ['tea'] });
    const other = await asked({ name: NAME, cart: CART }, ['my usual breakfast']);
    expect(other.context).toEqual({ cart: ['tea', 'cake'] });
  });

  it('asks in its own words, shows values by `format`, and is not corrected by a guess', async () => {
    const cart = {
      ...CART,
      question: ({ context }: { context: Order }) => (context.cart ? 'And?' : 'What?'),
      format: (drink: string) => `a ${drink}`,
    };
    const chat = await asked({ cart }, []);
    expect((await chat.say('tea'))[0]).toContain('1. a tea\nAnd?');
    await chat.say('that’s all');
    expect((await chat.say('no, coffee'))[0]).toContain('What should be changed?');
  });

  it('keeps only options that are still offered', async () => {
    const cart = {
      ...CART,
      options: ({ context }: { context: Order }) => (context.name === 'Ann' ? ['tea'] : ['cake']),
    };
    const chat = await asked({ name: NAME, cart }, ['Ann', 'tea', 'done', 'change name', 'Bob']);
    expect(chat.context).toEqual({ name: 'Bob' });
  });

  it.each([
    { min: -1 },
    { min: 3, max: 2 },
    { max: 0 },
    { max: 1.5 },
    { list: { min: 2 } },
    { list: undefined, min: 2 },
    { options: undefined, question: undefined, dialogue: 'address' },
  ])('is refused with %j', (more) => {
    expect(() => ordering({ cart: { ...CART, ...more } })).toThrow(
      expect.objectContaining({ code: 'bad_form' }),
    );
  });
});
