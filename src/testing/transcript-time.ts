import { spanIn } from '../internal/event-words.ts';

/** Times in transcripts: `+1d2h3m4s5ms` for a span, an ISO date for a moment. */

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/u;

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
