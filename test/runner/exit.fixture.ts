import { fromPromise } from 'xstate';
import { createContextStore, createRunner, formatReply, setupDialogue } from 'colloquy';
import { memory } from 'colloquy/persist/memory';

// On the clock of the wall: a conversation with a timer for next month and a service that never ends, and a context
// that expires tomorrow. Neither the runner nor the store is stopped.
const words = setupDialogue({
  types: {} as { context: object },
  actors: { never: fromPromise(() => new Promise<never>(() => {})) },
});
const dialogue = words.createDialogue({
  id: 'left',
  context: {},
  initial: 'on',
  states: {
    on: { on: { 'message.text': { target: 'waiting', actions: words.reply('wait') } } },
    waiting: { invoke: { src: 'never' }, after: { [30 * 24 * 3_600_000]: 'on' } },
  },
});
const store = createContextStore({ persister: memory() });
const runner = createRunner(dialogue, { store, deadlineMs: 50 });
runner.on('reply', () => {});
await runner.start();
const turn = await runner.handle('u', 'x');
process.stdout.write(`said: ${turn.replies.map(formatReply).join()}\n`);
await store.update('v', (context) => context.setExpiry({ days: 1 }));
process.stdout.write('done\n');
