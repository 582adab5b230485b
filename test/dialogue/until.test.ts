import { type UntilOptions, setupDialogue, until } from 'colloquy';
import { converse } from 'colloquy/testing';
import { describe, expect, it } from 'vitest';

interface Data {
  when: UntilOptions;
}

const words = setupDialogue({
  types: {} as { context: Data },
  delays: { due: ({ context }) => until(context.when) },
});

/** A dialogue that says “Now!” at that moment. */
function reminder(when: UntilOptions) {
  return words.createDialogue({
    id: 'reminder',
    context: { when },
    initial: 'open',
    states: {
      open: { on: { 'message.text': 'waiting' } },
      waiting: { after: { due: 'over' } },
      over: words.done('Now!'),
    },
  });
}

const START = Date.UTC(2026, 0, 1);
const SHANGHAI = { from: '2026-11-22', days: -1, time: '9:00', timeZone: 'Asia/Shanghai' };
const BERLIN = { time: '2:30', timeZone: 'Europe/Berlin' };

describe('a delay until a local time', () => {
  it.each<[string, UntilOptions, string]>([
    ['the day before in Shanghai', SHANGHAI, '2026-11-21T01:00:00.000Z'],
    ['the day itself', { ...SHANGHAI, days: 0 }, '2026-11-22T01:00:00.000Z'],
    ['without `days`', { ...SHANGHAI, days: undefined }, '2026-11-22T01:00:00.000Z'],
    ['a later day, in the next year', { ...SHANGHAI, days: 40 }, '2027-01-01T01:00:00.000Z'],
    ['with seconds', { ...SHANGHAI, time: '09:00:30' }, '2026-11-21T01:00:30.000Z'],
    [
      'the day of a moment, which is another one in UTC',
      { ...SHANGHAI, from: new Date('2026-11-21T20:00:00Z') },
      '2026-11-21T01:00:00.000Z',
    ],
    [
      'in a zone of half hours',
      { ...SHANGHAI, timeZone: 'Asia/Kolkata' },
      '2026-11-21T03:30:00.000Z',
    ],
    [
      'the time that the clock skips',
      { ...BERLIN, from: '2026-03-29' },
      '2026-03-29T01:30:00.000Z',
    ],
    ['the first of the two', { ...BERLIN, from: '2026-10-25' }, '2026-10-25T00:30:00.000Z'],
    [
      'over a change of the clock, at the same time of day',
      { ...BERLIN, from: '2026-10-26', days: -2, time: '9:00' },
      '2026-10-24T07:00:00.000Z',
    ],
  ])('ends then: %s', async (_, when, expected) => {
    const chat = converse(reminder(when), { now: START });
    await chat.say('hi');
    const ms = Date.parse(expected) - START;
    expect(await chat.advance({ milliseconds: ms - 1 })).toEqual([]);
    expect(await chat.advance({ milliseconds: 1 })).toEqual(['Now!']);
  });

  it('is over at once where the moment is past', async () => {
    const chat = converse(reminder(SHANGHAI), { now: Date.UTC(2026, 10, 21, 12) });
    const said = [...(await chat.say('hi')), ...(await chat.advance(0))];
    expect(said).toEqual(['Now!']);
  });

  it.each<[string, object, string, RegExp]>([
    ['an offset as its zone', { timeZone: '+08:00' }, 'bad_time_zone', /IANA/],
    ['no zone', { timeZone: undefined }, 'bad_time_zone', /IANA/],
    ['an hour too many', { time: '24:00' }, 'bad_option', /`time`/],
    ['minutes too many', { time: '9:60' }, 'bad_option', /`time`/],
    ['seconds too many', { time: '9:00:60' }, 'bad_option', /`time`/],
    ['half a day', { time: '9 pm' }, 'bad_option', /`time`/],
    ['a day that does not exist', { from: '2026-02-30' }, 'bad_option', /`from`/],
    ['no day', { from: undefined }, 'bad_option', /`from`/],
    ['an invalid Date', { from: new Date(Number.NaN) }, 'bad_option', /`from`/],
    ['a part of a day', { days: 0.5 }, 'bad_option', /`days`/],
    ['an unknown option', { day: -1 }, 'bad_option', /did you mean 'days'/],
  ])('refuses %s', (_, wrong, code, text) => {
    const act = (): number => until({ ...SHANGHAI, ...wrong } as UntilOptions);
    expect(act).toThrow(text);
    expect(act).toThrow(expect.objectContaining({ code }));
  });

  it('fails the turn that enters its state with the code of what is wrong', async () => {
    const errors: unknown[] = [];
    const chat = converse(reminder({ ...SHANGHAI, timeZone: 'CST' }));
    await chat.say('hi').catch((error: unknown) => errors.push(error));
    expect((errors[0] as Error).message).toMatch(/failed: bad_time_zone/);
    expect(chat.state).not.toBe('waiting');
  });
});
