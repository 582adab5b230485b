import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { rolldown } from 'rolldown';
import { minifySync } from 'rolldown/utils';
import { defineConfig } from 'tsup';

/** Every published entry point: the name of its files in `dist`, and its source. */
export const entries: Record<string, string> = {
  index: 'src/index.ts',
  testing: 'src/testing/index.ts',
  'testing/jest': 'src/testing/jest.ts',
  'testing/vitest': 'src/testing/vitest.ts',
  'testing/wechat': 'src/testing/wechat.ts',
  'channels/ilink': 'src/channels/ilink/index.ts',
  'channels/json': 'src/channels/json/index.ts',
  'channels/node': 'src/channels/node.ts',
  'channels/slack': 'src/channels/slack/index.ts',
  'channels/source': 'src/channels/source.ts',
  'channels/telegram': 'src/channels/telegram/index.ts',
  'channels/terminal': 'src/channels/terminal/index.ts',
  'channels/web': 'src/channels/web/index.ts',
  'channels/webhook': 'src/channels/webhook.ts',
  'channels/wechat': 'src/channels/wechat/index.ts',
  'channels/wecom': 'src/channels/wecom/index.ts',
  cli: 'src/cli/index.ts',
  'dialogue/parsers/date': 'src/dialogue/parsers/date.ts',
  'dialogue/parsers/phone': 'src/dialogue/parsers/phone.ts',
  model: 'src/model/index.ts',
  otel: 'src/otel.ts',
  parsers: 'src/parsers.ts',
  'persist/lmdb': 'src/persist/lmdb.ts',
  'persist/memory': 'src/persist/memory.ts',
  'persist/postgres': 'src/persist/postgres.ts',
  'persist/redis': 'src/persist/redis.ts',
  'persist/sqlite': 'src/persist/sqlite.ts',
  'persist/write-behind': 'src/persist/write-behind.ts',
  studio: 'src/studio/index.ts',
  takeover: 'src/takeover/index.ts',
};

/** The programs of the package, which nobody imports: ES modules only, and without declarations. */
export const programs: Record<string, string> = { 'cli/main': 'src/cli/main.ts' };

/** The scripts that run in a browser: each is one classic script, with all that it needs. */
export const pages: Record<string, string> = {
  'channels/web/chat': 'src/channels/web/page/index.ts',
  'studio/ui/studio': 'src/studio/ui/main.tsx',
};

/** What belongs to those scripts: style sheets, of all that they import, and documents as they are. */
export const pageFiles: Record<string, string> = {
  'studio/ui/index.html': 'src/studio/ui/index.html',
  'studio/ui/studio.css': 'src/studio/ui/styles/studio.css',
};

/** How a script of `pages` is built. It is ASCII, so that a page in any character set can embed it. */
export const pageBuild: BuildOptions = {
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  legalComments: 'none',
  loader: { '.html': 'copy' },
};

/** Builds all that runs in a browser. */
export async function buildPages(folder: string): Promise<void> {
  const files = Object.entries(pageFiles).map(([out, source]) => ({
    in: source,
    out: out.slice(0, out.lastIndexOf('.')),
  }));
  const scripts = Object.entries(pages).map(([out, source]) => ({ in: source, out }));
  await build({
    ...pageBuild,
    absWorkingDir: import.meta.dirname,
    entryPoints: [...scripts, ...files],
    outdir: folder,
  });
}

/**
 * How the code becomes small: without white space and without the long names of local values. Functions, classes and properties
 * keep their names, so that a stack trace says who called whom.
 */
const compress = { target: 'node20', keepNames: { function: true, class: true } };
const mangle = { toplevel: true, keepNames: true };

/** What a built file is made of, as esbuild writes it: the part that is needed here, and that the tests of the package read. */
interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>
  >;
}

/** The name of the file with all that `colloquy` itself consists of. */
const CORE = 'core';

/**
 * Makes the ES modules of a folder small, and puts all that the core consists of into one file: Node.js takes half a
 * millisecond for each file that it imports, and there were forty of them. The marks of calls without an effect stay, for bundlers.
 */
async function shrinkModules(folder: string): Promise<void> {
  const before = await readdir(folder, { recursive: true });
  const bundle = await rolldown({
    input: Object.fromEntries(
      Object.keys({ ...entries, ...programs }).map((name) => [name, join(folder, `${name}.js`)]),
    ),
    platform: 'neutral',
    treeshake: false,
    makeAbsoluteExternalsRelative: false,
    external: /^[^./]/u,
  });
  const core = await importedFrom(resolve(folder, 'index.js'));
  const built = await bundle.generate({
    dir: folder,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: { groups: [{ name: CORE, test: (id) => core.has(id) }] },
    comments: { annotation: true, legal: false, jsdoc: false },
    minify: { compress, mangle },
  });
  await bundle.close();
  const chunks = built.output.filter((file) => file.type === 'chunk');
  await describeChunks(folder, chunks);
  for (const name of before.filter((file) => file.endsWith('.js'))) await rm(join(folder, name));
  for (const { fileName, code } of chunks) await writeFile(join(folder, fileName), code);
}

/** The paths of a module and of all modules that it imports. */
async function importedFrom(path: string, found: Set<string> = new Set()): Promise<Set<string>> {
  if (found.has(path)) return found;
  found.add(path);
  const text = await readFile(path, 'utf8');
  for (const [, file = ''] of text.matchAll(/(?:from|import)\s*["'](\.{1,2}\/[^"']+)["']/gu)) {
    await importedFrom(join(dirname(path), file), found);
  }
  return found;
}

/** Writes what each of the new files is made of, over what esbuild wrote about its own. */
async function describeChunks(
  folder: string,
  chunks: readonly { readonly fileName: string; readonly moduleIds: readonly string[] }[],
): Promise<void> {
  const path = join(folder, 'metafile-esm.json');
  const { outputs } = JSON.parse(await readFile(path, 'utf8')) as Metafile;
  const inputsOf = (id: string): object => outputs[relative('.', id)]?.inputs ?? {};
  const described = chunks.map(({ fileName, moduleIds }) => [
    `${folder}/${fileName}`,
    { inputs: Object.assign({}, ...moduleIds.map(inputsOf)) as object },
  ]);
  await writeFile(path, JSON.stringify({ outputs: Object.fromEntries(described) as object }));
}

/** Makes the CommonJS modules of a folder small, each for itself. */
async function shrinkCommonJs(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  for (const path of names.filter((name) => name.endsWith('.cjs'))) {
    const file = join(folder, path);
    const text = await readFile(file, 'utf8');
    const { code, errors } = minifySync(path, text.replaceAll(FOR_EFFECT, ''), {
      compress,
      mangle: { ...mangle, reserved: ['exports', 'module'] },
    });
    if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
    await writeFile(file, code);
  }
}

/** A line of a CommonJS module that loads another file of ours for its effect alone. */
const FOR_EFFECT = /^require\('\.{1,2}\/[\w/.-]*chunk-\w+\.cjs'\);$/gmu;

/**
 * What an entry declares is written once, for CommonJS; an ES module may take all of it from there. So the types of both systems
 * are the same ones, too.
 */
async function shareTypes(folder: string): Promise<void> {
  for (const name of Object.keys(entries)) {
    const path = join(folder, `${name}.d.ts`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `export * from './${basename(name)}.cjs';\n`);
  }
}

/** What the code is built with, in both module systems, and the declarations. */
const common = { clean: false, target: 'node20' } as const;

export default defineConfig(async () => {
  await rm('dist', { recursive: true, force: true });
  return [
    {
      ...common,
      // In one build, so that a program and what its user imports share their classes.
      entry: { ...entries, ...programs },
      esbuildOptions(options, { format }) {
        if (format === 'cjs') options.entryPoints = { ...entries };
      },
      format: ['esm', 'cjs'],
      // One class stays one class across the entry points of the CommonJS build, too.
      splitting: true,
      // Plain rollup for the CommonJS build: what tsup takes otherwise rewrites `??`, `?.` and fields into slow helpers.
      treeshake: true,
      removeNodeProtocol: false,
      sourcemap: false,
      // What each file is made of: the tests of the package read it.
      metafile: true,
      platform: 'node',
      onSuccess: async () => {
        await shrinkModules('dist');
        await shrinkCommonJs('dist');
        await shareTypes('dist');
        await buildPages('dist');
      },
    },
    { ...common, entry: entries, format: ['cjs'], dts: { only: true } },
  ];
});
