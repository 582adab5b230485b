// A program may export what the library gives it: its declarations name nothing that it cannot import.
import {
  commandIntents,
  createRunner,
  createContextStore,
  integer,
  setupDialogue,
  text,
} from 'colloquy';
import { createWebhook } from 'colloquy/channels/webhook';
import { jsonWebhook } from 'colloquy/channels/json';
import { fromPromise } from 'xstate';
export const words = setupDialogue({
  types: {} as { context: { name?: string; n?: number } },
  intents: commandIntents,
  events: { paid: {} as { orderId: string } },
  actors: { price: fromPromise(async () => 1) },
});
export const { ask, choose, confirm, form, reply, assign, createDialogue } = words;
export const question = words.ask({ question: '?', parse: integer(), assign: 'n', target: 'b' });
export const choice = words.choose({
  question: '?',
  options: ['a', 'b'],
  target: [{ guard: ({ context }) => context.n === 1, target: 'x' }, { target: 'y' }],
});
export const filling = words.form({
  slots: { name: { question: '?', parse: text() } },
  target: 'b',
});
export const on = words.commands({ help: {}, cancel: { target: '.b' } });
export const hello = words.reply('hi');
export const setName = words.assign({ name: 'x' });
export const state = words.createStateConfig({ on: { 'message.text': 'b' } });
export const dialogue = words.createDialogue({
  id: 'd',
  context: {},
  initial: 'a',
  on,
  states: { a: question, b: words.done('x') },
});
export const runner = createRunner(dialogue);
export const store = createContextStore<{ a?: number }>();
export const channel = jsonWebhook({ secret: 'x' });
export const webhook = createWebhook(runner, channel);
