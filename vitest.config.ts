import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Test files by their names, each of which has to be there: a list that a renamed file has left tests less. */
function files(folder: string, names: string): string[] {
  return names.split(/\s+/u).map((name) => {
    const file = `${folder}/${name}.test.ts`;
    if (!existsSync(path(`./${file}`))) throw new Error(`vitest.config.ts: there is no ${file}.`);
    return file;
  });
}

/** What needs nothing but this process, and is not left to chance for long. */
const inProcess = [
  'test/*.test.ts',
  'test/{channels,context,dialogue,dialogues-from-the-docs,internal,model,otel,runner,takeover,testing}/**/!(fuzz).test.ts',
];
/** What of it looks at the heap or the processor, starts a process, or loads the library for the second time. */
const alone = [
  ...files('test', 'clock errors lint runtimes steps'),
  ...files('test/channels', 'hostile-sizes'),
  ...files('test/runner', 'door exit seen-heap'),
  ...files('test/soak', 'soak'),
  ...files('test/testing/matchers', 'matchers'),
];
/** Pages in a browser, and what serves them. */
const inBrowser = ['test/{site,studio,web}/**/*.test.ts'];
/** What depends on what XState is inside. */
const contractOfTheEngine = [
  ...files(
    'test/dialogue',
    'engine inherited now resumed resumed-shapes shortcuts structure word-events',
  ),
  ...files(
    'test/runner',
    'changed-delays migrate move resumed-upgrade service shared time transaction upgrade',
  ),
];

/** Many tests store a timer in a process that they do not start: no log has to say so. Tests of the warning spy on it. */
const QUIET = '--disable-warning=not_started';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^colloquy$/, replacement: path('./src/index.ts') },
      { find: /^colloquy\/testing$/, replacement: path('./src/testing/index.ts') },
      {
        find: /^colloquy\/(model|takeover)$/,
        replacement: path('./src/$1/index.ts'),
      },
      { find: /^colloquy\/studio$/, replacement: path('./src/studio/index.ts') },
      { find: /^colloquy\/cli$/, replacement: path('./src/cli/index.ts') },
      {
        find: /^colloquy\/channels\/(ilink|json|slack|telegram|terminal|web|wechat|wecom)$/,
        replacement: path('./src/channels/$1/index.ts'),
      },
      { find: /^colloquy\/(.+)$/, replacement: path('./src/$1.ts') },
    ],
  },
  test: {
    passWithNoTests: false,
    // For what hangs. How long something takes is no matter of a test, and a busy machine is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    setupFiles: [path('./test/support/fresh-warnings.ts')],
    projects: [
      {
        // What needs no other process: all files of a worker share one copy of the library.
        extends: true,
        test: {
          name: 'fast',
          include: inProcess,
          exclude: alone,
          isolate: false,
          execArgv: [QUIET],
        },
      },
      {
        // What a test beside it would disturb: each file has a process for itself.
        extends: true,
        test: { name: 'alone', include: alone, execArgv: ['--expose-gc', QUIET] },
      },
      {
        // Processes, servers and examples, and what is left to chance for long.
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/**', ...inProcess, ...alone, ...inBrowser],
        },
      },
      {
        // A project for itself: beside the rest of the system, the other core would have nothing to do.
        extends: true,
        test: { name: 'pages', include: inBrowser },
      },
      {
        // The engine's contract again, on the oldest XState that the peer range allows.
        extends: true,
        resolve: { alias: [{ find: /^xstate$/, replacement: 'xstate-lowest' }] },
        test: {
          name: 'lowest-xstate',
          include: contractOfTheEngine,
          isolate: false,
          execArgv: [QUIET],
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/package/setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
