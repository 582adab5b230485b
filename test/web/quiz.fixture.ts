import { createContextStore, createRunner } from 'colloquy';
import { createWebChat } from 'colloquy/channels/web';
import quiz from '../../examples/group-quiz/dialogue.ts';
import { persisterIn, serve, userOf } from './dying-server.ts';

/** The quiz of the examples in one room. */
const runner = createRunner(quiz, {
  store: createContextStore({ persister: persisterIn('quiz') }) as never,
});
const chat = createWebChat(runner, {
  getUser: (request) => ({ ...userOf(request), room: 'quiz' }),
  rate: { perMinute: 600, burst: 100 },
});
await runner.start();
await serve({ '/chat': chat });
