import { EMAIL, PHONES } from './addresses.ts';
import { CHOICE, CHOICE_OF_NAMES, CHOICE_OF_NUMBERS } from './choice.ts';
import { CONFIRM } from './confirm.ts';
import { DATES, DATE_TIMES, TIMES } from './days.ts';
import { INTEGER } from './integer.ts';
import { NUMBER, NUMBER_OF_UNITS } from './number.ts';
import { IMAGE, LOCATION, TEXT, WITHIN, WITHIN_CHOICE } from './others.ts';
import type { ParserTable } from './table.ts';

/** Every table, in the order of the page. */
export const TABLES: readonly ParserTable[] = [
  NUMBER,
  NUMBER_OF_UNITS,
  INTEGER,
  CHOICE,
  CHOICE_OF_NAMES,
  CHOICE_OF_NUMBERS,
  CONFIRM,
  ...DATES,
  ...TIMES,
  ...DATE_TIMES,
  ...PHONES,
  EMAIL,
  TEXT,
  WITHIN,
  WITHIN_CHOICE,
  IMAGE,
  LOCATION,
];
