/** A bot in workerd, where timers were numbers before 2026-02-10. `workerd test` calls `test`, and fails where it throws. */
import { createContextStore, createRunner, jsonCodec, sealed, setupDialogue, text } from 'colloquy';
import { telegram } from 'colloquy/channels/telegram';
import { createWebhook } from 'colloquy/channels/webhook';
import { createDisk, memory } from 'colloquy/persist/memory';

const { ask, createDialogue, done } = setupDialogue({
  types: {} as { context: { name?: string } },
});
const greeter = createDialogue({
  id: 'greeter',
  version: '1',
  context: {},
  initial: 'name',
  states: {
    name: ask({
      question: 'Name?',
      parse: text(),
      assign: 'name',
      target: 'known',
      timeout: { after: { minutes: 15 }, target: 'known' },
    }),
    known: done(({ context }) => `Hello ${context.name}, 你好.`),
  },
});

const worker = {
  async test(): Promise<void> {
    const codec = sealed(jsonCodec, {
      keys: [{ id: '1', secret: 's'.repeat(32) }],
      mode: 'encrypt',
    });
    const store = createContextStore({ persister: memory(createDisk()), codec, age: 3600 });
    const runner = createRunner(greeter, { store });
    const handler = createWebhook(runner, telegram({ token: '1:a', secret: 's' }));
    const works: Promise<unknown>[] = [];
    for (const [said, expected] of [
      ['hi', 'Name?'],
      ['Ann', 'Hello Ann, 你好.'],
    ] as const) {
      const host = { waitUntil: (work: Promise<unknown>) => void works.push(work) };
      const response = await handler(update(said), {}, host);
      const answer = (await response.json()) as { readonly text?: unknown };
      if (answer.text !== expected) throw new Error(`${expected} ≠ ${JSON.stringify(answer)}`);
    }
    await Promise.all(works);
    if (works.length !== 2) throw new Error(`${works.length} works`);
    await runner.stop();
    await store.close();
  },
};
// eslint-disable-next-line import/no-default-export -- what workerd looks for
export default worker;

function update(said: string): Request {
  const from = { id: 7, is_bot: false, first_name: 'Ann' };
  const id = said.length;
  const message = { message_id: id, date: 1, chat: { id: 7, type: 'private' }, from, text: said };
  return new Request('http://bot.example/', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': 's' },
    body: JSON.stringify({ update_id: id, message }),
  });
}
