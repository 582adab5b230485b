import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { survive } from './crash.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    // Not the time itself, so that two runs in one second differ: any number will do.
    seed: { type: 'string', default: String(process.pid) },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const path = await mkdtemp(join(tmpdir(), 'colloquy-crash-'));
const persister = { module: new URL('lmdb.fixture.ts', import.meta.url).href, options: { path } };

process.stdout.write(`${kills} kills by --seed ${seed}\n`);
const survived = await survive(
  { persister },
  {
    kills,
    seed,
    onKill: (killed) => {
      if (killed % 20 === 0) process.stdout.write(`${killed} killed\n`);
    },
  },
);
const { acknowledged, redelivered, timers, breaches, errors } = survived;
process.stdout.write(
  `${acknowledged} turns acknowledged, ${redelivered} delivered again, ${timers} timers\n`,
);
for (const breach of breaches) process.stdout.write(`BREACH ${breach}\n`);
for (const error of errors) process.stdout.write(`ERROR ${error}\n`);
if (breaches.length + errors.length === 0) {
  await rm(path, { recursive: true });
  process.stdout.write('No turn was lost, none counted twice, every timer fired once.\n');
} else {
  process.stdout.write(`What is left is in ${path}\n`);
  process.exitCode = 1;
}
