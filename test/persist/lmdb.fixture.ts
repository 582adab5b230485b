import type { Persister } from 'colloquy';
import { ColloquyError } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';

// A separate process on a database: `lmdb.fixture.ts <task> <path>`. It closes nothing, and has to end nevertheless.
const [task = '', path = ''] = process.argv.slice(2);
const persister = lmdb(path, { shared: true });

/**
 * Adds one to a number that other processes add to, too; it tries again after a conflict, and does this a number of
 * times.
 */
async function increment(shelf: Persister): Promise<void> {
  for (;;) {
    const found = await shelf.load('counter');
    const body = String(Number(found?.body ?? 0) + 1);
    try {
      await shelf.save({ openid: 'counter', body, wakeAt: Number(body) }, found?.revision);
      return;
    } catch (error) {
      if (!ColloquyError.is(error, 'conflict')) throw error;
    }
  }
}

/** Keeps many saves under way all the time. */
function keepSaving(shelf: Persister): void {
  const save = async (openid: string): Promise<never> => {
    for (;;) {
      const found = await shelf.load(openid);
      await shelf.save({ openid, body: 'x'.repeat(500), wakeAt: 1 }, found?.revision);
    }
  };
  for (let user = 0; user < 32; user += 1) void save(`${process.pid}-${user}`);
}

if (task === 'increment') {
  for (let times = 0; times < 200; times += 1) await increment(persister);
  const body = 'big'.repeat(1_000_000);
  await persister.save({ openid: `big-${process.pid}`, body, wakeAt: 1 }, undefined);
} else if (task === 'idle') {
  // It lives for as long as its parent may send something.
  process.on('message', () => {});
  process.send?.('open');
} else {
  keepSaving(persister);
  await persister.save({ openid: `first-${process.pid}`, body: 'x', wakeAt: 1 }, undefined);
  process.send?.('saving');
  if (task === 'exit') process.exit();
}
