/**
 * The `limit` least of `texts` that come after `after`, in order. It keeps no more than twice as many at a time, however
 * many there are.
 */
export function leastAfter(
  texts: Iterable<string>,
  after: string | undefined,
  limit: number,
): string[] {
  let least: string[] = [];
  let last: string | undefined;
  const cut = (): void => {
    least = least.sort(byCodeUnits).slice(0, limit);
    if (least.length === limit) last = least.at(-1);
  };
  for (const text of texts) {
    if ((after !== undefined && text <= after) || (last !== undefined && text >= last)) continue;
    least.push(text);
    if (least.length >= 2 * limit) cut();
  }
  cut();
  return least;
}

function byCodeUnits(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
