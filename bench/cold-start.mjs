// How long a new process takes to its first turn over so many stored conversations, and what it then weighs.
// node bench/cold-start.mjs [conversations, default 1 000 000]: seeds an LMDB in a temp folder, then starts a process on it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [role = 'main', folder = '', count = ''] = process.argv.slice(2);
if (role === 'seed') await seed();
else if (role === 'serve') await serve();
else await measure(Number(role === 'main' ? 1_000_000 : role));

async function measure(conversations) {
  const place = mkdtempSync(join(tmpdir(), 'colloquy-cold-'));
  try {
    for (const step of ['seed', 'serve']) {
      const child = fork(fileURLToPath(import.meta.url), [step, place, String(conversations)], {
        execArgv: ['--expose-gc'],
      });
      const [code] = await once(child, 'exit');
      if (code !== 0) process.exit(1);
    }
  } finally {
    rmSync(place, { recursive: true });
  }
}

async function open() {
  const { createContextStore, createRunner, setupDialogue, text } =
    await import('../dist/index.js');
  const { lmdb } = await import('../dist/persist/lmdb.js');
  const words = setupDialogue({});
  const survey = words.createDialogue({
    id: 'survey',
    version: '1',
    context: { n: 0 },
    initial: 'name',
    states: {
      name: words.ask({ question: 'Your name?', parse: text(), assign: 'name', target: 'known' }),
      known: {
        // Due far away, as expiries and reminders are.
        after: { [30 * 24 * 3_600_000]: 'name' },
        on: { 'message.text': { actions: words.reply(({ context }) => `Hello ${context.name}.`) } },
      },
    },
  });
  const store = createContextStore({ persister: lmdb(folder), max: 100_000, age: 365 * 24 * 3600 });
  const runner = createRunner(survey, { store });
  return { store, runner };
}

async function seed() {
  const { store, runner } = await open();
  const total = Number(count);
  const startedAt = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < total) {
      const openid = `user-${next++}`;
      await runner.handle(openid, 'hi', { id: 'm1' });
      if (next % 2 === 0) await runner.handle(openid, 'Ann', { id: 'm2' });
    }
  };
  await Promise.all(Array.from({ length: 256 }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`seeded ${total} conversations, ${((total * 1.5) / seconds).toFixed(0)} turns/s`);
  await runner.stop();
  await store.close();
}

async function serve() {
  const startedAt = performance.now();
  const { store, runner } = await open();
  const opened = performance.now();
  const starting = runner.start();
  const turn = await runner.handle('user-1', 'Bob', { id: 'cold' });
  const answered = performance.now();
  await starting;
  const ready = performance.now();
  if (turn.outcome !== 'replied' && turn.outcome !== 'silent') throw new Error(turn.outcome);
  const at = (moment) => `${(moment - startedAt).toFixed(0)} ms`;
  console.log(
    `opened after ${at(opened)}, first turn answered after ${at(answered)}, start() done after ${at(ready)}`,
  );
  globalThis.gc();
  const before = process.memoryUsage();
  for (let user = 0; user < 10_000; user += 1)
    await runner.handle(`user-${user}`, 'x', { id: 'x' });
  globalThis.gc();
  const after = process.memoryUsage();
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
  console.log(
    `heap ${mib(before.heapUsed)} MiB over ${count} stored, ${mib(after.heapUsed)} MiB after 10 000 were touched ` +
      `(${((after.heapUsed - before.heapUsed) / 10_000).toFixed(0)} bytes each); in memory: ${store.stats().records}`,
  );
  await runner.stop();
  await store.close();
}
