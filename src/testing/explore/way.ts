import type { AnyStateMachine } from 'xstate';
import { copyDialogue } from '../../dialogue/engine/machine-walk.ts';
import { atRest } from '../../internal/async.ts';
import type { ExploreOptions } from '../explore.ts';
import { endingsOf } from './endings.ts';
import { Inputs } from './inputs.ts';
import { PureRunner } from './pure-runner.ts';
import type { ExploreEvent } from './pure-state.ts';
import { type FoundCall, type FoundStep, replay, scriptOf } from './replay.ts';
import { Search } from './search.ts';
import { randomOf } from './seeded-order.ts';
import { pathTo } from './search-node.ts';

/** A conversation that leads to a state. */
export interface FoundWay {
  readonly steps: readonly FoundStep[];
  /** How the calls of services go on the way, in their order. */
  readonly calls: readonly FoundCall[];
  readonly transcript: string;
}

export interface WaySearch {
  /** Undefined if none was found. */
  readonly way: FoundWay | undefined;
  /** The services whose outputs the dialogue looks at, and that have none under `services`. */
  readonly needs: readonly string[];
}

const DEFAULT_BUDGET = 5000;
const DEFAULT_DEPTH = 60;

/**
 * The shortest conversation that was found from the beginning to a state. The process can do something else meanwhile.
 * @param key the state, as `stateKey` names it
 */
export async function findWay(
  original: AnyStateMachine,
  key: string,
  options: Omit<ExploreOptions, 'silence' | 'onProgress'>,
): Promise<WaySearch> {
  const { budget = DEFAULT_BUDGET, maxDepth = DEFAULT_DEPTH, seed = 1, samples = [] } = options;
  const now = options.now ?? Date.UTC(2026, 0, 1);
  const dialogue = copyDialogue(original, { isUnwatched: true });
  const runner = new PureRunner(dialogue, options);
  const search = new Search(dialogue, {
    runner,
    inputs: new Inputs(runner, samples, now),
    endings: (src, input) => endingsOf(options.services?.[src], src, input),
    wanted: new Set([key]),
    behind: () => new Set(),
    onProgress: atRest,
    budget,
    maxDepth,
    onStep: () => {},
    random: randomOf(seed),
    now,
  });
  await search.run();
  const node = search.reached.get(key);
  const needs = [...search.needs].toSorted();
  if (node === undefined) return { way: undefined, needs };
  const way = pathTo(node).map(({ event, state, parent }) => ({
    event: event as ExploreEvent,
    before: parent?.state,
    after: state,
  }));
  const script = scriptOf(way);
  const transcript = await replay(dialogue, script, { now, runner: options });
  return { way: { ...script, transcript }, needs };
}
