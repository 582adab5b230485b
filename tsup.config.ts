import { type BuildOptions, build } from 'esbuild';
import { defineConfig } from 'tsup';

/** Every published entry point: the name of its files in `dist`, and its source. */
export const entries: Record<string, string> = {
  index: 'src/index.ts',
  testing: 'src/testing/index.ts',
  'testing/jest': 'src/testing/jest.ts',
  'testing/vitest': 'src/testing/vitest.ts',
  'testing/wechat': 'src/testing/wechat.ts',
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

export default defineConfig({
  // In one build, so that a program and what its user imports share their classes.
  entry: { ...entries, ...programs },
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.entryPoints = { ...entries };
  },
  format: ['esm', 'cjs'],
  dts: { entry: entries },
  // One class stays one class across the entry points of the CommonJS build, too.
  splitting: true,
  // Plain rollup for the CommonJS build: what tsup takes otherwise rewrites `??`, `?.` and fields into slow helpers.
  treeshake: true,
  removeNodeProtocol: false,
  clean: true,
  // The code is readable as it is. What each file is made of, the tests of the package read in the metafiles.
  sourcemap: false,
  metafile: true,
  target: 'node20',
  platform: 'node',
  // After the rest, since the rest begins with an empty folder.
  onSuccess: () => buildPages('dist'),
});
