import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { date, dateTime, time } from '../../../src/dialogue/parsers/date.ts';
import { atClock, parseContext, read, textMessage } from './reading.ts';

const systemZone = process.env['TZ'];
afterEach(() => {
  if (systemZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = systemZone;
});

describe('date', () => {
  it.each([
    ['Feb 30', 'issue.noSuchDate'],
    ['2月30日', 'issue.noSuchDate'],
    ['13/13', 'issue.noSuchDate'],
    ['monday 27 november', 'issue.noSuchDate'],
    ['monday or tuesday', 'issue.severalDates'],
    ['周一或周二', 'issue.severalDates'],
    ['Nov 22 to Nov 24', 'issue.severalDates'],
    ['22号到25号', 'issue.severalDates'],
    ['not friday', 'issue.date'],
    ['next month', 'issue.date'],
    ['', 'issue.date'],
    [`tomorrow ${' '.repeat(200)}`, 'issue.date'],
  ])('tells of %j why it is none: %s', (said, key) => {
    expect(read(date(), said)).toBe(key);
  });

  it('takes no past day where it has to be to come', () => {
    expect(read(date({ future: true }), 'yesterday')).toBe('issue.future');
    expect(read(date({ future: true }), 'today')).toBe('2026-11-18');
  });

  it('keeps to its bounds', () => {
    const parse = date({ min: '2026-11-20', max: '2026-11-22' });
    const results = ['明天', '后天', '11月22日', '11月23日'].map((said) => read(parse, said));
    expect(results).toEqual(['issue.earliest', '2026-11-20', '2026-11-22', 'issue.latest']);
    expect(parse(textMessage('明天'), parseContext)).toEqual({
      issue: { key: 'issue.earliest', values: { min: 'Nov 20, 2026' } },
    });
  });

  it('takes today from the time zone of the user, or from its option', () => {
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
    const style = (locale: string, dateStyle?: 'full' | 'long' | 'medium'): Intl.DateTimeFormat =>
      new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...(dateStyle && { dateStyle }) });
    const [usLong, usFull, usShort] = [
      style('en-US', 'long'),
      style('en-US', 'full'),
      style('en-US'),
    ];
    const [ukFull, ukMedium, ukShort] = [
      style('en-GB', 'full'),
      style('en-GB', 'medium'),
      style('en-GB'),
    ];
    const cnFull = style('zh-CN', 'full');
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
        const styles = [
          iso,
          iso.replaceAll('-', '/'),
          iso.replaceAll('-', ''),
          `${year}年${month}月${number}日`,
          `${year} 年 ${month} 月 ${number} 日`,
          `${number}.${month}.${year}`,
          usLong.format(day),
          usFull.format(day),
          ukFull.format(day),
          ukMedium.format(day),
          cnFull.format(day),
        ];
        const found = styles.map((said) => read(date(), said));
        expect(found).toEqual(styles.map(() => iso));
        const british = read(date(), ukShort.format(day), { locale: 'en-GB' });
        const american = read(date(), usShort.format(day), { locale: 'en-US' });
        expect([british, american]).toEqual([iso, iso]);
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
    ['tomorrow', 'issue.time'],
    ['not at 7', 'issue.time'],
    ['from 3 to 5pm', 'issue.severalDates'],
    ['3点到5点', 'issue.severalDates'],
  ])('tells of %j why it is none: %s', (said, key) => {
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
        expect(read(time(), `${hour}点${rest}分`)).toBe(
          hour > 0 && hour < 13 ? read(time(), of12) : value,
        );
        expect(read(time(), `${value}h`)).toBe(value);
      }),
      { numRuns: 500 },
    );
  });
});

describe('dateTime', () => {
  it.each([
    ['tomorrow', 'issue.time'],
    ['明天晚上', 'issue.time'],
    ['7 pm', 'issue.date'],
    ['whenever', 'issue.dateTime'],
    ['2月30日下午三点', 'issue.noSuchDate'],
    ['Feb 30 at 3pm', 'issue.noSuchDate'],
    ['明天3点到5点', 'issue.severalDates'],
    ['at 3pm or at 4pm', 'issue.severalDates'],
  ])('tells of %j why it is none: %s', (said, key) => {
    expect(read(dateTime(), said)).toBe(key);
  });

  it('takes only what lies to come, or only what is past', () => {
    expect(read(dateTime({ future: true }), 'yesterday at 5pm')).toBe('issue.future');
    expect(read(dateTime({ future: true }), 'now')).toBe('issue.future');
    expect(read(dateTime({ past: true }), 'tomorrow at 5pm')).toBe('issue.past');
    const alone = dateTime({ past: true, timeAlone: true });
    expect(read(alone, 'at 5pm')).toEqual(new Date(atClock('2026-11-17T17:00')));
  });

  it('does not go on from what is past, or no date', () => {
    for (const previous of [new Date('2026-11-10T11:00:00Z'), new Date(Number.NaN), '2026-11-20']) {
      expect(read(dateTime(), '8pm', { previous })).toBe('issue.date');
    }
  });

  it('says a bound in the user’s zone', () => {
    const parse = dateTime({ min: new Date('2026-11-20T00:00:00Z') });
    const { issue } = parse(textMessage('tomorrow at 3pm'), parseContext) as {
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
