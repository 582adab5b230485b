/** A bot for a runtime that has nothing of Node.js. It prints what it answers. */
import {
  createContextStore,
  createRunner,
  formatReply,
  jsonCodec,
  sealed,
  setupDialogue,
  text,
} from 'colloquy';
import { type Channel, createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';
import { fromPromise } from 'xstate';

const { exit } = globalThis as unknown as { readonly exit: (code: number) => void };

const { ask, createDialogue, done, service } = setupDialogue({
  types: {} as { context: { name?: string; greeting?: string } },
  actors: {
    greet: fromPromise<string, string>(({ input }) => Promise.resolve(`Hello ${input}, 你好.`)),
  },
});
const dialogue = createDialogue({
  id: 'greeting',
  version: '1',
  context: {},
  initial: 'name',
  states: {
    name: ask({
      question: 'Name?',
      parse: text(),
      assign: 'name',
      target: 'greet',
      timeout: { after: { minutes: 15 }, target: 'end' },
    }),
    greet: service({
      src: 'greet',
      input: ({ context }) => context.name ?? '',
      assign: 'greeting',
      done: 'end',
      failed: 'end',
    }),
    end: done(({ context }) => context.greeting ?? ''),
  },
});

const echo: Channel = {
  name: 'echo',
  prefix: 'ü',
  async receive(request) {
    const body = new TextDecoder().decode(await request.readBody());
    return {
      type: 'messages',
      messages: [{ openid: 'ü'.repeat(250), message: { type: 'message.text', text: body } }],
      acknowledge: { status: 200, body: '' },
      render: (replies) => ({
        answer: { status: 200, body: replies.map(formatReply).join() },
        unsent: [],
      }),
    };
  },
};

const store = createContextStore({
  persister: memory(createDisk()),
  age: 3600,
  maxContextBytes: 200,
});
const runner = createRunner(dialogue, { store });
const handler = createWebhook(runner, echo);

async function post(body: string): Promise<void> {
  const response = await handler(new Request('http://bot.example/', { method: 'POST', body }));
  print(response.status, await response.text());
}

await post('hi');
await post('Ann');
await runner.handle('bob', 'hi');
// Over the limit, and nothing listens for the error.
print((await runner.handle('bob', 'B'.repeat(300))).outcome);
const told = await runner.broadcast(() => true, 'News!', { id: 'news', perSecond: 100 });
print('told', told.said);
try {
  sealed(jsonCodec, { keys: [{ id: 'k', secret: 's'.repeat(32) }], mode: 'sign' });
} catch (error) {
  print(String(error));
}
await runner.stop();
await store.close();
exit(0);

function print(...parts: readonly unknown[]): void {
  // eslint-disable-next-line no-console -- what it has instead of stdout
  console.log(parts.join(' '));
}
