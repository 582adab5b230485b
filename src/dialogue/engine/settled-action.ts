import { settled } from './guard-error.ts';

type Expression = (args: never, params: never) => unknown;

/** The parts of an action of XState's that are functions of the author's. */
interface Parts {
  readonly type?: string;
  readonly assignment?: unknown;
  readonly event?: unknown;
}

/**
 * The parts of an assign or an emit that answer at once: a promise of them would go unnoticed, and its rejection end the
 * process.
 */
export function settledParts({ type, assignment, event }: Parts): object | undefined {
  if (type === 'xstate.assign') return { assignment: settledAssignment(assignment) };
  if (type !== 'xstate.emit' || typeof event !== 'function') return undefined;
  const emitted = answering(event as Expression, 'What an action emits');
  return {
    event: (args: never, params: never): unknown => {
      const made = emitted(args, params) as { readonly reply?: unknown } | null | undefined;
      settled(made?.reply, 'A reply');
      return made;
    },
  };
}

function settledAssignment(assignment: unknown): unknown {
  if (typeof assignment === 'function') return answering(assignment as Expression, 'An assign');
  return Object.fromEntries(
    Object.entries((assignment ?? {}) as object).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'function' ? answering(value as Expression, 'An assign') : value,
    ]),
  );
}

function answering(expression: Expression, what: string): Expression {
  return (args, params) => settled(expression(args, params), what);
}
