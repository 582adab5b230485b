import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Metafile, build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';
import { follow, root } from '../support/package.ts';

const project = inject('full');

const PACKAGES = ['lru-cache', 'mitt', 'xstate'];

/**
 * The maximum of bytes of the code behind `import 'colloquy'`, as it is published: 374 500 were measured. The tests above hold
 * what the core consists of: no channel, driver or command line.
 */
const MAX_CODE = 400_000;
/**
 * The maximum of bytes of `import { createRunner } from 'colloquy'`, bundled and minified without its dependencies: 5 % more than
 * when rooms and bursts began. 212 314 were measured with all of them, 196 299 before them, and 193 418 before models came.
 */
const MAX_BUNDLE = 212_384;
/**
 * The maximum of bytes of the whole package where it is installed, without its documentation in `docs`: 2 782 765 were measured,
 * of which the code of two module systems is 2.0 MB, the pages that run in a browser 0.15 MB, and types 0.43 MB. With white space and long
 * names, and with each declaration written twice, they were 4 610 567.
 */
const MAX_UNPACKED = 2_800_000;

/** The sources of a built file, as paths from the root of the repository. */
async function sourcesOf(path: string): Promise<string[]> {
  const format = path.endsWith('.cjs') ? 'cjs' : 'esm';
  const text = await readFile(join(root, `dist/metafile-${format}.json`), 'utf8');
  const { outputs } = JSON.parse(text) as Metafile;
  const output = outputs[path];
  if (output === undefined) throw new Error(`The build does not say what ${path} is made of.`);
  return Object.keys(output.inputs);
}

describe('the import graph of the core', () => {
  it.each(['dist/index.js', 'dist/index.cjs'])(
    'holds its dependencies only, from %s',
    async (entry) => {
      const { packages } = await follow(project, [entry]);
      expect([...packages].toSorted()).toEqual(PACKAGES);
    },
  );

  it.each(['dist/index.d.ts', 'dist/index.d.cts'])(
    'names no other types, from %s',
    async (entry) => {
      const { packages } = await follow(project, [entry]);
      expect(PACKAGES).toEqual(expect.arrayContaining([...packages]));
    },
  );

  it.each(['dist/index.js', 'dist/index.cjs'])(
    'holds no channel, persister, testing or command line code, from %s',
    async (entry) => {
      const { files } = await follow(project, [entry]);
      const sources = (await Promise.all([...files].map((path) => sourcesOf(path)))).flat();
      expect(sources).toContain('src/errors.ts');
      const foreign =
        /^src\/(?:channels|testing|cli)\/|^src\/persist\/(?!(?:persister|write-behind)\.ts$)/;
      expect(
        sources.filter((source) => foreign.test(source) || !source.startsWith('src/')),
      ).toEqual([]);
    },
  );
});

describe('the size of the core', () => {
  it('stays below its limits', async () => {
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
    // A runner of plain machines needs none of the words: the calls that create them at the top level have to be marked
    // as pure.
    expect(new TextDecoder().decode(bundle)).not.toMatch(/issue\.number|亿/);
  });
});

describe('the size of the package', () => {
  it('stays below its limit, without its documentation', async () => {
    const files = project.files.filter((path) => !path.startsWith('docs/'));
    const sizes = await Promise.all(
      files.map(async (path) => (await stat(join(project.packageFolder, path))).size),
    );
    const size = sizes.reduce((sum, each) => sum + each, 0);
    process.stdout.write(`the package without docs: ${size} bytes in ${files.length} files\n`);
    expect(size).toBeGreaterThan(MAX_CODE);
    expect(size).toBeLessThan(MAX_UNPACKED);
  });
});
