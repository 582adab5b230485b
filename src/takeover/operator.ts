import { given } from '../internal/given.ts';
import type { OperatorEvent } from './notes.ts';

type Does = OperatorEvent['does'];

const DOES: readonly string[] = ['take', 'say', 'leave', 'return'] satisfies readonly Does[];

function isDone(does: unknown): does is Does {
  return typeof does === 'string' && DOES.includes(does);
}

/** What an operator does, by an event of any program; undefined for one that says no such thing. What is said has words. */
export function operatorOf(event: object): OperatorEvent | undefined {
  const { by, does, text }: { readonly [Key in keyof OperatorEvent]?: unknown } = event;
  if (typeof by !== 'string' || by === '' || !isDone(does)) return undefined;
  const words = typeof text === 'string' ? text : undefined;
  if (does === 'say' && (words ?? '').trim() === '') return undefined;
  return { by, does, ...given({ text: words }) };
}
