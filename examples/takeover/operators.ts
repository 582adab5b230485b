/** Who may sit at the desk. */
export interface Operators {
  readonly names: readonly string[];
  /** The operator who sends a request, by the name and password for which the browser has asked; undefined for anybody else. */
  find(request: Request): string | undefined;
}

/** @param list names and passwords, as `bob:a password,eve:another one` */
export function operatorsIn(list: string): Operators {
  const people = list.split(',').map((entry) => entry.trim());
  const names = people.map((each) => each.split(':')[0] ?? '');
  if (!people.every((each) => /^\w+:.{8,}$/u.test(each))) {
    throw new Error('OPERATORS has names and passwords of at least 8 characters: bob:a password.');
  }
  const headers = people.map((each) => `Basic ${Buffer.from(each).toString('base64')}`);
  return {
    names,
    find: ({ headers: given }) => names[headers.indexOf(given.get('authorization') ?? '')],
  };
}
