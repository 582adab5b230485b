import { commandIntents, integer, setupDialogue, text, within } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Data {
  people?: number;
  name?: string;
  companyName?: string;
}

const words = setupDialogue({ types: {} as { context: Data } });

function booking(labels: Readonly<Record<keyof Data, string>>, more: object = {}) {
  const dialogue = words.createDialogue({
    id: 'booking',
    context: {},
    initial: 'form',
    states: {
      form: words.form({
        slots: {
          people: { label: labels.people, question: 'How many?', parse: integer() },
          name: {
            label: labels.name,
            question: 'Your name?',
            parse: text(),
            extract: within(/my name is (\S+)/u, text()),
          },
          companyName: { label: labels.companyName, question: 'Your company?', parse: text() },
        },
        target: 'booked',
        ...more,
      }),
      booked: words.done('Booked.'),
    },
  });
  return converse(dialogue);
}

const ENGLISH = { people: 'People', name: 'Name', companyName: 'Company name' };
const CHINESE = { people: '人数', name: '姓名', companyName: '公司' };

async function atSummary(labels: Readonly<Record<keyof Data, string>>, more: object = {}) {
  const chat = booking(labels, more);
  for (const said of ['hi', '4', 'Ann', 'Acme']) await chat.say(said);
  return chat;
}

describe('at the summary of a form', () => {
  it.each([
    ['change the people', 'How many?'],
    ['People', 'How many?'],
    ['people!', 'How many?'],
    ['the people please', 'How many?'],
    ['the number is wrong', undefined],
    ['the name is wrong', 'Your name?'],
    ['The name isn’t right.', 'Your name?'],
    ["name isn't right", 'Your name?'],
    ['no, the name', 'Your name?'],
    ['No, the name is wrong', 'Your name?'],
    ['Can you change the name?', 'Your name?'],
    ['could I change my name please', 'Your name?'],
    ['I want to change the name', 'Your name?'],
    ['I’d like to change the name', 'Your name?'],
    ['please fix the name', 'Your name?'],
    ['sorry, wrong name', 'Your name?'],
    ['edit name', 'Your name?'],
    ['correct the name', 'Your name?'],
    ['update the company name', 'Your company?'],
    ['company name', 'Your company?'],
    ['there is a typo in the name', 'Your name?'],
    ['let me change the people', 'How many?'],
  ])('“%s” leads to the slot', async (said, question) => {
    const chat = await atSummary(ENGLISH);
    const [first] = await chat.say(said);
    if (question === undefined) expect(first).toContain('Please answer yes or no.');
    else expect(first).toBe(question);
    expect(chat.context).toEqual({ people: 4, name: 'Ann', companyName: 'Acme' });
  });

  it.each([
    ['改人数', 'How many?'],
    ['人数不对', 'How many?'],
    ['人数', 'How many?'],
    ['人数错了', 'How many?'],
    ['人数写错了。', 'How many?'],
    ['我要改人数', 'How many?'],
    ['我想修改一下人数', 'How many?'],
    ['把人数改一下', 'How many?'],
    ['请帮我改一下姓名', 'Your name?'],
    ['可以改一下姓名吗？', 'Your name?'],
    ['能改姓名吗', 'Your name?'],
    ['不，改姓名', 'Your name?'],
    ['不对，姓名错了', 'Your name?'],
    ['姓名有误', 'Your name?'],
    ['换个公司', 'Your company?'],
    ['重新填写公司', 'Your company?'],
  ])('“%s” leads to the slot', async (said, question) => {
    const chat = await atSummary(CHINESE);
    expect(await chat.say(said)).toEqual([question]);
  });

  it.each([
    'the name is right',
    'the name is correct',
    'don’t change the name',
    'do not change the people',
    'never change the name',
    'is the name wrong?',
    'the name is not wrong',
    'why do you need my name?',
    'change the colour',
    'what if the name is wrong?',
    'maybe the name',
    'the name of my dog',
    'People ok',
    'the name is perfect',
    'name, yes',
    'Company name: great',
  ])('“%s” is asked again', async (said) => {
    const chat = await atSummary(ENGLISH);
    expect((await chat.say(said))[0]).toContain('Please answer yes or no.');
    expect(chat.state).toContain('confirm');
    expect(chat.context).toMatchObject({ people: 4, name: 'Ann' });
  });

  it.each([
    '不改人数',
    '不用改人数',
    '别改姓名',
    '人数没错',
    '人数错了吗',
    '人数是对的',
    '姓名是什么',
    '人数可以',
    '人数可以吗',
    '姓名好的',
    '公司对',
    '人数行',
    '姓名没问题',
  ])('“%s” is asked again', async (said) => {
    const chat = await atSummary(CHINESE);
    await chat.say(said);
    expect(chat.state).toContain('confirm');
  });

  it.each([
    'change it',
    'I want to change something',
    'something is wrong',
    'change the name and the people',
    'there’s a mistake',
    'name and people',
    '改一下',
    '我要修改',
    '填错了',
    'no',
    '不对',
  ])('“%s” is asked what', async (said) => {
    const chat = await atSummary(ENGLISH);
    expect((await chat.say(said))[0]).toContain('What should be changed?');
  });

  it.each(['yes', '不错', '没问题', 'perfect', '对的'])(
    '“%s” does not change anything',
    async (said) => {
      const chat = await atSummary(ENGLISH);
      await chat.say(said);
      expect(chat.state).not.toContain('correct');
    },
  );

  it('continues with the new answer, and also finds the slot by its key', async () => {
    const chat = await atSummary(CHINESE);
    expect(await chat.say('change the people')).toEqual(['How many?']);
    expect((await chat.say('6'))[0]).toContain('人数: 6\n姓名: Ann');
    expect(await chat.say('change the company name')).toEqual(['Your company?']);
  });

  it('asks what to change in the same words', async () => {
    const chat = await atSummary(ENGLISH);
    await chat.say('no');
    expect(await chat.say('the name is wrong')).toEqual(['Your name?']);
    const other = await atSummary(ENGLISH);
    await other.say('no');
    expect(await other.say('3')).toEqual(['Your company?']);
    const third = await atSummary(ENGLISH);
    await third.say('no');
    expect((await third.say('no'))[0]).toContain('People, Name or Company name');
  });

  it('leaves the slots alone where nothing may be changed', async () => {
    const chat = await atSummary(ENGLISH, { correct: false });
    expect((await chat.say('change the people'))[0]).toContain('Please answer yes or no.');
  });

  it('takes what an extract finds as before', async () => {
    const chat = await atSummary(ENGLISH);
    expect((await chat.say('no, my name is Bob'))[0]).toContain('Name: Bob');
  });

  it('presses no slot by a button of the summary', async () => {
    const chat = await atSummary({ ...ENGLISH, people: 'yes' });
    expect(await chat.choose(1)).toEqual(['Booked.']);
  });
});

describe('a form that hears “back”', () => {
  const backing = setupDialogue({ types: {} as { context: Data }, intents: commandIntents });
  const slots = {
    people: { label: 'People', question: 'How many?', parse: integer() },
    name: { label: '姓名', question: 'Your name?', parse: text() },
  };
  const begin = (on: object = {}) =>
    converse(
      backing.createDialogue({
        id: 'booking',
        context: {},
        initial: 'form',
        on,
        states: {
          form: backing.form({ slots, target: 'left' }),
          left: backing.done('Left.'),
        },
      }),
    );

  it.each([
    ['change the people', 'How many?'],
    ['people', 'How many?'],
    ['change 姓名', 'Your name?'],
    ['改姓名', 'Your name?'],
    ['姓名', 'Your name?'],
    ['back to the people', 'How many?'],
    ['back', 'Your name?'],
    ['返回', 'Your name?'],
  ])('goes from the summary to the slot: %s', async (said, question) => {
    const chat = begin();
    for (const each of ['hi', '4', 'Ann']) await chat.say(each);
    expect(await chat.say(said)).toEqual([question]);
  });

  it.each(['back', '返回'])(
    'replies at the first slot, however it was reached: %s',
    async (said) => {
      const chat = begin();
      for (const each of ['hi', '4', 'Ann', 'change the people']) await chat.say(each);
      expect(await chat.say(said)).toEqual(['There is nothing before this question.', 'How many?']);
      expect(chat.context).toEqual({ people: 4, name: 'Ann' });
    },
  );

  it.each(['back', '返回'])(
    'leaves the first slot to a state around it that hears it: %s',
    async (said) => {
      const chat = begin({ 'intent.back': '.left' });
      await chat.say('hi');
      expect(await chat.say(said)).toEqual(['Left.']);
      const later = begin({ 'intent.back': '.left' });
      for (const each of ['hi', '4']) await later.say(each);
      expect(await later.say(said)).toEqual(['How many?']);
    },
  );
});
