import { parseArgs } from 'node:util';
import { surviveOnNodes } from './agents.ts';
import { type Server, kinds } from './places.ts';
import { spray } from './spray.ts';

const { values } = parseArgs({
  options: {
    on: { type: 'string', default: 'redis,postgres' },
    // `counting` counts messages while a node is paused; `agent` is an agent with tools while nodes are killed.
    dialogue: { type: 'string', default: 'counting' },
    messages: { type: 'string', default: '20000' },
    users: { type: 'string' },
    pauses: { type: 'string', default: '0,6' },
    'pause-ms': { type: 'string', default: '2500' },
    kills: { type: 'string', default: '100' },
    speed: { type: 'string', default: '10' },
    // Any number is a good seed. The seconds alone would be the same for two runs in one second.
    seed: { type: 'string', default: String(process.pid) },
  },
});
/** The maximum of breaches and errors that are printed. */
const MOST_LINES = 50;
const seed = Number(values.seed);
const names = values.on.split(',');
const known = kinds.map(({ option }) => option);
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new RangeError(`--on takes ${known.join(', ')}.`);
const dialogues = { counting: count, agent: survive };
if (!Object.hasOwn(dialogues, values.dialogue)) {
  throw new RangeError(`--dialogue takes ${Object.keys(dialogues).join(', ')}.`);
}

for (const { name, option, missing, start } of kinds) {
  if (!names.includes(option)) continue;
  const server = await start();
  if (server === undefined) {
    process.stdout.write(`${name}: not run, for ${missing}\n`);
    process.exitCode = 1;
    continue;
  }
  await dialogues[values.dialogue as keyof typeof dialogues](name, server);
  await server.stop();
}

async function count(name: string, server: Server): Promise<void> {
  for (const times of values.pauses.split(',').map(Number)) {
    const place = await server.open();
    const { breaches, errors, ...numbers } = await spray(place, {
      messages: Number(values.messages),
      users: Number(values.users ?? 200),
      seed,
      lease: times === 0 ? {} : { ttlMs: 1000, waitMs: 10_000 },
      pauses: { times, milliseconds: Number(values['pause-ms']) },
    });
    await place.close();
    report(`${name}, ${times} pauses`, { breaches, errors }, numbers);
    // Without a pause, nothing is a reason for a second delivery or a conflict.
    const isCalm = times > 0 || numbers.repeated + numbers.conflicts === 0;
    if (!isCalm) process.exitCode = 1;
  }
}

async function survive(name: string, server: Server): Promise<void> {
  const place = await server.open();
  const { breaches, errors, ...numbers } = await surviveOnNodes(place, {
    kills: Number(values.kills),
    users: Number(values.users ?? 24),
    speed: Number(values.speed),
    seed,
    onKill: (killed) => {
      if (killed % 20 === 0) process.stdout.write(`${killed} killed\n`);
    },
  });
  await place.close();
  report(`${name}, ${values.kills} kills`, { breaches, errors }, numbers);
}

function report(
  what: string,
  {
    breaches,
    errors,
  }: { readonly breaches: readonly string[]; readonly errors: readonly string[] },
  numbers: object,
): void {
  process.stdout.write(`${what}, --seed ${seed}: ${JSON.stringify(numbers)}\n`);
  const lines = [
    ...breaches.map((each) => `BREACH ${each}`),
    ...errors.map((each) => `ERROR ${each}`),
  ];
  for (const line of lines.slice(0, MOST_LINES)) process.stdout.write(`${line}\n`);
  if (lines.length > MOST_LINES) process.stdout.write(`and ${lines.length - MOST_LINES} more\n`);
  if (breaches.length + errors.length > 0) process.exitCode = 1;
}
