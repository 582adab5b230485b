import { UsageError } from '../errors.ts';
import type { Chat } from './converse-chat.ts';
import type { TestEnvironment } from './converse-environment.ts';

/** Where a chat has its environment. */
export const ENVIRONMENT: unique symbol = Symbol.for('colloquy.testing.world');

/** Whether it is what `converse()` returned. */
export function isChat(value: unknown): value is Chat {
  return typeof value === 'object' && value !== null && ENVIRONMENT in value;
}

/** The environment of a conversation, for the other parts of this kit. */
export function environmentOf(chat: Chat<never, never> | Chat): TestEnvironment {
  const environment = (chat as { [ENVIRONMENT]?: TestEnvironment })[ENVIRONMENT];
  if (environment !== undefined) return environment;
  throw new UsageError('bad_option', 'A chat is what converse() returned.');
}
