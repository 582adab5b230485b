import { type Snapshot, createActor } from 'xstate';
import { survey } from '../survey.ts';
import { type System, namesOf } from '../system.ts';

/** A JSON snapshot for each user: parse, createActor, send, getPersistedSnapshot, stringify. */
export function open(users: number): System {
  const names = namesOf(users);
  const stored = new Map<string, string>();
  return {
    turn(user, text) {
      const name = names[user] as string;
      const { said, next } = step(stored.get(name), text);
      stored.set(name, next);
      return said;
    },
  };
}

/** Handles one message over a stored snapshot. */
export function step(
  stored: string | null | undefined,
  text: string,
): { readonly said: string; readonly next: string } {
  let said = '';
  const actor = stored
    ? createActor(survey, { snapshot: JSON.parse(stored) as Snapshot<unknown> })
    : createActor(survey);
  actor.on('reply', ({ reply }) => {
    said = reply;
  });
  actor.start();
  actor.send({ type: 'message.text', text });
  const next = JSON.stringify(actor.getPersistedSnapshot());
  actor.stop();
  return { said, next };
}
