import { anywhere } from '../../../../src/dialogue/parsers/anywhere.ts';
import { date, dateTime, time } from '../../../../src/dialogue/parsers/date.ts';
import type { Parser } from '../../../../src/dialogue/parsers/parser.ts';
import { atClock } from '../reading.ts';
import { dateTimeTable, type DateTimeKind } from './date-time.ts';
import { dateTable, type DateKind } from './date.ts';
import type { Kind, ParserTable } from './table.ts';
import { timeTable, type TimeKind } from './time.ts';

/** The tables of days and times, grouped by the call that they are answers to. */

type DayKind = DateKind | TimeKind | DateTimeKind;

/** What the page says of a call, and the parser that it makes. */
interface Call {
  readonly call: string;
  readonly about: string;
  readonly parser: Parser<unknown>;
}

const SHOWN = 12;
/** What is taken is a `Date` where the table writes what the clock of the user shows then. */
const IS_MOMENT = /^\d{4}-\d\d-\d\dT/u;

export const DATES: readonly ParserTable[] = tablesOf('date', dateTable, [
  {
    call: 'date()',
    about:
      'Takes one day as `yyyy-mm-dd`. A day without a year, a weekday and a day of a month are the next such day. A day that has two readings is asked again; the locale decides whether the day or the month comes first.',
    parser: date(),
  },
  {
    call: 'date({ past: true })',
    about: 'The same for a day that has been: what may be either is the last such day.',
    parser: date({ past: true }),
  },
  {
    call: 'anywhere(date())',
    about: 'Finds one day in a longer message, where nothing beside it may change it.',
    parser: anywhere(date()),
  },
]);

export const TIMES: readonly ParserTable[] = tablesOf('time', timeTable, [
  {
    call: 'time()',
    about:
      'Takes one time of day as `hh:mm`. An hour without its half of the day is the one that people mean by it: 3 is in the afternoon, 8 in the morning. A day beside it is not a part of the value.',
    parser: time(),
  },
  {
    call: 'anywhere(time())',
    about: 'Finds one time in a longer message, where nothing beside it may change it.',
    parser: anywhere(time()),
  },
]);

export const DATE_TIMES: readonly ParserTable[] = tablesOf('dateTime', dateTimeTable, [
  {
    call: 'dateTime()',
    about:
      'Takes one day with its time as a `Date`, shown here as the clock of the user shows it. A day alone or a time alone is asked again, except where the slot of a form holds the other half.',
    parser: dateTime(),
  },
  {
    call: 'dateTime({ timeAlone: true })',
    about: 'The same, and a time alone is the next such time.',
    parser: dateTime({ timeAlone: true }),
  },
  {
    call: 'dateTime({ past: true })',
    about: 'The same for a moment that has been: what may be either is the last such moment.',
    parser: dateTime({ past: true }),
  },
  {
    call: 'anywhere(dateTime())',
    about: 'Finds one day and time in a longer message, where nothing beside them may change them.',
    parser: anywhere(dateTime()),
  },
]);

function tablesOf(
  name: string,
  kinds: readonly DayKind[],
  calls: readonly Call[],
): readonly ParserTable[] {
  const left = kinds.find((kind) => !calls.some(({ call }) => call === callOf(name, kind)));
  if (left !== undefined) throw new Error(`A table is missing: ${callOf(name, left)}`);
  return calls.map((each) => ({
    ...each,
    shown: SHOWN,
    kinds: kinds.filter((kind) => callOf(name, kind) === each.call).map(kindOf),
  }));
}

function callOf(name: string, kind: DayKind): string {
  const options = 'options' in kind ? Object.entries(kind.options ?? {}) : [];
  const said = options.map(([option, value]) => `${option}: ${value}`).join(', ');
  const call = `${name}(${said === '' ? '' : `{ ${said} }`})`;
  return kind.anywhere === true ? `anywhere(${call})` : call;
}

function kindOf(given: DayKind): Kind {
  const { kind, language, at } = given;
  const locale = 'locale' in given ? given.locale : undefined;
  const previous = 'previous' in given ? given.previous : undefined;
  const rows = given.rows.map((row) =>
    'takes' in row && IS_MOMENT.test(row.takes)
      ? { ...row, takes: new Date(atClock(row.takes)) }
      : row,
  );
  const asked = { at, ...(locale && { locale }), ...(previous && { previous }) };
  return { kind, language, rows, asked };
}
