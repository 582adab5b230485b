import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('support/steps.ts', import.meta.url));

/** Scripts of a package, each given as the text of a program. */
const SCRIPTS = {
  one: "console.log('first')",
  two: "console.log('second')",
  fails: "console.log('why'); process.exit(3)",
  hangs: 'setInterval(() => {}, 1000)',
};

/** Runs the steps in lanes of these scripts. */
function run(...lanes: readonly string[]): Promise<{ code: unknown; out: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'colloquy-steps-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const entries = Object.entries(SCRIPTS).map(([name, text]) => {
    writeFileSync(join(folder, `${name}.mjs`), text);
    return [name, `node ${name}.mjs`] as const;
  });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ scripts: Object.fromEntries(entries) }),
  );
  const args = ['--import', import.meta.resolve('tsx'), program, ...lanes];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder }, (error, out) => {
      resolve({ code: error?.code ?? 0, out: out.replaceAll(/after \d+ s/gu, 'after a while') });
    });
  });
}

describe('the steps of a check', () => {
  it('run one after the other in a lane, and their output is printed', async () => {
    expect(await run('one,two')).toEqual({
      code: 0,
      out: [
        '── npm run one: passed after a while\nfirst\n',
        '── npm run two: passed after a while\nsecond\n',
      ].join(''),
    });
  });

  it('end when one fails, with its code, even if others still run', async () => {
    expect(await run('hangs,one', 'fails,two')).toEqual({
      code: 3,
      out: '── npm run fails: FAILED after a while\nwhy\n',
    });
  });

  it('fail if a script is missing', async () => {
    expect(await run('missing')).toMatchObject({ code: 1 });
  });
});
