import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPages, root } from './pages.ts';

const readme = readPages().find(({ path }) => path === 'README.md');
const lines = readme?.text.trimEnd().split('\n') ?? [];

describe('the README', () => {
  it('has a maximum of 150 lines', () => {
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.length).toBeLessThanOrEqual(150);
  });

  it('shows, on its first screen, the two commands and the way to the guide', () => {
    const screen = lines.slice(0, 25).join('\n');
    expect(screen).toContain('npm ci && npm start');
    expect(screen).toContain('npm ci && npm test');
    expect(screen).toContain('(docs/README.md)');
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
