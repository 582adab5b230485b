import { parseArgs } from 'node:util';
import { Soak, heapUsed, judge } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    users: { type: 'string', default: '4000' },
  },
});
const minutes = Number(values.minutes);
const users = Number(values.users);
if (!(minutes > 0 && users >= 1)) {
  throw new Error('--minutes and --users should be positive numbers.');
}

const soak = new Soak({ users, max: users / 2, maxWeight: 64 * 1024 * 1024 });
const samples: number[] = [];
const startedAt = performance.now();
while (performance.now() - startedAt < minutes * 60_000 || samples.length < 10) {
  await soak.round();
  samples.push(heapUsed());
  const { messages, errors } = soak.counts;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  print(`${seconds} s: ${messages} messages, ${errors} errors, ${mebibytes(samples.at(-1))}`);
}
await soak.end();
const { early, late, isFlat } = judge(samples);
print(JSON.stringify(soak.counts));
print(
  `second fifth ${mebibytes(early)}, last fifth ${mebibytes(late)}: ${isFlat ? 'flat' : 'NOT FLAT'}`,
);
process.exitCode = isFlat ? 0 : 1;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function mebibytes(bytes = 0): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
