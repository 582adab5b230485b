import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';
import { follow } from '../support/package.ts';

const project = inject('full');

const PACKAGES = ['lru-cache', 'mitt', 'xstate'];
/** What the core may take from Node.js. */
const BUILTINS: string[] = ['node:crypto'];

/** Bytes of the code behind `import 'colloquy'`, as it is in the tarball: half of it reads what users say. */
const MAX_CODE = 450_000;
/** Bytes of `import { createRunner } from 'colloquy'`, bundled and minified without its dependencies. */
const MAX_BUNDLE = 140_000;

/** The sources that a built file was made of, from the root of the repository. */
async function sourcesOf(path: string): Promise<string[]> {
  const map = await readFile(join(project.packageFolder, `${path}.map`), 'utf8');
  const { sources } = JSON.parse(map) as { sources: string[] };
  return sources.map((source) => posix.join(posix.dirname(path), source));
}

describe('the import graph of the core', () => {
  it.each(['dist/index.js', 'dist/index.cjs'])(
    'holds its dependencies only, from %s',
    async (entry) => {
      const { packages } = await follow(project, [entry]);
      expect([...packages].toSorted()).toEqual([...PACKAGES, ...BUILTINS].toSorted());
    },
  );

  it.each(['dist/index.d.ts', 'dist/index.d.cts'])(
    'names no other types, from %s',
    async (entry) => {
      const { packages } = await follow(project, [entry]);
      expect([...PACKAGES, ...BUILTINS]).toEqual(expect.arrayContaining([...packages]));
    },
  );

  it.each(['dist/index.js', 'dist/index.cjs'])(
    'holds no channel, persister, testing or command line code, from %s',
    async (entry) => {
      const { files } = await follow(project, [entry]);
      const sources = (await Promise.all([...files].map((path) => sourcesOf(path)))).flat();
      expect(sources).toContain('src/errors.ts');
      const foreign = /^src\/(?:channels|testing|cli)\/|^src\/persist\/(?!persister\.ts$)/;
      expect(
        sources.filter((source) => foreign.test(source) || !source.startsWith('src/')),
      ).toEqual([]);
    },
  );
});

describe('the size of the core', () => {
  it('is bounded', async () => {
    const { files } = await follow(project, ['dist/index.js']);
    const texts = await Promise.all(
      [...files].map((path) => readFile(join(project.packageFolder, path))),
    );
    const code = texts.reduce((sum, text) => sum + text.length, 0);
    const { outputFiles } = await build({
      stdin: {
        contents: "export { createRunner } from 'colloquy';",
        resolveDir: project.folder,
      },
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: PACKAGES,
    });
    const bundle = outputFiles[0]?.contents ?? new Uint8Array();
    process.stdout.write(
      `import 'colloquy': ${code} bytes in ${files.size} files; ` +
        `{ createRunner } bundled and minified: ${bundle.length} bytes, ${gzipSync(bundle).length} gzipped\n`,
    );
    expect(code).toBeGreaterThan(0);
    expect(code).toBeLessThan(MAX_CODE);
    expect(bundle.length).toBeGreaterThan(0);
    expect(bundle.length).toBeLessThan(MAX_BUNDLE);
    // A runner of plain machines needs none of the words: what is made of them at the top has to be marked as pure.
    expect(new TextDecoder().decode(bundle)).not.toMatch(/issue\.number|亿/);
  });
});
