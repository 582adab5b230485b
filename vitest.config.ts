import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^colloquy$/, replacement: path('./src/index.ts') },
      { find: /^colloquy\/testing$/, replacement: path('./src/testing/index.ts') },
      { find: /^colloquy\/cli$/, replacement: path('./src/cli/index.ts') },
      {
        find: /^colloquy\/channels\/(json|slack|telegram|terminal|wechat|wecom)$/,
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
    // Tests of bounded memory look at the heap after a collection.
    execArgv: ['--expose-gc'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/package/**'] },
      },
      {
        // The engine's contract again, on the oldest XState that the peer range allows.
        extends: true,
        resolve: { alias: [{ find: /^xstate$/, replacement: 'xstate-lowest' }] },
        test: {
          name: 'lowest-xstate',
          include: ['test/dialogue/**/*.test.ts', 'test/runner/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
