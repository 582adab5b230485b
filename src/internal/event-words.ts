const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A span of time as `1d2h3m4s5ms`, without its sign. Of parts of a millisecond nothing is left. */
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

/** The milliseconds of such a text; undefined if it is none. */
export function spanIn(text: string): number | undefined {
  const span = SPAN.exec(text);
  if (span === null) return undefined;
  return UNITS.reduce((sum, [, size], index) => sum + Number(span[index + 1] ?? 0) * size, 0);
}

/** What XState names after a state: a delay, the end of a state, and the end of an actor. */
const INTERNAL = /^xstate\.(?:(after)\.([^.]+)|(done)\.state|(done|error)\.actor)\.(.+)$/su;

/**
 * An event in words: `xstate.after.600000.pizza.paying` is `after 10m in pizza.paying`.
 * @param placeOf the name of the state, or of the actor, that an event is named after
 */
export function eventInWords(
  type: string,
  placeOf: (id: string, kind: 'state' | 'actor') => string = (id) => id,
): string {
  const [, after, delay = '', stateDone, actorEnd, id = ''] = INTERNAL.exec(type) ?? [];
  if (after !== undefined) {
    const span = /^\d+$/u.test(delay) ? formatSpan(Number(delay)) : delay;
    return `after ${span} in ${placeOf(id, 'state')}`;
  }
  if (stateDone !== undefined) return `done in ${placeOf(id, 'state')}`;
  return actorEnd === undefined ? type : `${actorEnd} ${placeOf(id, 'actor')}`;
}
