import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';
import { guideFiles } from '../support/guide-files.ts';
import { follow, root, run } from '../support/package.ts';
import { entries, pageFiles, pages, programs } from '../../tsup.config.ts';

const project = inject('full');

const names = Object.keys(entries);
const subpaths = names.map((name) => (name === 'index' ? '.' : `./${name}`));

describe('the tarball', () => {
  it('exports the entries of the build, and nothing else', () => {
    const expected = names.map((name, index) => [
      subpaths[index],
      {
        import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
        require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
      },
    ]);
    expect(project.manifest.exports).toEqual({
      ...Object.fromEntries(expected),
      // For a bundler, and for a host that serves the script.
      './channels/web/chat.js': './dist/channels/web/chat.js',
      './package.json': './package.json',
    });
  });

  it('offers the same entries to resolvers that do not read exports', () => {
    expect(project.manifest).toMatchObject({
      main: './dist/index.cjs',
      module: './dist/index.js',
      types: './dist/index.d.ts',
    });
    const versions = names
      .filter((name) => name !== 'index')
      .map((name) => [name, [`./dist/${name}.d.ts`]]);
    expect(project.manifest.typesVersions).toEqual({ '*': Object.fromEntries(versions) });
  });

  it('holds the files that its entries reach, the guide, README and licence, and nothing else', async () => {
    const endings = ['js', 'cjs', 'd.ts', 'd.cts'];
    const targets = [
      ...names.flatMap((name) => endings.map((ending) => `dist/${name}.${ending}`)),
      ...Object.keys(programs).map((name) => `dist/${name}.js`),
    ];
    const { files } = await follow(project, targets);
    const scripts = [
      ...Object.keys(pages).map((name) => `dist/${name}.js`),
      ...Object.keys(pageFiles).map((name) => `dist/${name}`),
    ];
    const guide = guideFiles('.md', '.png');
    const readmes = ['README.md', 'README.zh-CN.md'];
    const papers = ['CHANGELOG.md', 'LICENSE', 'package.json', ...readmes, ...guide];
    expect(project.files).toEqual([...files, ...scripts, ...papers].toSorted());
  });

  it('is compiled for the engines that it names, in both module systems', async () => {
    const code = project.files.filter((path) => /\.c?js$/.test(path));
    const texts = await Promise.all(
      code.map((path) => readFile(join(project.packageFolder, path), 'utf8')),
    );
    // Helpers of a compiler that rewrites `??`, `?.` and class fields: they are slower, and not quite the same.
    const rewritten = code.filter((_path, index) =>
      /_nullishCoalesce|_optionalChain|\.__init\b/.test(texts[index] ?? ''),
    );
    expect(rewritten).toEqual([]);
  });

  it('declares every package that it imports, and imports every package that it declares', async () => {
    const targets = [
      ...names.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
      ...Object.keys(programs).map((name) => `dist/${name}.js`),
    ];
    const { packages } = await follow(project, targets);
    const { dependencies, peerDependencies } = project.manifest;
    const imported = [...packages].filter((name) => !name.startsWith('node:'));
    expect(imported.toSorted()).toEqual(
      Object.keys({ ...dependencies, ...peerDependencies }).toSorted(),
    );
  });
});

describe('publint', () => {
  it('finds nothing to suggest', async () => {
    const { buffer } = new Uint8Array(await readFile(project.tarball));
    const { messages, pkg } = await publint({
      pack: { tarball: buffer },
      level: 'suggestion',
      strict: true,
    });
    const lines = messages.map((message) => formatMessage(message, pkg, { color: false }));
    expect(lines).toEqual([]);
  });
});

describe('attw', () => {
  it('finds the types of every entry under node10, node16 and bundler resolution', async () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const flags = ['--format', 'json', '--profile', 'strict', '--no-definitely-typed'];
    // It defines an element, and exports nothing.
    flags.push('--exclude-entrypoints', 'channels/web/chat.js');
    const output = await run(process.execPath, [attw, project.tarball, ...flags], project.folder);
    const { analysis } = JSON.parse(output) as { analysis: Analysis };
    expect(analysis).toHaveProperty('problems', []);
    for (const subpath of subpaths) {
      const resolutions = analysis.entrypoints[subpath]?.resolutions ?? {};
      const typed = Object.keys(resolutions).filter((kind) => resolutions[kind]?.resolution);
      expect({ subpath, typed: typed.toSorted() }).toEqual({
        subpath,
        typed: ['bundler', 'node10', 'node16-cjs', 'node16-esm'],
      });
    }
  });
});

interface Analysis {
  problems: unknown[];
  entrypoints: Record<
    string,
    { resolutions: Record<string, { resolution?: { isTypeScript: boolean } }> }
  >;
}
