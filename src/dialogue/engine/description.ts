import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate';
import { type WordsOptions, wordsOptionsOf } from '../text/localize.ts';
import { isCommand } from './command-region.ts';
import { type ActorKind, actorsOf, machinesOf, nodesOf } from './machine-walk.ts';
import { type Question, questionOf } from './question.ts';
import { serviceOf } from './service-mark.ts';

/** Dialogues, states and transitions without XState's types: what diagrams, the linter, coverage and the like read. */

export interface DialogueDescription {
  readonly id: string;
  readonly machine: AnyStateMachine;
  readonly root: StateDescription;
  /** All states, each before those within it. */
  readonly states: readonly StateDescription[];
  /** The initial context, or the function that makes it. */
  readonly context: unknown;
  /** The `words` of setupDialogue(). */
  readonly words: WordsOptions<never> | undefined;
  /** Its sub-dialogues, by the names under which they are provided. */
  readonly dialogues: ReadonlyMap<string, AnyStateMachine>;
  /** The guards that are provided by name. */
  readonly guards: Readonly<Record<string, unknown>>;
}

export interface StateDescription {
  /** The id of the dialogue or sub-dialogue that has the state. */
  readonly dialogue: string;
  readonly id: string;
  readonly key: string;
  /** The keys from the root down to it, joined by dots; '' for the root. */
  readonly path: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent: StateDescription | undefined;
  readonly children: readonly StateDescription[];
  /** Where a compound state begins. Of a history state: where it leads the first time, if that is given. */
  readonly initial: readonly StateDescription[];
  /** Its transitions by event, without those of `always`. */
  readonly on: ReadonlyMap<string, readonly TransitionDescription[]>;
  readonly always: readonly TransitionDescription[];
  /** All its transitions, those of `always` last. */
  readonly transitions: readonly TransitionDescription[];
  /** The actions of its entry, its exit and its transitions. */
  readonly actions: readonly unknown[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly invokes: readonly InvokeDescription[];
  /** What the state asks, if it is a question. */
  readonly question: Question | undefined;
  /** The service that the state runs, if it is a state of `service`. */
  readonly service: string | undefined;
  /** The state as it was written. */
  readonly definition: object;
}

export interface TransitionDescription {
  readonly source: StateDescription;
  /** '' for one of `always`. */
  readonly event: string;
  /** Its index among the transitions of the state on the same event. */
  readonly index: number;
  /** Undefined for a transition that stays where it is. */
  readonly targets: readonly StateDescription[] | undefined;
  /** Whether a target that the conversation is in is left, and entered again. */
  readonly reenter: boolean;
  readonly guard: unknown;
  readonly actions: readonly unknown[];
  readonly description: string | undefined;
  /** Whether `commands` made it. */
  readonly isCommand: boolean;
}

export interface InvokeDescription {
  readonly id: string;
  /** Undefined for an actor that is written inline. */
  readonly src: string | undefined;
  readonly kind: ActorKind | undefined;
  /** The machine of a sub-dialogue; the logic of a service. */
  readonly logic: unknown;
}

/** A transition as XState keeps it. */
export interface TransitionDefinition {
  readonly target: readonly AnyStateNode[] | undefined;
  readonly eventType: string;
  readonly reenter: boolean;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly description?: string | undefined;
}

interface Described extends DialogueDescription {
  readonly byNode: ReadonlyMap<AnyStateNode, StateDescription>;
  readonly byDefinition: ReadonlyMap<object, TransitionDescription>;
}

const known = new WeakMap<AnyStateMachine, Described>();

/** Whether the states within a state are the library's own: those of a question, or of a service with retries. */
export function isWhole({ question, service }: StateDescription): boolean {
  return question !== undefined || service !== undefined;
}

export function describeDialogue(machine: AnyStateMachine): DialogueDescription {
  return described(machine);
}

/** A dialogue and its sub-dialogues, the dialogue first. */
export function describeDialogues(dialogue: AnyStateMachine): readonly DialogueDescription[] {
  return [...machinesOf(dialogue)].map(described);
}

/** A dialogue or sub-dialogue that is under way. */
export interface ActiveDescription {
  readonly dialogue: DialogueDescription;
  readonly context: object;
  /** The states that it is in. */
  readonly states: readonly StateDescription[];
}

/** The dialogue of a snapshot and the sub-dialogues that run in it. */
export function describeSnapshot(snapshot: AnyMachineSnapshot): readonly ActiveDescription[] {
  const { machine, context, children, _nodes: nodes } = snapshot;
  const dialogue = described(machine);
  const states = nodes.map((node) => dialogue.byNode.get(node) as StateDescription);
  const inner = Object.values(children as Record<string, { snapshot?: AnyMachineSnapshot }>);
  return [
    { dialogue, context: context as object, states },
    ...inner.flatMap((child) => (child?.snapshot ? describeSnapshot(child.snapshot) : [])),
  ];
}

export function described(machine: AnyStateMachine): Described {
  let description = known.get(machine);
  if (description === undefined) {
    description = describe(machine);
    known.set(machine, description);
  }
  return description;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function describe(machine: AnyStateMachine): Described {
  const nodes = [...nodesOf(machine.root)];
  const actors = new Map(actorsOf(machine).map((actor) => [actor.name, actor]));
  const byDefinition = new Map<object, TransitionDescription>();
  const byNode = new Map(
    nodes.map((node): [AnyStateNode, Mutable<StateDescription>] => [
      node,
      {
        dialogue: machine.id,
        id: node.id,
        key: node.key,
        path: node.path.join('.'),
        type: node.type,
        parent: undefined,
        children: [],
        initial: [],
        on: new Map(),
        always: [],
        transitions: [],
        actions: [],
        entry: node.entry,
        exit: node.exit,
        invokes: node.invoke.map(({ id, src }) => {
          const actor = typeof src === 'string' ? actors.get(src) : undefined;
          return {
            id,
            src: typeof src === 'string' ? src : undefined,
            kind: actor?.kind,
            logic: actor?.logic,
          };
        }),
        question: questionOf(node.config),
        service: serviceOf(node.config),
        definition: node.config,
      },
    ]),
  );
  const stateOf = (node: AnyStateNode): StateDescription => byNode.get(node) as StateDescription;
  // States and transitions refer to each other, so what refers to another is filled in when all are there.
  for (const [node, state] of byNode) {
    const list = (definitions: readonly TransitionDefinition[]): TransitionDescription[] =>
      definitions.map((definition, index) => {
        const { eventType: event, target, guard, actions, description, reenter } = definition;
        const transition = {
          source: state,
          event,
          index,
          targets: target?.map(stateOf),
          reenter,
          guard,
          actions,
          description,
          isCommand: isCommand(definition),
        };
        byDefinition.set(definition, transition);
        return transition;
      });
    const definitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
    state.parent = node.parent && stateOf(node.parent);
    state.children = Object.values(node.states).map((child) => stateOf(child as AnyStateNode));
    state.initial = initialOf(node, nodes).map(stateOf);
    state.on = new Map([...node.transitions].map(([type, each]) => [type, list(each)]));
    state.always = list(node.always ?? []);
    state.transitions = [...[...state.on.values()].flat(), ...state.always];
    state.actions = [node.entry, node.exit, ...definitions.map(({ actions }) => actions)].flat();
  }
  const { config, implementations } = machine;
  return {
    id: machine.id,
    machine,
    root: stateOf(machine.root),
    states: [...byNode.values()],
    context: config.context as unknown,
    words: wordsOptionsOf(config),
    dialogues: new Map(
      [...actors].flatMap(([name, { kind, logic }]) =>
        kind === 'dialogue' ? [[name, logic as AnyStateMachine] as const] : [],
      ),
    ),
    guards: implementations.guards as Record<string, unknown>,
    byNode,
    byDefinition,
  };
}

function initialOf(node: AnyStateNode, nodes: readonly AnyStateNode[]): readonly AnyStateNode[] {
  if (node.type === 'compound') return node.initial.target as readonly AnyStateNode[];
  const { target } = node.config as { readonly target?: string };
  if (node.type !== 'history' || target === undefined) return [];
  const path = [...(node.parent?.path ?? []), target].join('.');
  return nodes.filter(({ id, path: own }) =>
    target.startsWith('#') ? `#${id}` === target : own.join('.') === path,
  );
}
