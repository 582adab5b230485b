import { spawnSync } from 'node:child_process';
import { bundle, createWorker } from './bundle.ts';

/**
 * `npm run test:versions`: what decides over conversations, on the versions of Node.js that this one is not, and a bot on the
 * other runtimes.
 */
const VERSIONS = ['20', '22', '24'];
const TESTS = ['test/dialogue', 'test/context', 'test/runner'];
/** What another version has and this one may not: SQLite of its own. */
const SYSTEM_TESTS = ['test/persist/sqlite.test.ts'];

function run(version: string, args: readonly string[]): boolean {
  const command = ['-y', '-p', `node@${version}`, 'node', ...args];
  return spawnSync('npx', command, { stdio: 'inherit' }).status === 0;
}

const current = process.version.slice(1).split('.')[0];
for (const version of VERSIONS.filter((each) => each !== current)) {
  if (!run(version, ['--version'])) {
    process.stdout.write(`Node.js ${version} is skipped: npm has not got it from its registry.\n`);
    if (process.env['CI'] === 'true') process.exitCode = 1;
    continue;
  }
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=minimal', '--project'];
  if (!run(version, [...vitest, 'fast', ...TESTS])) process.exitCode = 1;
  if (!run(version, [...vitest, 'system', ...SYSTEM_TESTS])) process.exitCode = 1;
}

/** Runs the program of a package, which npm takes from its registry. */
function npx(name: string, args: readonly string[]): { isRight: boolean; printed: string } {
  const options = { encoding: 'utf8', timeout: 120_000 } as const;
  const { status, stdout, stderr } = spawnSync('npx', ['-y', '-p', name, ...args], options);
  return { isRight: status === 0, printed: stdout + (status === 0 ? '' : stderr) };
}

/** What a bot has to print, with nothing of the cause of an error. */
const EXPECTED = /^Name\?\nHello Ann, 你好\.\n\[?StepError: It threw\.(?![^]*1234)/u;
const BOT = 'test/support/other-runtime.fixture.ts';
const BUN_SQLITE = 'test/support/bun-sqlite.fixture.ts';
const pathOf = await bundle(BOT, BUN_SQLITE);
const bot = pathOf(BOT);

/** The other runtimes by their packages, and what each runs. */
const RUNTIMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  bun: [
    ['bun', bot],
    ['bun', pathOf(BUN_SQLITE)],
  ],
  deno: [['deno', 'run', '--allow-all', bot]],
  // Timers are numbers at the first date, and objects at the second.
  workerd: await Promise.all(
    ['2025-06-01', '2026-03-01'].map(async (date) => [
      'workerd',
      'test',
      await createWorker('test/support/worker.fixture.ts', date),
    ]),
  ),
};

for (const [name, commands] of Object.entries(RUNTIMES)) {
  if (!npx(name, [name, '--version']).isRight) {
    process.stdout.write(`${name} is skipped: npm has not got it from its registry.\n`);
    if (process.env['CI'] === 'true') process.exitCode = 1;
    continue;
  }
  for (const command of commands) {
    const { isRight, printed } = npx(name, command);
    if (isRight && (command.at(-1) !== bot || EXPECTED.test(printed))) continue;
    process.stdout.write(`${command.join(' ')}:\n${printed}\n`);
    process.exitCode = 1;
  }
}
