// Side by side: a process for each system, a slice of turns in one, then in the other, and so on. What the machine does
// to one slice it does to its neighbour, so the ratios within the pairs are what can be trusted.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const args = new Set(process.argv.slice(2));
const LAUNCHES = args.has('--quick') ? 2 : 5;
const PAIRS = 12;
const SLICE_MS = 200;
const WARM_MS = 1500;
const USERS = 1000;
const IDLE_USERS = 100_000;

if (!existsSync(here('../dist/index.js'))) {
  console.error('There is no build to measure: run `npm run build` first.');
  process.exit(1);
}

async function launch(name, users) {
  const child = fork(here('system.mjs'), [name, String(users)], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  child.once('exit', (code) => {
    if (code) process.exit(code);
  });
  const answer = async () => (await once(child, 'message'))[0];
  const { heapPerUser } = await answer();
  return {
    name,
    heapPerUser,
    async slice(milliseconds) {
      child.send({ milliseconds });
      return (await answer()).turnsPerSecond;
    },
    end: () => child.kill(),
  };
}

const sorted = (values) => values.toSorted((a, b) => a - b);
const quantile = (values, q) => sorted(values)[Math.floor((values.length - 1) * q)];
const median = (values) => quantile(values, 0.5);

const slices = [];
// How well a process is compiled differs from launch to launch, so one pair of processes is not enough.
for (let launches = 0; launches < LAUNCHES; launches += 1) {
  const bare = await launch('xstate', USERS);
  const ours = await launch('colloquy', USERS);
  await bare.slice(WARM_MS);
  await ours.slice(WARM_MS);
  for (let pair = 0; pair < PAIRS; pair += 1) {
    slices.push({ bare: await bare.slice(SLICE_MS), ours: await ours.slice(SLICE_MS) });
  }
  bare.end();
  ours.end();
}
const ratios = slices.map((slice) => slice.ours / slice.bare);

const heap = [];
for (const name of ['xstate', 'colloquy']) {
  const system = await launch(name, IDLE_USERS);
  system.end();
  heap.push({ name, users: IDLE_USERS, bytesPerUser: Math.round(system.heapPerUser) });
}

const result = {
  node: process.version,
  users: USERS,
  launches: LAUNCHES,
  pairs: slices.length,
  xstate: Math.round(median(slices.map((slice) => slice.bare))),
  colloquy: Math.round(median(slices.map((slice) => slice.ours))),
  ratio: median(ratios),
  quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  heap,
};

if (args.has('--json')) {
  console.log(JSON.stringify(result, null, 2));
} else {
  const [low, high] = result.quartiles.map((ratio) => ratio.toFixed(2));
  console.log(
    `5-turn survey, ${USERS} users in turn, 1 in flight, ${slices.length} pairs of slices in ${LAUNCHES} launches, Node ${process.version}`,
  );
  console.log(`  bare xstate, live actors, send()   ${result.xstate} turns/s`);
  console.log(`  colloquy, whole handle()           ${result.colloquy} turns/s`);
  console.log(`  ratio ${result.ratio.toFixed(2)}× (half of the pairs: ${low}–${high})`);
  console.log(
    `Heap per idle conversation after a round, ${IDLE_USERS} users, message ids remembered`,
  );
  for (const { name, bytesPerUser } of heap) {
    console.log(`  ${name.padEnd(10)} ${String(bytesPerUser)} bytes`);
  }
}
