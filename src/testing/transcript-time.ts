/** Times in transcripts: `+1d2h3m4s5ms` for a span, an ISO date for a moment. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A span without its sign; of parts of a millisecond nothing is left. */
export function formatSpan(ms: number): string {
  let left = Math.max(Math.round(ms), 0);
  let text = '';
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(left / size);
    left -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === '' ? '0s' : text;
}

const SPAN = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/u;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/u;

/** The milliseconds of a span without its sign; undefined for what is none. */
export function spanIn(text: string): number | undefined {
  const span = SPAN.exec(text);
  if (span === null) return undefined;
  return UNITS.reduce((sum, [, size], index) => sum + Number(span[index + 1] ?? 0) * size, 0);
}

/** Throws the error of a line, by what is wrong with it. */
export type Fail = (problem: string) => never;

export function parseSpan(
  content: string,
  fail: Fail,
):
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'moment'; readonly at: number } {
  const ms = content.startsWith('+') ? spanIn(content.slice(1)) : undefined;
  if (ms !== undefined) return { kind: 'time', ms };
  const at = MOMENT.test(content) ? Date.parse(content) : Number.NaN;
  if (Number.isFinite(at)) return { kind: 'moment', at };
  return fail('should name a span of time like +1h30m, a moment like 2026-01-31T08:00Z, or crash');
}
