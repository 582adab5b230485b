import type { OperatorEvent } from './notes.ts';

/** Marks the config of a machine that is a takeover. XState keeps what it does not know. */
const TAKEOVER: unique symbol = Symbol.for('colloquy.takeover');

/** What those who look at a takeover from outside know of it: the kit of tests. */
export interface TakeoverMark {
  /** The name of the service that tells operators. */
  readonly tell: string;
  /** What an operator may do, for those who try it. */
  readonly samples: readonly OperatorEvent[];
}

/** The part of a machine config that says that it is a takeover. */
export function withTakeover(mark: TakeoverMark): object {
  return { [TAKEOVER]: Object.freeze(mark) };
}

/** What a machine is as a takeover; undefined for one that is none. */
export function takeoverOf(config: object): TakeoverMark | undefined {
  return (config as { readonly [TAKEOVER]?: TakeoverMark })[TAKEOVER];
}
