import { describe, expect, it } from 'vitest';
import { readPages } from './pages.ts';

const readme = readPages().find(({ path }) => path === 'README.md');

describe('the README', () => {
  it('shows, on its first screen, what it is, a dialogue and the two commands', () => {
    const screen = readme?.text.split('\n').slice(0, 55).join('\n');
    expect(screen).toContain('createDialogue({');
    expect(screen).toContain('npm ci && npm start');
    expect(screen).toContain('npm ci && npm test');
    expect(screen).toContain('(docs/README.md)');
  });

  it('has the store alone, and the runner over a shared store, in under 30 lines each', () => {
    for (const heading of ['The store alone', 'A runner over a shared store']) {
      const program = readme?.programs.find((candidate) => candidate.heading === heading);
      expect(program?.code.trim().split('\n').length).toBeLessThan(30);
    }
  });
});
