/** A guard by its name; '' for one that is written inline. Guards that are put together are `not a`, `a and b`, `in state`. */
export function guardLabel(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null) return String((guard as { type: unknown }).type);
  if (typeof guard !== 'function') return '';
  const { name, guards, stateValue } = guard as {
    readonly name: string;
    readonly guards?: readonly unknown[];
    readonly stateValue?: unknown;
  };
  if (stateValue !== undefined) {
    return `in ${typeof stateValue === 'string' ? stateValue : JSON.stringify(stateValue)}`;
  }
  // A function that is written inline has the name of its property.
  if (guards === undefined) return name === 'guard' ? '' : name;
  const inner = guards.map((each) => {
    const label = guardLabel(each) || '…';
    return label.includes(' ') && !label.startsWith('not ') ? `(${label})` : label;
  });
  // XState names these functions after their words, with a number behind it in a bundle.
  const [, word = 'and'] = /^(not|and|or)/u.exec(name) ?? [];
  return word === 'not' ? `not ${inner.join(' ')}` : inner.join(` ${word} `);
}
