import { appendFileSync } from 'node:fs';
import { createContextStore, createRunner, setupDialogue } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';

/**
 * A process that says something to everyone, from where the one before it was killed: `broadcast.fixture.ts PATH LEDGER`. It
 * writes down who hears what, and under which id, before the runner knows that it was taken.
 */
const [path = '', ledger = ''] = process.argv.slice(2);

const USERS = 400;

const words = setupDialogue({ types: {} as { context: { n?: number } } });
const echo = words.createDialogue({
  id: 'echo',
  version: '1',
  context: {},
  on: { 'message.text': { actions: words.reply('Hello.') } },
});

const store = createContextStore({ persister: lmdb(path) });
const runner = createRunner(echo, { store });
runner.on('reply', ({ openid, id }) => {
  appendFileSync(ledger, `${openid} ${id}\n`);
  process.send?.({ type: 'heard' });
});
if (!(await store.exists(`user-${USERS - 1}`))) {
  const openids = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  await Promise.all(openids.map((openid) => runner.handle(openid, 'hi')));
}
await runner.start();
const progress = await runner.broadcast(
  ({ openid }) => openid !== 'user-7',
  ({ openid }) => `News for ${openid}.`,
  { id: 'news', perSecond: 1000 },
);
await runner.stop();
await store.close();
process.send?.({ type: 'done', progress }, () => process.disconnect());
