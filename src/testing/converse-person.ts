import type { Person } from '../message.ts';
import type { Incoming } from '../runner/calls.ts';

/** A message as this person sends it, unless it says itself who sent it. What is no message stays what it is. */
export function fromPerson(message: Incoming, from: Person | undefined): Incoming {
  if (from === undefined) return message;
  if (typeof message === 'string') return { type: 'message.text', text: message, from };
  if (typeof message !== 'object' || message === null || 'from' in message) return message;
  return { ...(message as Extract<Incoming, object>), from } as Incoming;
}
