import type { ExploreEvent } from './pure-state.ts';

/** The messages in the order that a seed gives; the rest stays as it is. */
export function shuffledIn(events: readonly ExploreEvent[], random: () => number): ExploreEvent[] {
  const said = events.filter(({ type }) => type === 'message');
  return [...events.filter(({ type }) => type !== 'message'), ...shuffled(said, random)];
}

/** In the order that a seed gives; the same for the same seed. */
function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
  }
  return copy;
}

/** Numbers from 0 up to 1 that look random (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
