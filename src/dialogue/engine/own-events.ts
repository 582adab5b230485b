import type { AnyStateMachine } from 'xstate';
import { UsageError } from '../../errors.ts';
import { isKeyed, kindOf } from '../../internal/closed.ts';
import { MESSAGE_TYPES } from '../../message.ts';
import { INTENT_NAME } from './intents.ts';

/** The key of the declared events in the config of a machine; setupDialogue() puts it into each machine that it makes. */
const EVENTS: unique symbol = Symbol.for('colloquy.events');

/**
 * The part of a machine config that carries the events which the dialogue declares.
 * @throws UsageError `bad_option`
 */
export function withEvents(events: unknown = {}): object {
  if (!isKeyed(events)) {
    throw new UsageError('bad_option', `\`events\` is an object; it got ${kindOf(events)}.`);
  }
  for (const [name, payload] of Object.entries(events)) {
    const problem = problemOf(name, payload);
    if (problem === undefined) continue;
    throw new UsageError('bad_option', problem, { details: { event: name } });
  }
  return { [EVENTS]: Object.freeze(Object.keys(events)) };
}

function problemOf(name: string, payload: unknown): string | undefined {
  if (!INTENT_NAME.test(name) || name.startsWith('event.')) {
    return `An event is named by letters, digits, '_' and '-', in parts joined by '.', as in 'order.paid'; '${name}' is not. Leave out the 'event.' before it, too.`;
  }
  if (MESSAGE_TYPES.has(`event.${name}`)) {
    return `'event.${name}' is an event of the library, which every dialogue takes. Give yours another name.`;
  }
  if (isKeyed(payload)) return undefined;
  return `Event '${name}' is declared by an object, as {} or {} as { orderId: string }; it got ${kindOf(payload)}.`;
}

/** The names of the events that one machine declares; undefined for a machine that setupDialogue() did not make. */
export function eventNamesOf(machine: AnyStateMachine): readonly string[] | undefined {
  return (machine.config as { readonly [EVENTS]?: readonly string[] })[EVENTS];
}
