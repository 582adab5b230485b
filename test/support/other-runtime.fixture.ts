/** A bot over LMDB with sealed records, for runtimes other than Node.js. It prints what was said, and what an error prints. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  StepError,
  createContextStore,
  createRunner,
  formatReply,
  jsonCodec,
  sealed,
  setupDialogue,
  text,
} from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';

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

const folder = mkdtempSync(join(tmpdir(), 'colloquy-'));
const codec = sealed(jsonCodec, {
  keys: [{ id: '1', secret: 's'.repeat(32) }],
  mode: 'encrypt',
});

async function say(message: string): Promise<void> {
  const store = createContextStore({ persister: lmdb(folder), codec });
  const runner = createRunner(greeter, { store });
  await runner.start();
  const { replies } = await runner.handle('ann', message);
  process.stdout.write(`${replies.map(formatReply).join()}\n`);
  await runner.stop();
  await store.close();
}

await say('hi');
await say('Ann');
rmSync(folder, { recursive: true });
// eslint-disable-next-line no-console -- what a console prints is the point
console.log(new StepError('step_failed', 'It threw.', { cause: new Error('my PIN is 1234') }));
