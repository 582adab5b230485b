import { expect } from 'vitest';
import { type ConversationMatchers, type MatcherResult, matchers } from './matchers/matchers.ts';

/** To import this is to have the matchers: `import 'colloquy/testing/vitest'`, in a test or among `setupFiles`. */

declare module 'vitest' {
  // The parameter is the one of Vitest: an interface that is declared twice has the same ones.
  // oxlint-disable-next-line typescript/no-empty-object-type, typescript/no-explicit-any
  interface Matchers<T = any> extends ConversationMatchers<T extends never ? never : void> {}
}

expect.extend(matchers as never);

export { type ConversationMatchers, type MatcherResult, matchers };
