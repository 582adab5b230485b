import { type AnyStateMachine, type AnyStateNode, spawnChild } from 'xstate';
import { UsageError } from '../errors.ts';
import type { Step } from './engine.ts';
import { Level, Run } from './run.ts';
import { Entering, type Snapshot, compile, revive } from './stepped.ts';

/**
 * Starts a dialogue in any of its states, as if it had just come there: the states down to it are entered, with their
 * entry actions, delays and what they invoke; none of the way that leads there is.
 * @param state the path of a state, `booking.date`; of several regions their paths, joined by `, `
 * @param input what the dialogue makes its initial context of
 * @param context goes over that
 * @throws UsageError `bad_state` for a path that leads nowhere
 * @throws StepError as a step does
 */
export function enterAt(
  dialogue: AnyStateMachine,
  state: string,
  { input, context }: { readonly input: unknown; readonly context: object },
): Step {
  const logic = compile(dialogue);
  const { root } = logic.machine as { readonly root: AnyStateNode };
  const target = state.split(',').map((path) => nodeAt(root, path.trim()));
  // XState enters the other regions of a parallel state with one, but not those of the outermost.
  if (root.type === 'parallel') {
    for (const region of Object.values(root.states) as AnyStateNode[]) {
      if (!target.some(({ path }) => path[0] === region.key)) target.push(region);
    }
  }
  const { context: initial } = logic.machine.config as {
    readonly context: (args: { readonly input: unknown }) => object;
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
  const snapshot = { ...base, _nodes: [root], context: { ...initial({ input }), ...context } };
  const invoked = root.invoke.map((each) =>
    spawnChild(each.src as never, { ...each, syncSnapshot: false } as never),
  );
  const run = new Run();
  const level = new Level(logic, '', snapshot as unknown as Snapshot);
  const entering = new Entering([
    {
      source: root,
      target,
      actions: [...root.entry, ...invoked],
      eventType: Entering.TYPE,
      reenter: false,
      toJSON: undefined,
    },
  ]);
  run.direct(level, entering, '');
  return { next: run.finish(level), effects: run.effects, handled: true };
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
