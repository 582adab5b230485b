import { noSpawn } from './no-spawn.ts';
import { settled } from './settled.ts';

type Expression = (args: never, params: never) => unknown;

/** The parts of an XState action that may hold functions of the author. */
interface Parts {
  readonly type?: string;
  readonly assignment?: unknown;
  readonly event?: unknown;
}

/**
 * The parts of an assign or an emit, with functions for which a promise is an error: it would go unnoticed, and its rejection
 * would end the process. Undefined for other actions.
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
  if (typeof assignment === 'function') return assigning(assignment as Expression);
  return Object.fromEntries(
    Object.entries((assignment ?? {}) as object).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'function' ? assigning(value as Expression) : value,
    ]),
  );
}

const noSpawnInAssign = noSpawn('An assign');

function assigning(expression: Expression): Expression {
  const assigned = answering(expression, 'An assign');
  return (args: { spawn?: unknown }, params) => {
    args.spawn = noSpawnInAssign;
    return assigned(args as never, params);
  };
}

function answering(expression: Expression, what: string): Expression {
  return (args, params) => settled(expression(args, params), what);
}
