import { spawnSync } from 'node:child_process';

/** `npm run test:versions`: what decides over conversations, on the versions of Node.js that this one is not. */
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
