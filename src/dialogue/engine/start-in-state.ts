import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { UsageError } from '../../errors.ts';
import type { Step } from './engine.ts';
import { withStep } from '../text/current-step.ts';
import { nodesOf } from './machine-walk.ts';
import { DialogueTree } from './dialogue-tree.ts';
import { Level } from './level.ts';
import { Entering, beforehand, compile } from './stepped-machine.ts';

/**
 * Starts a dialogue in any of its states, as if it had just entered it: with the entry actions, delays and invoked actors
 * of the states from the root down to it, and without the way that leads there.
 * @param state the path of a state, `booking.date`; for several regions their paths, joined by `, `; `order > which` for
 *   one in a sub-dialogue that a state invokes
 * @param about `input` is for the initial context, and `context` goes over that; sub-dialogues get their own input
 * @throws UsageError `bad_state` if there is no such state
 * @throws StepError as a step does
 */
export function startInState(
  dialogue: AnyStateMachine,
  state: string,
  about: { readonly input: unknown; readonly context: object; readonly now: number },
): Step {
  const paths = new Map<Level, StartPaths>();
  const tree = new DialogueTree((child, input) => {
    const inner = child.parent && paths.get(child.parent)?.take(child);
    if (inner === undefined) return false;
    startLevel(child, inner, input, {});
    return true;
  });
  const startLevel = (level: Level, at: string, input: unknown, context: object): void => {
    const own = new StartPaths(at);
    paths.set(level, own);
    const { config } = level.logic.machine as {
      readonly config: { readonly context: (args: { readonly input: unknown }) => object };
    };
    level.snapshot = beforehand(level.logic, {
      context: { ...config.context({ input }), ...context },
    });
    tree.direct(level, entering(level, own.paths), '');
    own.checkTaken();
  };
  const root = new Level(compile(dialogue), undefined);
  return withStep(about.now, () => {
    startLevel(root, state, about.input, about.context);
    return { next: tree.finish(root), effects: tree.effects, handled: true };
  });
}

/** Where a dialogue starts: the paths of its own states, and behind them those within sub-dialogues. */
class StartPaths {
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

  /** Where a sub-dialogue starts that was just invoked; undefined for its initial state. */
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

  /** @throws UsageError `bad_state` if a state invoked no sub-dialogue although a path goes through one */
  checkTaken(): void {
    for (const [outer, inner] of this.#inner) {
      throw new UsageError(
        'bad_state',
        `There is no state '${outer} > ${inner}' to begin in: '${outer}' invokes no sub-dialogue.`,
      );
    }
  }
}

function entering({ logic }: Level, paths: readonly string[]): Entering {
  const { root } = logic.machine as { readonly root: AnyStateNode };
  const target = paths.map((path) => nodeAt(root, path));
  // With one region of a parallel state XState enters the others too, except in the root.
  if (root.type === 'parallel') {
    for (const region of Object.values(root.states) as AnyStateNode[]) {
      if (!target.some(({ path }) => path[0] === region.key)) target.push(region);
    }
  }
  return new Entering(root, target);
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
