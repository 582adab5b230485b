import { type AnyStateMachine, type AnyStateNode, spawnChild } from 'xstate';
import { UsageError } from '../../errors.ts';
import type { Step } from './engine.ts';
import { withStep } from '../text/current-step.ts';
import { nodesOf } from './machine-walk.ts';
import { Level, Run } from './dialogue-tree.ts';
import type { Snapshot } from './child-ref.ts';
import { Entering, compile, revive } from './stepped-machine.ts';

/**
 * Starts a dialogue in any of its states, as if it had just come there: the states down to it are entered, with their
 * entry actions, delays and what they invoke; none of the way that leads there is.
 * @param state the path of a state, `booking.date`; of several regions their paths, joined by `, `; in a sub-dialogue
 *   that a state invokes `order > which`
 * @param input what the dialogue makes its initial context of; sub-dialogues have theirs from it
 * @param context goes over that
 * @param when the time that it is, in epoch ms
 * @throws UsageError `bad_state` for a path that leads nowhere
 * @throws StepError as a step does
 */
export function enterAt(
  dialogue: AnyStateMachine,
  state: string,
  {
    input,
    context,
    when,
  }: { readonly input: unknown; readonly context: object; readonly when: number },
): Step {
  const places = new Map<Level, Place>();
  const run = new Run((_, child, childInput) => {
    const inner = child.parent && places.get(child.parent)?.take(child);
    if (inner === undefined) return false;
    enterLevel(child, inner, childInput, {});
    return true;
  });
  const enterLevel = (level: Level, at: string, given: unknown, over: object): void => {
    const place = new Place(at);
    places.set(level, place);
    level.snapshot = beforehand(level, given, over);
    run.direct(level, entering(level, place.paths), '');
    place.checkTaken();
  };
  const level = new Level(compile(dialogue), '', undefined);
  withStep(when, () => enterLevel(level, state, input, context));
  return { next: run.finish(level), effects: run.effects, handled: true };
}

/** Where a dialogue is to begin: the paths of its own states, and behind them those within sub-dialogues. */
class Place {
  readonly paths: readonly string[];
  readonly #inner = new Map<string, string>();

  constructor(state: string) {
    const paths = state.split(',').map((path) => {
      const [outer = '', ...inner] = path.split('>').map((part) => part.trim());
      if (inner.length > 0) {
        const others = this.#inner.get(outer);
        const deeper = inner.join(' > ');
        this.#inner.set(outer, others === undefined ? deeper : `${others}, ${deeper}`);
      }
      return outer;
    });
    this.paths = [...new Set(paths)];
  }

  /** Where a sub-dialogue that is just invoked is to begin; undefined for its initial state. */
  take({ id, parent }: Level): string | undefined {
    const root = parent?.logic.machine.root as AnyStateNode;
    const invoker = [...nodesOf(root)].find(({ invoke }) => invoke.some((each) => each.id === id));
    for (const [outer, inner] of this.#inner) {
      if (!`${outer}.`.startsWith([...(invoker?.path ?? []), ''].join('.'))) continue;
      this.#inner.delete(outer);
      return inner;
    }
    return undefined;
  }

  /** @throws UsageError `bad_state` where a state was to have a sub-dialogue, and has none */
  checkTaken(): void {
    for (const [outer, inner] of this.#inner) {
      throw new UsageError(
        'bad_state',
        `There is no state '${outer} > ${inner}' to begin in: '${outer}' invokes no sub-dialogue.`,
      );
    }
  }
}

/** A dialogue that is in none of its states yet. */
function beforehand({ logic }: Level, input: unknown, over: object): Snapshot {
  const { root, config } = logic.machine as {
    readonly root: AnyStateNode;
    readonly config: { readonly context: (args: { readonly input: unknown }) => object };
  };
  const base = revive(logic, {
    status: 'active',
    value: {},
    output: undefined,
    error: undefined,
    context: {},
    children: {},
    historyValue: {},
  });
  const context = { ...config.context({ input }), ...over };
  return { ...base, _nodes: [root], context } as unknown as Snapshot;
}

function entering({ logic }: Level, paths: readonly string[]): Entering {
  const { root } = logic.machine as { readonly root: AnyStateNode };
  const target = paths.map((path) => nodeAt(root, path));
  // XState enters the other regions of a parallel state with one, but not those of the outermost.
  if (root.type === 'parallel') {
    for (const region of Object.values(root.states) as AnyStateNode[]) {
      if (!target.some(({ path }) => path[0] === region.key)) target.push(region);
    }
  }
  const invoked = root.invoke.map((each) =>
    spawnChild(each.src as never, { ...each, syncSnapshot: false } as never),
  );
  return new Entering(root, target, [...root.entry, ...invoked]);
}

function nodeAt(root: AnyStateNode, path: string): AnyStateNode {
  let node = root;
  for (const key of path.split('.')) {
    const states = node.states as Record<string, AnyStateNode>;
    const next = Object.hasOwn(states, key) ? states[key] : undefined;
    if (next === undefined || next.type === 'history') throw badState(root, node, path);
    node = next;
  }
  return node;
}

function badState(root: AnyStateNode, node: AnyStateNode, path: string): UsageError {
  const within = node === root ? 'The dialogue' : `Its state '${node.path.join('.')}'`;
  const known = (Object.values(node.states) as AnyStateNode[])
    .filter(({ type }) => type !== 'history')
    .map(({ key }) => `'${key}'`);
  return new UsageError(
    'bad_state',
    `There is no state '${path}' to begin in. ${within} has ${known.length === 0 ? 'no states within' : known.join(', ')}.`,
  );
}
