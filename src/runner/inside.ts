import type { StoreCore } from '../context/store-core.ts';
import type { Engine } from '../dialogue/engine/engine.ts';
import type { Conductor } from './conductor.ts';

/** What a runner is made of, for those of the library who look into it. */
export interface Inside {
  readonly dialogue: Pick<Engine, 'id' | 'version'>;
  readonly core: StoreCore;
  readonly conductor: Conductor;
  /** How many messages were taken in and not answered. */
  readonly inFlight: () => number;
}

const INSIDE = Symbol.for('colloquy.runner.inside');

/** For the runner alone: lets `insideOf` find what it shows. */
export function showInside(runner: object, inside: Inside): void {
  Object.defineProperty(runner, INSIDE, { value: inside });
}

/** What there is inside a runner; undefined for anything else. */
export function insideOf(runner: object): Inside | undefined {
  return (runner as { [INSIDE]?: Inside } | undefined)?.[INSIDE];
}
