import {
  type ConversationView,
  type ModelCallEntry,
  type StudioRecording,
  type TurnEntry,
  WIRE_VERSION,
} from '../wire.ts';
import type { StudioEvent } from './desk.ts';

/** A recording of what a page would see now; undefined where there is no `hello` yet. */
export function recordingOf(
  events: readonly StudioEvent[],
  now: number,
): StudioRecording | undefined {
  const turns = new Map<number, TurnEntry>();
  const conversations = new Map<string, ConversationView>();
  const models = new Map<number, ModelCallEntry>();
  let hello: StudioRecording['hello'] | undefined;
  for (const event of events) {
    if (event.name === 'hello') hello = event.data;
    else if (event.name === 'turn') turns.set(event.data.turn, event.data);
    else if (event.name === 'model') models.set(event.data.call, event.data);
    else if (event.name === 'conversation') conversations.set(event.data.openid, event.data);
    else if (event.name === 'gone') conversations.delete(event.data.openid);
  }
  const [first] = turns.values();
  return (
    hello && {
      colloquy: 'recording',
      wire: WIRE_VERSION,
      recordedAt: now,
      hello: { ...hello, kind: 'recording', powers: [] },
      turns: [...turns.values()],
      dropped: (first?.turn ?? 1) - 1,
      conversations: [...conversations.values()],
      models: [...models.values()],
    }
  );
}
