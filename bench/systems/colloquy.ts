import type { ContextStoreOptions } from 'colloquy';
import { library } from '../library.ts';
import { survey } from '../survey.ts';
import { type System, namesOf } from '../system.ts';

/** The whole `handle()`: lane, dedupe, commit, events, timers. Every message has a new id. */
export async function open(users: number, options: ContextStoreOptions = {}): Promise<System> {
  const { createContextStore, createRunner } = await library();
  const store = createContextStore({ max: users, ...options });
  const runner = createRunner(survey, { store });
  const openids = namesOf(users);
  let ids = 0;
  return {
    async turn(user, text) {
      ids += 1;
      const turn = await runner.handle(openids[user] as string, text, { id: `m${ids}` });
      const [reply] = turn.replies;
      return reply?.type === 'text' ? reply.text : turn.outcome;
    },
    async close() {
      await runner.stop();
      await store.close();
    },
  };
}
