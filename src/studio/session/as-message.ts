import type { Message } from '../../message.ts';
import type { Incoming } from '../../runner/calls.ts';

/** A message as an object, as the page has them. */
export function asMessage(incoming: Incoming): Message {
  return typeof incoming === 'string'
    ? { type: 'message.text', text: incoming }
    : (incoming as Message);
}
