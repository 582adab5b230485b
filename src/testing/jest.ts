// Brings in the module whose types are added to.
// oxlint-disable-next-line unicorn/require-module-specifiers, import/no-empty-named-blocks
import type {} from 'expect';
import { type ConversationMatchers, type MatcherResult, matchers } from './matchers/matchers.ts';

/**
 * To import this is to have the matchers on the global `expect`, which is also that of `@jest/globals`: `import
 * 'colloquy/testing/jest'`, in a test or among `setupFilesAfterEnv`. Where there is no global one (`injectGlobals:
 * false`), `expect.extend(matchers)` does it.
 */

declare global {
  // The names and the parameters are those of @types/jest: an interface that is declared twice has the same ones.
  // oxlint-disable-next-line typescript/no-namespace
  namespace jest {
    // oxlint-disable-next-line typescript/no-empty-object-type
    interface Matchers<R, T = {}> extends ConversationMatchers<T extends never ? never : R> {}
  }
}

// Jest's `expect` has its types from this package, as `@jest/globals` exports them (https://jestjs.io/docs/expect#expectextendmatchers).
declare module 'expect' {
  // prettier-ignore
  // oxlint-disable-next-line typescript/no-empty-object-type
  interface Matchers<R extends void | Promise<void>, T = unknown> extends ConversationMatchers<T extends never ? never : R> {}
}

const { expect } = globalThis as { readonly expect?: { extend?(matchers: object): void } };
expect?.extend?.(matchers);

export { type ConversationMatchers, type MatcherResult, matchers };
