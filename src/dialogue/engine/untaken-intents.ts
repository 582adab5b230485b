import type { IntentMessage } from '../../message.ts';

/**
 * What messages were recognised to mean without any state taking it. An intent is offered to the dialogue before its
 * message, so a state that reads the message knows of a command that leads nowhere.
 */
const untaken = new WeakMap<object, Set<string>>();

/** Notes that no state took an intent; for any other event nothing happens. */
export function noteUntaken(event: { readonly type: string }): void {
  if (!event.type.startsWith('intent.')) return;
  const { message } = event as Partial<IntentMessage>;
  if (typeof message !== 'object' || message === null) return;
  const types = untaken.get(message) ?? new Set();
  untaken.set(message, types.add(event.type));
}

/** Whether a message was recognised as that intent, and no state took it. */
export function isUntaken(message: object, intent: string): boolean {
  return untaken.get(message)?.has(`intent.${intent}`) === true;
}
