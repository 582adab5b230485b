import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';
import { PORTABLE } from '../support/bundle.ts';

const project = inject('full');

async function errorsOf(entry: string, platform: 'browser' | 'neutral'): Promise<string[]> {
  const stdin = { contents: `export * from '${entry}';`, resolveDir: project.folder };
  const options = { bundle: true, write: false, format: 'esm', logLevel: 'silent' } as const;
  return build({ stdin, platform, ...options }).then(
    () => [],
    ({ errors }: { errors: readonly { text: string }[] }) => errors.map(({ text }) => text),
  );
}

describe.each(['browser', 'neutral'] as const)('on the platform %s', (platform) => {
  it.each(PORTABLE)('%s can be bundled', async (entry) => {
    expect(await errorsOf(entry, platform)).toEqual([]);
  });
});
