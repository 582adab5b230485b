import { setupDialogue } from 'colloquy';
import type { Model } from 'colloquy/model';
import { type AnyStateMachine, fromPromise } from 'xstate';

/** A desk that a model answers at: a price by a tool, anything else in words. */
export function createDesk(model: Model, system = 'You sell fruit.\nBe short.'): AnyStateMachine {
  const { assign, createDialogue, reply } = setupDialogue({
    types: {} as { context: { question?: string } },
    actors: {
      answer: fromPromise<string, string>(async ({ input, signal, self }) => {
        const { text } = await model.generate({
          messages: [
            { role: 'system', text: system },
            { role: 'user', text: input },
          ],
          signal,
          key: self.id,
        });
        return text;
      }),
    },
  });
  return createDialogue({
    id: 'desk',
    context: {},
    initial: 'ready',
    states: {
      ready: {
        on: {
          'message.text': {
            target: 'answering',
            actions: assign({ question: ({ event }) => event.text }),
          },
        },
      },
      answering: {
        invoke: {
          src: 'answer',
          input: ({ context }) => context.question ?? '',
          onDone: { target: 'ready', actions: reply(({ event }) => event.output) },
          onError: { target: 'ready', actions: reply('I cannot answer now.') },
        },
        on: { 'message.text': { target: 'ready', actions: reply('Never mind, then.') } },
      },
    },
  });
}
