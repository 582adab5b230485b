import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { date, dateTime, time } from '../../../src/dialogue/parsers/date.ts';
import { occasion, read, textMessage } from './reading.ts';

/** What it is in Shanghai, which is eight hours before UTC. */
function inShanghai(value: Date | string): string {
  if (typeof value === 'string') return value;
  return new Date(value.getTime() + 8 * 3_600_000).toISOString().slice(0, 16);
}

const systemZone = process.env['TZ'];
afterEach(() => {
  if (systemZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = systemZone;
});

// It is Wednesday, 18 November 2026, 10:00.
describe('date', () => {
  it.each([
    ['tomorrow', '2026-11-19'],
    ['friday', '2026-11-20'],
    ['next friday', '2026-11-27'],
    ['Nov 22', '2026-11-22'],
    ['22 November', '2026-11-22'],
    ['Jan 5', '2027-01-05'],
    ['the 22nd', '2026-11-22'],
    ['on the 5th, please', '2026-12-05'],
    ['11/22', '2026-11-22'],
    ['22/11/2026', '2026-11-22'],
    ['2026-11-22', '2026-11-22'],
    ['2026.11.22', '2026-11-22'],
    ['2026/11/22', '2026-11-22'],
    ['in 3 days', '2026-11-21'],
    ['tomorrow at 3pm', '2026-11-19'],
    ['2026-11-22T18:30Z', '2026-11-23'],
    ['今天', '2026-11-18'],
    ['明天', '2026-11-19'],
    ['后天', '2026-11-20'],
    ['後天', '2026-11-20'],
    ['大后天', '2026-11-21'],
    ['明晚', '2026-11-19'],
    ['三天后', '2026-11-21'],
    ['两周后', '2026-12-02'],
    ['周五', '2026-11-20'],
    ['週五', '2026-11-20'],
    ['周三', '2026-11-18'],
    ['星期天', '2026-11-22'],
    ['这周日', '2026-11-22'],
    ['下周日', '2026-11-29'],
    ['下周五', '2026-11-27'],
    ['下个星期一', '2026-11-23'],
    ['下下周一', '2026-11-30'],
    ['上周五', '2026-11-13'],
    ['11月22日', '2026-11-22'],
    ['11月22号（周日）', '2026-11-22'],
    ['十一月二十二日', '2026-11-22'],
    ['1月5日', '2027-01-05'],
    ['明年3月5日', '2027-03-05'],
    ['二〇二七年三月五日', '2027-03-05'],
    ['22号', '2026-11-22'],
    ['5号', '2026-12-05'],
    ['下个月5号', '2026-12-05'],
    ['我想订后天的位子', '2026-11-20'],
  ])('reads %s as %s', (said, value) => {
    expect(read(date(), said)).toBe(value);
  });

  it.each([
    ['Feb 30', 'issue.noSuchDate'],
    ['30 february', 'issue.noSuchDate'],
    ['2/30', 'issue.noSuchDate'],
    ['2026-02-29', 'issue.noSuchDate'],
    ['2月30日', 'issue.noSuchDate'],
    ['13/13', 'issue.noSuchDate'],
    ['monday or tuesday', 'issue.severalDates'],
    ['周一或周二', 'issue.severalDates'],
    ['Nov 22 to Nov 24', 'issue.severalDates'],
    ['may', 'issue.date'],
    ['3pm', 'issue.date'],
    ['next month', 'issue.date'],
    ['whenever', 'issue.date'],
    ['', 'issue.date'],
    [`tomorrow ${'a'.repeat(200)}`, 'issue.date'],
  ])('makes of %j: %s', (said, key) => {
    expect(read(date(), said)).toBe(key);
  });

  it.each([
    ['Jan 5', '2026-01-05'],
    ['1月5日', '2026-01-05'],
    ['12/5', '2025-12-05'],
    ['friday', '2026-11-13'],
    ['周五', '2026-11-13'],
    ['1990-05-03', '1990-05-03'],
    ['today', '2026-11-18'],
    ['tomorrow', 'issue.past'],
  ])('reads %s as the last one, %s, where it has to be past', (said, value) => {
    expect(read(date({ past: true }), said)).toBe(value);
  });

  it('takes no past day where it has to be to come', () => {
    expect(read(date({ future: true }), 'yesterday')).toBe('issue.future');
    expect(read(date({ future: true }), 'today')).toBe('2026-11-18');
  });

  it('keeps to its bounds', () => {
    const parse = date({ min: '2026-11-20', max: '2026-11-22' });
    const results = ['明天', '后天', '11月22日', '11月23日'].map((said) => read(parse, said));
    expect(results).toEqual(['issue.earliest', '2026-11-20', '2026-11-22', 'issue.latest']);
    expect(parse(textMessage('明天'), occasion)).toEqual({
      issue: { key: 'issue.earliest', values: { min: 'Nov 20, 2026' } },
    });
  });

  it('knows what day it is where the user is, or where it is told', () => {
    const newYear = { now: Date.UTC(2026, 11, 31, 20) };
    expect(read(date(), 'today', newYear)).toBe('2027-01-01');
    expect(read(date(), 'today', { ...newYear, timeZone: 'America/New_York' })).toBe('2026-12-31');
    expect(read(date({ timeZone: 'America/New_York' }), '今天', newYear)).toBe('2026-12-31');
  });

  it('takes tomorrow for the day after today right after midnight, too', () => {
    const night = { now: Date.UTC(2026, 10, 17, 16, 30) };
    expect(read(date(), '明天', night)).toBe('2026-11-19');
    expect(read(date(), 'tomorrow', night)).toBe('2026-11-19');
  });

  it('reads back any day that is written out', () => {
    const days = fc.date({
      min: new Date('1900-01-01T00:00:00Z'),
      max: new Date('2199-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, (day) => {
        const iso = day.toISOString().slice(0, 10);
        const [year, month, number] = [
          day.getUTCFullYear(),
          day.getUTCMonth() + 1,
          day.getUTCDate(),
        ];
        const english = day.toLocaleDateString('en-US', { dateStyle: 'long', timeZone: 'UTC' });
        for (const said of [iso, `${year}年${month}月${number}日`, english]) {
          expect(read(date(), said)).toBe(iso);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    { min: '2026-02-30' },
    { max: '22.11.2026' },
    { past: true, future: true },
    { timeZone: 'Mars/Olympus' },
  ])('refuses the options %j', (options) => {
    expect(() => date(options)).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });
});

describe('time', () => {
  it.each([
    ['3pm', '15:00'],
    ['3.30pm', '15:30'],
    ['18:30', '18:30'],
    ['03:00', '03:00'],
    ['at 3', '15:00'],
    ['at 8', '08:00'],
    ['3', '15:00'],
    ['三', '15:00'],
    ['20', '20:00'],
    ['half past three', '15:30'],
    ['quarter to 4', '15:45'],
    ['quarter past eight', '08:15'],
    ['three pm', '15:00'],
    ["5 o'clock", '17:00'],
    ['8 in the evening', '20:00'],
    ['tomorrow morning at 6', '06:00'],
    ['noon', '12:00'],
    ['midnight', '00:00'],
    ['in two hours', '12:00'],
    ['下午三点', '15:00'],
    ['下午3:30', '15:30'],
    ['三点', '15:00'],
    ['三点半', '15:30'],
    ['三点一刻', '15:15'],
    ['三点三刻', '15:45'],
    ['三点零五', '15:05'],
    ['八点五十', '08:50'],
    ['晚上8点', '20:00'],
    ['晚8点', '20:00'],
    ['傍晚6点', '18:00'],
    ['早上九点', '09:00'],
    ['早晨8点', '08:00'],
    ['凌晨三点', '03:00'],
    ['中午', '12:00'],
    ['中午一点', '13:00'],
    ['晚上12点', '00:00'],
    ['15时30分', '15:30'],
    ['二十三点', '23:00'],
    ['24点', '00:00'],
    ['两个半小时后', '12:30'],
    ['一刻钟后', '10:15'],
  ])('reads %s as %s', (said, value) => {
    expect(read(time(), said)).toBe(value);
  });

  it.each([
    ['tomorrow', 'issue.time'],
    ['tomorrow evening', 'issue.time'],
    ['25', 'issue.time'],
    ['25:00', 'issue.time'],
    ['下午75分', 'issue.time'],
    ['from 3 to 5pm', 'issue.severalDates'],
    ['3点到5点', 'issue.severalDates'],
  ])('makes of %j: %s', (said, key) => {
    expect(read(time(), said)).toBe(key);
  });

  it('keeps to its bounds', () => {
    const parse = time({ min: '09:00', max: '18:00' });
    const results = ['早上八点', '9am', '6pm', '18:01'].map((said) => read(parse, said));
    expect(results).toEqual(['issue.earliest', '09:00', '18:00', 'issue.latest']);
    expect(() => time({ min: '9:00' })).toThrow(expect.objectContaining({ code: 'bad_option' }));
  });

  it('reads back any time that is written out', () => {
    const minutes = fc.integer({ min: 0, max: 24 * 60 - 1 });
    fc.assert(
      fc.property(minutes, (minute) => {
        const [hour, rest] = [Math.floor(minute / 60), minute % 60];
        const value = `${String(hour).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
        const half = hour < 12 ? ['am', '上午'] : ['pm', '下午'];
        const of12 = `${hour % 12 === 0 ? 12 : hour % 12}:${value.slice(3)}`;
        expect(read(time(), value)).toBe(value);
        expect(read(time(), `${of12} ${half[0]}`)).toBe(value);
        if (hour % 12 !== 0) expect(read(time(), `${half[1]}${of12}`)).toBe(value);
      }),
      { numRuns: 500 },
    );
  });
});

describe('dateTime', () => {
  it.each([
    ['tomorrow at 3pm', '2026-11-19T15:00'],
    ['tomorrow at 3', '2026-11-19T15:00'],
    ['tomorrow at 8', '2026-11-19T08:00'],
    ['Nov 22 at 6:30pm', '2026-11-22T18:30'],
    ['friday at noon', '2026-11-20T12:00'],
    ['the 22nd at 3pm', '2026-11-22T15:00'],
    ['at 3pm I want to come, tomorrow', '2026-11-19T15:00'],
    ['8 tonight', '2026-11-18T20:00'],
    ['at 3', '2026-11-18T15:00'],
    ['at 9', '2026-11-18T21:00'],
    ['9am', '2026-11-19T09:00'],
    ['in two hours', '2026-11-18T12:00'],
    ['in half an hour', '2026-11-18T10:30'],
    ['now', '2026-11-18T10:00'],
    ['2026-11-22T18:30', '2026-11-22T18:30'],
    ['2026-11-22T10:30Z', '2026-11-22T18:30'],
    ['2026-11-22T18:30:00+08:00', '2026-11-22T18:30'],
    ['明天下午三点', '2026-11-19T15:00'],
    ['明天下午三点半', '2026-11-19T15:30'],
    ['明天 3pm', '2026-11-19T15:00'],
    ['明早9点', '2026-11-19T09:00'],
    ['明天中午', '2026-11-19T12:00'],
    ['明天晚上12点', '2026-11-20T00:00'],
    ['今晚七点半', '2026-11-18T19:30'],
    ['下周五晚上8点', '2026-11-27T20:00'],
    ['周日晚上七点', '2026-11-22T19:00'],
    ['22号下午3点', '2026-11-22T15:00'],
    ['三天后下午三点', '2026-11-21T15:00'],
    ['11月22日（周日）晚上8点', '2026-11-22T20:00'],
    ['2026年11月22日 18:30', '2026-11-22T18:30'],
    ['九点', '2026-11-18T21:00'],
    ['凌晨一点', '2026-11-19T01:00'],
    ['两小时后', '2026-11-18T12:00'],
    ['我想订明天下午三点的位子', '2026-11-19T15:00'],
  ])('reads %s as %s', (said, value) => {
    expect(inShanghai(read(dateTime(), said))).toBe(value);
  });

  it.each([
    ['tomorrow', 'issue.dateTime'],
    ['明天晚上', 'issue.dateTime'],
    ['whenever', 'issue.dateTime'],
    ['2月30日下午三点', 'issue.noSuchDate'],
    ['Feb 30 at 3pm', 'issue.noSuchDate'],
    ['明天3点到5点', 'issue.severalDates'],
    ['at 3pm or at 4pm', 'issue.severalDates'],
  ])('makes of %j: %s', (said, key) => {
    expect(read(dateTime(), said)).toBe(key);
  });

  it('takes only what lies to come, or only what is past', () => {
    expect(read(dateTime({ future: true }), 'yesterday at 5pm')).toBe('issue.future');
    expect(read(dateTime({ future: true }), 'now')).toBe('issue.future');
    expect(read(dateTime({ past: true }), 'tomorrow at 5pm')).toBe('issue.past');
    expect(inShanghai(read(dateTime({ past: true }), 'at 5pm'))).toBe('2026-11-17T17:00');
    expect(inShanghai(read(dateTime({ past: true }), '周五下午五点'))).toBe('2026-11-13T17:00');
  });

  it.each([
    ['make it 8:30', '2026-11-20T20:30'],
    ['8:30am', '2026-11-20T08:30'],
    ['下午六点', '2026-11-20T18:00'],
    ['no, saturday', '2026-11-21T19:00'],
    ['tomorrow at 5pm', '2026-11-19T17:00'],
    ['in two hours', '2026-11-18T12:00'],
  ])('goes on from what a form holds: of Friday at seven, %s makes %s', (said, value) => {
    const previous = new Date('2026-11-20T11:00:00Z');
    expect(inShanghai(read(dateTime(), said, { previous }))).toBe(value);
  });

  it('does not go on from what is past, or no date', () => {
    for (const previous of [new Date('2026-11-10T11:00:00Z'), new Date(Number.NaN), '2026-11-20']) {
      expect(inShanghai(read(dateTime(), '8pm', { previous }))).toBe('2026-11-18T20:00');
    }
  });

  it('says a bound in the user’s zone', () => {
    const parse = dateTime({ min: new Date('2026-11-20T00:00:00Z') });
    const { issue } = parse(textMessage('tomorrow at 3pm'), occasion) as {
      issue: { values: unknown };
    };
    expect(issue).toMatchObject({ key: 'issue.earliest' });
    expect(issue.values).toEqual({ min: expect.stringMatching(/Nov 20, 2026.*8:00/) });
    expect(() => dateTime({ max: new Date(Number.NaN) })).toThrow(
      expect.objectContaining({ code: 'bad_option' }),
    );
  });

  describe('where the clocks change', () => {
    const newYork = { timeZone: 'America/New_York', now: Date.UTC(2026, 2, 7, 15) };
    const at = (said: string, more: object = {}): string =>
      (read(dateTime(), said, { ...newYork, ...more }) as Date).toISOString();

    it('takes a time that does not come as much later', () => {
      expect(at('2026-03-08 02:30')).toBe('2026-03-08T07:30:00.000Z');
      expect(at('tomorrow at 01:59')).toBe('2026-03-08T06:59:00.000Z');
      expect(at('tomorrow at 03:00')).toBe('2026-03-08T07:00:00.000Z');
    });

    it('takes the earlier of a time that comes twice', () => {
      expect(at('2026-11-01 01:30')).toBe('2026-11-01T05:30:00.000Z');
      expect(at('2026-11-01 02:00')).toBe('2026-11-01T07:00:00.000Z');
    });

    it('counts a span from now through the change', () => {
      const night = { now: Date.UTC(2026, 2, 8, 6, 30) };
      expect(at('in two hours', night)).toBe('2026-03-08T08:30:00.000Z');
      expect(at('两小时后', night)).toBe('2026-03-08T08:30:00.000Z');
    });

    it('does not look at the zone of the process', () => {
      for (const zone of ['UTC', 'America/New_York', 'Asia/Shanghai', 'Australia/Lord_Howe']) {
        process.env['TZ'] = zone;
        for (const said of ['tomorrow at 02:30', '明天下午三点', 'in 3 hours', 'sunday 5pm']) {
          const here = at(said);
          process.env['TZ'] = 'UTC';
          expect([zone, said, here]).toEqual([zone, said, at(said)]);
          process.env['TZ'] = zone;
        }
      }
    });
  });

  it('gives back any minute of any zone that is written out', () => {
    const zones = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Europe/London', 'Asia/Kathmandu'];
    const instants = fc.date({
      min: new Date('1975-01-01T00:00:00Z'),
      max: new Date('2100-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (instant, timeZone) => {
        const wall = (of: Date): string =>
          of.toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
        const value = read(dateTime(), wall(instant), { timeZone });
        // An hour that comes twice reads as its first, which the wall shows alike.
        expect(wall(value as Date)).toBe(wall(instant));
      }),
      { numRuns: 500 },
    );
  });
});
