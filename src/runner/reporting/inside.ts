import type { StoreCore } from '../../context/store-core.ts';
import type { Engine } from '../../dialogue/engine/engine.ts';
import { UsageError } from '../../errors.ts';

/** The parts of a runner that a page which shows it looks at. */
export interface RunnerInside {
  readonly engine: Engine;
  readonly core: StoreCore;
}

const insides = new WeakMap<object, RunnerInside>();

export function rememberInside(runner: object, inside: RunnerInside): void {
  insides.set(runner, inside);
}

/** @throws UsageError `bad_option` for anything that createRunner() has not returned */
export function insideOf(runner: object): RunnerInside {
  const inside = typeof runner === 'object' && runner !== null ? insides.get(runner) : undefined;
  if (inside !== undefined) return inside;
  throw new UsageError('bad_option', '`runner` must be what createRunner() returned.');
}
