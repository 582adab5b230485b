import { parseArgs } from 'node:util';
import { surviveAgents } from './agent-crash.ts';
import { surviveBursts } from './burst-crash.ts';
import { survive } from './crash.ts';
import { surviveSource } from './source-crash.ts';
import { MISSING, inFolder, onPostgres, onRedis } from './subjects.ts';

const { values } = parseArgs({
  options: {
    // What dies: the process, with LMDB or SQLite inside, or the server behind it;
    // `agent` is a process with an agent on LMDB, `burst` one that gathers bursts, and `burst-redis` the server behind one.
    // `source` is a process on LMDB that asks for its messages;
    // `source-redis` is two of them on Redis; `ilink` is one that asks iLink.
    on: { type: 'string', default: 'lmdb' },
    kills: { type: 'string' },
    // Any number is a good seed. The seconds alone would be the same for two runs in one second.
    seed: { type: 'string', default: String(process.pid) },
  },
});
const subjects = {
  lmdb: { open: () => inFolder('lmdb'), kills: 200, missing: '' },
  sqlite: { open: () => inFolder('sqlite'), kills: 200, missing: '' },
  redis: { open: onRedis, kills: 20, missing: MISSING.redis },
  postgres: { open: onPostgres, kills: 20, missing: MISSING.postgres },
};
if (values.on === 'agent') {
  const survivors = await surviveAgents({
    kills: Number(values.kills ?? 100),
    seed: Number(values.seed),
  });
  process.stdout.write(`${JSON.stringify({ seed: values.seed, ...survivors }, undefined, 2)}\n`);
  process.exit(survivors.breaches.length + survivors.errors.length > 0 ? 1 : 0);
}
if (values.on === 'burst' || values.on === 'burst-redis') {
  const subject = values.on === 'burst' ? await inFolder('lmdb') : await onRedis();
  if (subject === undefined) throw new Error(`There is nothing to kill: ${MISSING.redis}.`);
  const survived = await surviveBursts(subject, {
    kills: Number(values.kills ?? 100),
    seed: Number(values.seed),
  });
  process.stdout.write(`${JSON.stringify({ seed: values.seed, ...survived }, undefined, 2)}\n`);
  if (survived.breaches.length + survived.errors.length === 0) await subject.close();
  else process.stdout.write(`What is left is in ${subject.place}\n`);
  process.exit(survived.breaches.length + survived.errors.length > 0 ? 1 : 0);
}
if (values.on === 'source' || values.on === 'source-redis' || values.on === 'ilink') {
  const asked = await (values.on === 'source-redis' ? onRedis() : inFolder('lmdb'));
  if (asked === undefined) throw new Error(`There is nothing to kill: ${MISSING.redis}.`);
  const survivors = await surviveSource({
    persister: asked.persister,
    platform: values.on === 'ilink' ? 'ilink' : 'telegram',
    processes: values.on === 'source-redis' ? 2 : 1,
    kills: Number(values.kills ?? 100),
    seed: Number(values.seed),
  });
  process.stdout.write(`${JSON.stringify({ seed: values.seed, ...survivors }, undefined, 2)}\n`);
  await asked.close();
  process.exit(survivors.breaches.length > 0 || survivors.complaints !== '' ? 1 : 0);
}
if (!Object.hasOwn(subjects, values.on)) {
  throw new RangeError(
    `--on takes ${Object.keys(subjects).join(', ')}, agent, burst, burst-redis, source, source-redis, ilink.`,
  );
}
const { open, kills: usual, missing } = subjects[values.on as keyof typeof subjects];
const kills = Number(values.kills ?? usual);
const seed = Number(values.seed);
const subject = await open();
if (subject === undefined) throw new Error(`There is nothing to kill: ${missing}.`);

process.stdout.write(`${kills} kills on ${values.on} by --seed ${seed}\n`);
const survived = await survive(subject, {
  kills,
  seed,
  onKill: (killed) => {
    if (killed % 20 === 0) process.stdout.write(`${killed} killed\n`);
  },
});
const { acknowledged, redelivered, timers, passing, breaches, errors } = survived;
process.stdout.write(
  `${acknowledged} turns acknowledged, ${redelivered} delivered again, ${timers} timers, ${passing} passing errors\n`,
);
for (const breach of breaches) process.stdout.write(`BREACH ${breach}\n`);
for (const error of errors) process.stdout.write(`ERROR ${error}\n`);
if (breaches.length + errors.length === 0) {
  await subject.close();
  process.stdout.write('No turn was lost, none counted twice, every timer fired once.\n');
} else {
  process.stdout.write(`What is left is in ${subject.place}\n`);
  process.exitCode = 1;
}
