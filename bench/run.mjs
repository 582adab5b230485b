// Side by side, interleaved, a process each: prints ratios, because these are what can be compared between machines.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const args = new Set(process.argv.slice(2));
const runs = args.has('--quick') ? 3 : 7;
const seconds = args.has('--quick') ? '1' : '2';

if (!existsSync(here('../dist/index.js'))) {
  console.error('There is no build to measure: run `npm run build` first.');
  process.exit(1);
}

const run = (name, users) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ['--expose-gc', here('system.mjs'), name, String(users), seconds],
      {
        encoding: 'utf8',
        env: { ...process.env, NODE_ENV: 'production' },
      },
    ),
  );
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const result = { node: process.version, runs, throughput: [], heap: [] };
const users = 1000;
const pairs = Array.from({ length: runs }, () => [run('xstate', users), run('colloquy', users)]);
const ratios = pairs.map(([bare, ours]) => ours.turnsPerSecond / bare.turnsPerSecond);
result.throughput.push({
  users,
  xstate: Math.round(median(pairs.map(([bare]) => bare.turnsPerSecond))),
  colloquy: Math.round(median(pairs.map(([, ours]) => ours.turnsPerSecond))),
  ratio: median(ratios),
  spread: [Math.min(...ratios), Math.max(...ratios)],
});
for (const name of ['xstate', 'colloquy']) {
  result.heap.push({
    name,
    users: 100_000,
    bytesPerUser: Math.round(run(name, 100_000).heapPerUser),
  });
}

if (args.has('--json')) {
  console.log(JSON.stringify(result, null, 2));
} else {
  const [{ xstate, colloquy, ratio, spread }] = result.throughput;
  const fixed = (value) => value.toFixed(2);
  console.log(
    `5-turn survey, ${users} users in turn, 1 in flight, ${runs} interleaved runs, Node ${process.version}`,
  );
  console.log(`  bare xstate, live actors, send()   ${xstate} turns/s`);
  console.log(`  colloquy, whole handle()           ${colloquy} turns/s`);
  console.log(`  ratio ${fixed(ratio)}× (${fixed(spread[0])}–${fixed(spread[1])})`);
  console.log('Heap per idle conversation after a round, 100000 users, message ids remembered');
  for (const { name, bytesPerUser } of result.heap)
    console.log(`  ${name.padEnd(10)} ${String(bytesPerUser)} bytes`);
}
