import { parseArgs } from 'node:util';
import { kinds } from './places.ts';
import { spray } from './spray.ts';

const { values } = parseArgs({
  options: {
    on: { type: 'string', default: 'redis,postgres' },
    messages: { type: 'string', default: '20000' },
    users: { type: 'string', default: '200' },
    pauses: { type: 'string', default: '0,6' },
    'pause-ms': { type: 'string', default: '2500' },
    // Any number is a good seed. The seconds alone would be the same for two runs in one second.
    seed: { type: 'string', default: String(process.pid) },
  },
});
const seed = Number(values.seed);
const names = values.on.split(',');
const known = kinds.map(({ option }) => option);
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new RangeError(`--on takes ${known.join(', ')}.`);

for (const { name, option, missing, start } of kinds) {
  if (!names.includes(option)) continue;
  const server = await start();
  if (server === undefined) {
    process.stdout.write(`${name}: not run, for ${missing}\n`);
    process.exitCode = 1;
    continue;
  }
  for (const times of values.pauses.split(',').map(Number)) {
    const place = await server.open();
    const { breaches, errors, ...numbers } = await spray(place, {
      messages: Number(values.messages),
      users: Number(values.users),
      seed,
      lease: times === 0 ? {} : { ttlMs: 1000, waitMs: 10_000 },
      pauses: { times, milliseconds: Number(values['pause-ms']) },
    });
    await place.close();
    process.stdout.write(`${name}, ${times} pauses, --seed ${seed}: ${JSON.stringify(numbers)}\n`);
    // Without a pause, nothing is a reason for a second delivery or a conflict.
    const isCalm = times > 0 || numbers.repeated + numbers.conflicts === 0;
    for (const breach of breaches) process.stdout.write(`BREACH ${breach}\n`);
    for (const error of errors) process.stdout.write(`ERROR ${error}\n`);
    if (breaches.length + errors.length > 0 || !isCalm) process.exitCode = 1;
  }
  await server.stop();
}
