import { library } from '../library.ts';
import { type System, namesOf } from '../system.ts';

/** The whole `handle()` of the same dialogue, written as the guide teaches it: in `ask` and `confirm`. */
export async function open(users: number): Promise<System> {
  const { createContextStore, createRunner, integer, setupDialogue, text } = await library();
  const { ask, assign, confirm, createDialogue, reply } = setupDialogue({
    types: {} as { context: { rounds: number; name?: string; age?: number } },
  });
  const survey = createDialogue({
    id: 'survey',
    context: { rounds: 0 },
    initial: 'idle',
    states: {
      idle: { on: { 'message.text': { target: 'name' } } },
      name: ask({
        question: 'What is your name?',
        parse: text(),
        assign: 'name',
        target: 'age',
      }),
      age: ask({
        question: 'How old are you?',
        parse: integer(),
        retry: 'A number, please.',
        assign: 'age',
        target: 'sure',
      }),
      sure: confirm({
        question: ({ context: { name, age } }) => `${name}, ${age}. Is that right?`,
        no: 'name',
        yes: {
          target: 'idle',
          actions: [
            assign({ rounds: ({ context }) => context.rounds + 1 }),
            reply(({ context: { name, rounds } }) => `Thank you, ${name}: round ${rounds}.`),
          ],
        },
      }),
    },
  });
  const store = createContextStore({ max: users });
  const runner = createRunner(survey, { store });
  const openids = namesOf(users);
  let ids = 0;
  return {
    async turn(user, said) {
      ids += 1;
      const turn = await runner.handle(openids[user] as string, said, { id: `m${ids}` });
      const [answer] = turn.replies;
      return answer?.type === 'text' || answer?.type === 'choices' ? answer.text : turn.outcome;
    },
    async close() {
      await runner.stop();
      await store.close();
    },
  };
}
