/** What a page gets as JSON: a context may hold values that JSON does not have. */
export function wireJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return `${each}n`;
    if (each instanceof Map) return Object.fromEntries(each);
    return each instanceof Set ? [...each] : each;
  });
}
