import { spawnSync } from 'node:child_process';
import { bundle } from './bundle.ts';

/**
 * `npm run test:versions`: what decides over conversations, on the versions of Node.js that this one is not, and a bot on the
 * other runtimes.
 */
const VERSIONS = ['20', '22', '24'];
const TESTS = ['test/dialogue', 'test/context', 'test/runner'];

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
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast'];
  if (!run(version, [...vitest, '--reporter=minimal', ...TESTS])) process.exitCode = 1;
}

/** The packages of other runtimes, and how each runs a file. */
const RUNTIMES = { bun: ['bun'], deno: ['deno', 'run', '--allow-all'] };
const BOT = 'test/support/other-runtime.fixture.ts';
const EXPECTED = /^Name\?\nHello Ann, 你好\.\n\[?StepError: It threw\.(?![^]*1234)/u;

const pathOf = await bundle(BOT);
for (const [name, command] of Object.entries(RUNTIMES)) {
  const npx = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync('npx', ['-y', '-p', name, ...args], { encoding: 'utf8' });
  if (npx(name, '--version').status !== 0) {
    process.stdout.write(`${name} is skipped: npm has not got it from its registry.\n`);
    if (process.env['CI'] === 'true') process.exitCode = 1;
    continue;
  }
  const { status, stdout, stderr } = npx(...command, pathOf(BOT));
  const isRight = status === 0 && EXPECTED.test(String(stdout));
  process.stdout.write(`${name}: ${isRight ? 'right' : `${String(stdout)}${String(stderr)}`}\n`);
  if (!isRight) process.exitCode = 1;
}
