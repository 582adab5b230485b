/** What has as many digits as a telephone number and is none: dates, times, amounts, addresses of computers. */

const YEAR = '(?:19|20)\\d{2}';
const MONTH = '(?:0?[1-9]|1[0-2])';
const DAY = '(?:0?[1-9]|[12]\\d|3[01])';
const TIME = '(?:[01]?\\d|2[0-4])(?:[\\s.h]?[0-5]\\d){0,2}';
const GAP = '[\\s./\\-‐-―−]{1,3}';

/** Digits that begin with a day of a year, with any digits behind it: `2026112218`, `20261122 18`, `20261122000123`. */
const BEGINS_WITH_DAY = new RegExp(`^${YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])`, 'u');

const LOOKALIKES: readonly RegExp[] = [
  // 2026-11-22 18, 2026.11.22 18.30
  `${YEAR}${GAP}${MONTH}${GAP}${DAY}(?:${GAP}${TIME})?`,
  // 22/11/2026 18, 11/22/2026
  `${DAY}${GAP}${DAY}${GAP}${YEAR}(?:${GAP}${TIME})?`,
  // 22.11.26 18.30, 22-11 18.30. French and Danish numbers go in pairs with one separator throughout.
  `(?:${DAY})(?<same>[./-])${DAY}(?:\\k<same>\\d{2}|\\.)?\\s+(?:[01]?\\d|2[0-4])(?:[.h]?[0-5]\\d)?`,
  // 20.30-21.30
  `(?:[01]?\\d|2[0-4])\\.[0-5]\\d\\s?[\\-‐-―−]\\s?(?:[01]?\\d|2[0-4])\\.[0-5]\\d`,
  // 20261122 alone, or with a time
  `${YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])(?:${GAP}${TIME})?`,
  // 20261122.50
  `\\d{4,}\\.\\d{1,2}`,
  // 202.96.209.50
  `\\d{1,3}(?:\\.\\d{1,3}){3}`,
].map((source) => new RegExp(`^${source}$`, 'u'));

/**
 * Whether a number written the national way may be something else, so that it is only taken with its calling code.
 * @param isWhole whether it has all digits that its country writes, trunk prefix included
 */
export function looksLikeAnother(run: string, isWhole: boolean): boolean {
  if (LOOKALIKES.some((pattern) => pattern.test(run))) return true;
  return !isWhole && BEGINS_WITH_DAY.test(run);
}
