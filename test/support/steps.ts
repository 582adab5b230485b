import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs scripts of package.json: `tsx test/support/steps.ts types,lint test:fast` runs `types`, then `lint`, and
 * `test:fast` beside them. A step prints what it has to say when it ends. The first that fails ends the others.
 */
const running = new Set<ChildProcess>();

async function runStep(step: string): Promise<void> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '--silent', step], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group, so that what npm has started ends with it.
    detached: true,
  });
  running.add(child);
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => output.push(data));
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
  running.delete(child);
  // It was ended because another step had failed.
  if (process.exitCode !== undefined) return;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(
    `── npm run ${step}: ${code === 0 ? 'passed' : 'FAILED'} after ${seconds} s\n`,
  );
  process.stdout.write(Buffer.concat(output));
  if (code !== 0) endWith(code);
}

function endWith(code: number): void {
  process.exitCode = code;
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGTERM');
    } catch {
      // It ends at this moment by itself.
    }
  }
}

process.once('SIGINT', () => endWith(130));
process.once('SIGTERM', () => endWith(143));

const lanes = process.argv.slice(2).map((lane) => lane.split(','));
await Promise.all(
  lanes.map(async (steps) => {
    for (const step of steps) {
      if (process.exitCode === undefined) await runStep(step);
    }
  }),
);
