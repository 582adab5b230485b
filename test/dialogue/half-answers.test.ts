import { anywhere, commandIntents, setupDialogue } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';
import { dateTime } from '../../src/dialogue/parsers/date.ts';

interface Visit {
  at?: Date;
  until?: Date;
}

const words = setupDialogue({
  types: {} as { context: Visit },
  intents: commandIntents,
  words: { timeZone: 'Asia/Shanghai' },
});

/** Wednesday, 18 November 2026, 10:00. */
const NOW = Date.UTC(2026, 10, 18, 2);

const BOTH = [dateTime(), dateTime({ timeAlone: true })] as const;

function asking(kind: 'ask' | 'form', parse = BOTH[0], more: object = {}) {
  const extract = anywhere(parse);
  return converse(
    words.createDialogue({
      id: 'visit',
      context: {},
      initial: 'at',
      on: words.commands({ help: {} }),
      states: {
        at:
          kind === 'ask'
            ? words.ask({ question: 'When?', parse, assign: 'at', target: 'end', ...more })
            : words.form({
                slots: { at: { question: 'When?', parse, extract } },
                target: 'end',
                ...more,
              }),
        end: words.done('Done.'),
      },
    }),
    { now: NOW },
  );
}

const at = (day: number, hour: number, minute = 0): Date =>
  new Date(Date.UTC(2026, 10, day, hour - 8, minute));

const HALVES: readonly (readonly [string, string, Date])[] = [
  ['tomorrow', '7 pm', at(19, 19)],
  ['tomorrow', 'at half past seven in the evening', at(19, 19, 30)],
  ['tomorrow', 'at 3', at(19, 15)],
  ['friday', '19:30', at(20, 19, 30)],
  ['November 22', 'noon', at(22, 12)],
  ['明天', '晚上七点', at(19, 19)],
  ['明天吧', '下午三点半', at(19, 15, 30)],
  ['下周五', '上午十点', at(27, 10)],
  ['tomorrow evening', 'at 7', at(19, 19)],
  ['tomorrow morning', 'at 7', at(19, 7)],
  ['tomorrow morning', '10:30', at(19, 10, 30)],
  ['tomorrow morning', 'at 3', at(19, 3)],
  ['明天晚上', '七点', at(19, 19)],
  ['明天早上', '七点', at(19, 7)],
  ['明天晚上好吧', '八点', at(19, 20)],
  ['明天晚上好了', '八点', at(19, 20)],
  ['明天下午', '三点半', at(19, 15, 30)],
];

describe('an answer with one half of a day and time', () => {
  for (const kind of ['ask', 'form'] as const) {
    it.each(HALVES)(`is completed by the next one in ${kind}: %s, %s`, async (day, time, value) => {
      for (const parse of BOTH) {
        const chat = asking(kind, parse);
        await chat.say('hi');
        expect(await chat.say(day)).toEqual(['What time? For example “3 pm” or “18:30”.']);
        await chat.say(time);
        expect(chat.context).toEqual({ at: value });
      }
    });

    it.each(HALVES)(`is also the time, in ${kind}: %s after %s`, async (day, time, value) => {
      const chat = asking(kind);
      await chat.say('hi');
      const [which] = await chat.say(time);
      expect(which).toContain('Which day?');
      await chat.say(day);
      expect(chat.context).toEqual({ at: value });
    });
  }

  it('is still there after help, a reminder, a restart and a change of the day', async () => {
    const chat = asking('ask', BOTH[0], { timeout: { after: { minutes: 5 }, say: 'Hello?' } });
    for (const said of ['hi', 'tomorrow', 'help']) await chat.say(said);
    await chat.advance({ minutes: 5 });
    await chat.crash();
    await chat.say('7 pm');
    expect(chat.context).toEqual({ at: at(19, 19) });
    const other = asking('ask');
    for (const said of ['hi', 'tomorrow', 'friday', '7 pm']) await other.say(said);
    expect(other.context).toEqual({ at: at(20, 19) });
  });

  it('may be that of a parser of one’s own, and is asked again with options', async () => {
    const own = setupDialogue({ types: {} as { context: { name?: string } } });
    const chat = converse(
      own.createDialogue({
        id: 'own',
        context: {},
        initial: 'name',
        states: {
          name: own.ask({
            question: 'Your first and last name?',
            retry: ({ issue }) => ({ type: 'choices', text: issue, options: [{ value: 'Lee' }] }),
            parse: (message, { part }) => {
              const said = 'text' in message ? message.text : '';
              if (part !== undefined) return { value: `${part} ${said}` };
              return said.includes(' ')
                ? { value: said }
                : { issue: 'And your last name?', part: said };
            },
            assign: 'name',
            target: 'end',
          }),
          end: own.done(),
        },
      }),
    );
    await chat.say('hi');
    expect(await chat.say('Ann')).toEqual(['And your last name?\n1. Lee']);
    await chat.say('Smith');
    expect(chat.context).toEqual({ name: 'Ann Smith' });
  });

  it.each(['not tomorrow', 'no idea', '不是明天'])('is over after “%s”', async (said) => {
    const chat = asking('ask');
    for (const each of ['hi', 'tomorrow', said]) await chat.say(each);
    expect((await chat.say('7 pm'))[0]).toContain('Which day?');
    expect(chat.context).toEqual({});
  });

  it('counts for its question only, and for nothing after a whole answer', async () => {
    const chat = converse(
      words.createDialogue({
        id: 'visit',
        context: {},
        initial: 'open',
        states: {
          open: { on: { 'message.text': 'form' } },
          form: words.form({
            slots: {
              at: { question: 'From?', parse: BOTH[0], extract: anywhere(BOTH[0]) },
              until: { question: 'Until?', parse: BOTH[0], extract: anywhere(BOTH[0]) },
            },
            target: 'end',
          }),
          end: words.done(),
        },
      }),
      { now: NOW },
    );
    for (const said of ['hi', 'tomorrow', '7 pm']) await chat.say(said);
    expect(chat.context).toEqual({ at: at(19, 19) });
    expect((await chat.say('9 pm'))[0]).toContain('Which day?');
  });

  it.each([
    ['tomorrow morning', '15:30'],
    ['tomorrow morning', '7 pm'],
    ['明天早上', '晚上七点'],
  ])('asks again if the two contradict each other: %s, %s', async (day, time) => {
    const chat = asking('ask');
    for (const said of ['hi', day]) await chat.say(said);
    expect((await chat.say(time))[0]).toContain('Which day?');
    expect(chat.context).toEqual({});
  });

  it('does not keep a time that the part of the day excludes', async () => {
    const chat = asking('form');
    for (const each of ['hi', 'tomorrow', '7 pm', 'change at']) await chat.say(each);
    expect((await chat.say('friday morning'))[0]).toContain('What time?');
    await chat.say('at 9');
    expect(chat.context).toEqual({ at: at(20, 9) });
  });

  it.each([
    ['no, 8 pm', at(19, 20)],
    ['no, at 8:30', at(19, 20, 30)],
    ['no, friday', at(20, 19)],
    ['不，晚上八点', at(19, 20)],
    ['不对，后天', at(20, 19)],
  ])('is enough at the summary of a form: %s', async (said, value) => {
    const chat = asking('form');
    for (const each of ['hi', 'tomorrow', '7 pm', said]) await chat.say(each);
    expect(chat.context).toEqual({ at: value });
    expect(chat.state).toContain('confirm');
  });
});
