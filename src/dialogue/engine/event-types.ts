import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { didYouMean } from '../../internal/closed.ts';
import { MESSAGE_TYPES } from '../../message.ts';
import { intentNamesOf } from './intents.ts';
import { machinesOf, nodesOf } from './machine-walk.ts';
import { eventNamesOf } from './own-events.ts';

/** Finds the event types in `on` that can never come. */

/** Why no event of a type can come, with a remedy; undefined if one can. */
export type EventTypeCheck = (type: string) => readonly [found: string, remedy: string] | undefined;

/** The commands that the library's own states take, whether or not the dialogue recognises them. */
export const COMMANDS: readonly string[] = ['help', 'cancel', 'back', 'restart'];

/** The events of XState, of a question and of a service: no message has such a type. */
const INNER = /^(?:xstate|ask|service)\./;

/** @param whole the dialogue with all its sub-dialogues, which may send to each other */
export function eventTypeCheck(
  machine: AnyStateMachine,
  whole: Iterable<AnyStateMachine>,
): EventTypeCheck {
  const family = [...machinesOf(machine)];
  const intents = [...COMMANDS, ...family.flatMap(intentNamesOf)].map((name) => `intent.${name}`);
  const declaresIntents = intentNamesOf(machine).length > 0;
  const events = family.flatMap((each) => eventNamesOf(each) ?? []).map((name) => `event.${name}`);
  // A machine of XState's own has no other place to declare an event than its `on`.
  const declaresEvents = eventNamesOf(machine) !== undefined;
  const known = new Set([...MESSAGE_TYPES, ...events, ...(declaresIntents ? intents : [])]);
  const sent = sentBy(whole);
  return (type) => {
    if (INNER.test(type) || isKnown(type, known)) return undefined;
    // Nothing but a channel makes a message.
    if (type.startsWith('message.')) return noEvent(type, known);
    if (sent === 'any' || sent.has(type)) return undefined;
    if (type.startsWith('intent.')) return declaresIntents ? noIntent(type, known) : undefined;
    if (type.startsWith('event.') && !declaresEvents) return undefined;
    return noEvent(type, known);
  };
}

function isKnown(type: string, known: ReadonlySet<string>): boolean {
  if (!type.endsWith('*')) return known.has(type);
  if (type === 'intent.*') return true;
  const start = type.slice(0, -1);
  return [...known].some((each) => `${each}.`.startsWith(start));
}

function noIntent(type: string, known: ReadonlySet<string>): readonly [string, string] {
  return [
    `no intent is declared for '${type}'${didYouMean(type, known)}`,
    'Declare it under `intents` in setupDialogue(), as `{}` where it is recognised elsewhere.',
  ];
}

function noEvent(type: string, known: ReadonlySet<string>): readonly [string, string] {
  return [
    `no event has the type '${type}'${didYouMean(type, [...known, 'message.*', 'event.*', 'intent.*'])}`,
    "A dialogue takes 'message.…' and 'event.…' as docs/channel-events.md lists them. Declare an event of your own under `events` in setupDialogue(), and what is recognised in messages under `intents`.",
  ];
}

/**
 * The types that actions of the machines raise or send; `any` if a machine of XState's own decides it as it runs. In a
 * dialogue of setupDialogue(), the types of TypeScript leave only declared ones.
 */
function sentBy(machines: Iterable<AnyStateMachine>): ReadonlySet<string> | 'any' {
  const sent = new Set<string>();
  for (const machine of machines) {
    const isClosed = eventNamesOf(machine) !== undefined;
    const named = Object.values(machine.implementations.actions as Record<string, unknown>);
    for (const action of [...named, ...[...nodesOf(machine.root)].flatMap(actionsIn)]) {
      const type = sentType(action);
      if (type === 'any' && !isClosed) return 'any';
      if (type !== undefined) sent.add(type);
    }
  }
  return sent;
}

function actionsIn(node: AnyStateNode): readonly unknown[] {
  const transitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
  const { initial } = node.config as { readonly initial?: { readonly actions?: unknown } };
  const all = transitions.map(({ actions }) => actions);
  return [node.entry, node.exit, initial?.actions, ...all].flat();
}

function sentType(action: unknown): string | undefined {
  if (typeof action !== 'function' || !('type' in action)) return undefined;
  const { type, event } = action as { readonly type: unknown; readonly event?: unknown };
  if (type === 'xstate.enqueueActions') return 'any';
  if (type !== 'xstate.raise' && type !== 'xstate.sendTo') return undefined;
  const sent = (event as { readonly type?: unknown } | undefined)?.type;
  return typeof event === 'object' && typeof sent === 'string' ? sent : 'any';
}
