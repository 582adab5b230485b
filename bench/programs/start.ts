// The cost of a new process before its first answer.
import { library } from '../library.ts';
import { serve } from '../serve.ts';

const calls = {
  /** From before the import to the first reply, in milliseconds. */
  async colloquy(): Promise<number> {
    const start = performance.now();
    const { createRunner, setupDialogue } = await library();
    const { createDialogue, reply } = setupDialogue({ types: {} as { context: object } });
    const hello = createDialogue({
      id: 'hello',
      version: '1',
      context: {},
      on: { 'message.text': { actions: reply('Hello.') } },
    });
    const { replies } = await createRunner(hello).handle('user', 'hi');
    if (replies.length !== 1) throw new Error('There was no reply.');
    return performance.now() - start;
  },
  /** XState alone, to its first event. */
  async xstate(): Promise<number> {
    const start = performance.now();
    const { createActor, emit, setup } = await import('xstate');
    const actor = createActor(
      setup({}).createMachine({ on: { hi: { actions: emit({ type: 'reply' }) } } }),
    );
    let said = 0;
    actor.on('*', () => {
      said += 1;
    });
    actor.start().send({ type: 'hi' });
    if (said !== 1) throw new Error('There was no reply.');
    return performance.now() - start;
  },
};

export type StartCalls = typeof calls;

serve(calls);
