import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examplesOf } from './examples.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');
const examples = examplesOf(readme);

describe('the README', () => {
  let folder = '';
  const fileOf = (index: number): string => join(folder, `example-${index}.ts`);

  beforeAll(async () => {
    folder = await mkdtemp(join(root, 'test/docs/tmp-'));
    await Promise.all(examples.map(({ code }, index) => writeFile(fileOf(index), `${code}\n`)));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('shows, on its first screen, what it is, a dialogue and the two commands', () => {
    const screen = readme.split('\n').slice(0, 55).join('\n');
    expect(screen).toContain('createDialogue({');
    expect(screen).toContain('npm ci && npm start');
    expect(screen).toContain('npm ci && npm test');
  });

  it('has the store alone, and the runner over a shared store, in under 30 lines each', () => {
    for (const heading of ['The store alone', 'A runner over a shared store']) {
      const example = examples.find((candidate) => candidate.heading === heading);
      expect(example?.code.split('\n').length).toBeLessThan(30);
    }
  });

  it('compiles', () => {
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    const program = ts.createProgram(
      examples.map((_, index) => fileOf(index)),
      { ...options, noUnusedLocals: false },
    );
    const found = ts
      .getPreEmitDiagnostics(program)
      .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    expect(examples.length).toBeGreaterThanOrEqual(5);
    expect(found).toEqual([]);
  }, 60_000);

  it.each(examples.map(({ heading, prints }, index) => ({ heading, prints, index })))(
    'prints what it says, and ends by itself: $heading',
    async ({ prints, index }) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', fileOf(index)],
        { cwd: root, timeout: 30_000 },
      );
      expect(stdout.split('\n').slice(0, -1)).toEqual(prints);
    },
    60_000,
  );
});
