import type { Persister } from 'colloquy';
import { ColloquyError } from 'colloquy';
import { lmdb } from 'colloquy/persist/lmdb';

// A process on a database that may be damaged: `lmdb-damage.fixture.ts <task> <path>`. It prints what came of each call.
const [task = '', path = ''] = process.argv.slice(2);
// The rights of a folder do not bind the administrator.
if (task === 'without-rights' && process.getuid?.() === 0) process.setuid?.(65_534);

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const outcomeOf = (error: unknown): string =>
  ColloquyError.is(error) ? error.code : String(error);

let persister: Persister | undefined;
try {
  persister = lmdb(path);
} catch (error) {
  print(`open: ${outcomeOf(error)}`);
}
if (persister !== undefined && task === 'fill') {
  let failures = 0;
  for (let user = 0; failures < 5; user += 1) {
    const record = { openid: `user ${user}`, body: `${user}`.padEnd(5000, '.'), wakeAt: 1 };
    const outcome = await persister.save(record, undefined).then(() => 'done', outcomeOf);
    if (outcome !== 'done') failures += 1;
    print(outcome === 'done' ? `saved: ${user}` : `save: ${outcome}`);
  }
} else if (persister !== undefined) {
  print('open: done');
  for (let user = 0; user < 300; user += 1) {
    const body = `body of ${user} ${'.'.repeat(user * 10)}`;
    const read = await persister
      .load(`user ${user}`)
      .then(
        (found) => (found?.damaged ? 'damaged' : found?.body === body ? 'right' : 'wrong'),
        outcomeOf,
      );
    print(`load: ${read}`);
  }
  for (let user = 0; user < 20; user += 1) {
    const record = { openid: `new ${user}`, body: 'new', wakeAt: 1 };
    print(`save: ${await persister.save(record, undefined).then(() => 'done', outcomeOf)}`);
  }
}
print('end');
process.exit();
