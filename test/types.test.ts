import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The files that `npm run types` compiles. */
function compiled(): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as {
    config: unknown;
  };
  return ts.parseJsonConfigFileContent(config, ts.sys, root).fileNames;
}

describe('the type tests', () => {
  it('are compiled with the sources, where an unused @ts-expect-error is an error', async () => {
    const names = await readdir(join(root, 'test/types'));
    expect(names.length).toBeGreaterThan(0);
    const files = new Set(compiled());
    for (const name of [...names.map((file) => `test/types/${file}`), 'src/index.ts']) {
      expect(files).toContain(join(root, name));
    }
  });
});
