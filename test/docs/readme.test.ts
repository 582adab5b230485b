import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { READMES, readPages, root } from './pages.ts';

const pages = readPages();

describe.each(READMES)('%s', (name) => {
  const readme = pages.find(({ path }) => path === name);
  const lines = readme?.text.trimEnd().split('\n') ?? [];

  it('has a maximum of 150 lines', () => {
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.length).toBeLessThanOrEqual(150);
  });

  it('shows, on its first screen, the two commands, the way to the guide, and itself in the other languages', () => {
    const screen = lines.slice(0, 25).join('\n');
    expect(screen).toContain('npm ci && npm start');
    expect(screen).toContain('npm ci && npm test');
    expect(screen).toContain('(docs/README.md)');
    for (const other of READMES.filter((each) => each !== name)) {
      expect(screen).toContain(`(${other})`);
    }
  });

  it('has the command that continuous integration runs', () => {
    const command = readFileSync(join(root, '.ci/run'), 'utf8').trim().split('\n').at(-1);
    expect(lines).toContain(command);
  });

  it('has one program: a dialogue of 30 lines with its test', () => {
    expect(readme?.programs).toHaveLength(1);
    const [program] = readme?.programs ?? [];
    expect(program?.isTest).toBe(true);
    const dialogue = program?.code.split("it('")[0] ?? '';
    for (const part of ['question:', 'parse:', 'timeout:']) expect(dialogue).toContain(part);
    expect(dialogue.trim().split('\n').length).toBeLessThanOrEqual(30);
  });
});
