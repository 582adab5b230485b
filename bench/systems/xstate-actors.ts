import { createActor } from 'xstate';
import { survey } from '../survey.ts';
import type { System } from '../system.ts';

/** A live actor for each user, without lane, ids or record; nothing could be stored. */
export function open(users: number): System {
  let said = '';
  const actors = Array.from({ length: users }, () => {
    const actor = createActor(survey);
    actor.on('reply', ({ reply }) => {
      said = reply;
    });
    return actor.start();
  });
  return {
    turn(user, text) {
      actors[user]?.send({ type: 'message.text', text });
      return said;
    },
  };
}
