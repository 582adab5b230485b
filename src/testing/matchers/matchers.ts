import type { Duration } from '../../clock.ts';
import { UsageError } from '../../errors.ts';
import type { Chat } from '../converse-chat.ts';
import {
  type Check,
  type ExpectedReply,
  checkContext,
  checkExpiry,
  checkReply,
  checkState,
} from '../converse-check.ts';
import { conversationText } from '../converse-error.ts';
import { isChat, environmentOf } from '../environment-of.ts';
import { type RunnerState, compareWithFile } from './golden.ts';

/** What a matcher gives to its test runner. */
export interface MatcherResult {
  /** Whether it is as expected; under `not`, that fails. */
  readonly pass: boolean;
  /** Says what is wrong. */
  readonly message: () => string;
  /** What was expected, to be shown. */
  readonly expected?: unknown;
  /** What came, to be shown. */
  readonly actual?: unknown;
}

/** What can be expected of a chat, with `expect(chat)`; under `not`, the contrary. */
export interface ConversationMatchers<Result> {
  /** Any reply of the last step. Of choices the question alone is enough. */
  toReply(expected: ExpectedReply): Result;
  /** The state, or one that it is within. */
  toBeInState(state: string): Result;
  /** The keys that are given; undefined for one that must not be there. */
  toRemember(context: Readonly<Record<string, unknown>>): Result;
  /** The conversation expires in exactly this time, if nothing more is said. */
  toExpireIn(duration: number | Duration): Result;
  /**
   * The conversation of a transcript, from the folder of the test. It is written where there is none, and under `-u`.
   * Comments, empty lines and states in it are not compared.
   */
  toMatchTranscript(file: string): Result;
}

type Matcher<Args extends readonly unknown[]> = (
  this: RunnerState | void,
  received: unknown,
  ...args: Args
) => MatcherResult;

/** For `expect.extend()` of Vitest, of Jest, and of other runners with the same interface. */
export const matchers: {
  readonly [Name in keyof ConversationMatchers<void>]: Matcher<
    Parameters<ConversationMatchers<void>[Name]>
  >;
} = {
  toReply: matcherOf((chat, expected) => checkReply(chat.said, expected)),
  toBeInState: matcherOf((chat, state) => checkState(chat.state, state)),
  toRemember: matcherOf((chat, context) => checkContext(chat.context, context)),
  toExpireIn: matcherOf((chat, duration) =>
    checkExpiry(chat.expiresAt, duration, chat.clock.now()),
  ),
  toMatchTranscript(received, file) {
    const chat = chatIn(received);
    const state = this ?? {};
    if (state.isNot === true) {
      throw new UsageError(
        'bad_option',
        'toMatchTranscript() has no contrary: a file that the conversation is not to be like says nothing.',
      );
    }
    const { pass, problem } = compareWithFile(environmentOf(chat).log.transcript, file, state);
    return { pass, message: () => problem };
  },
};

function chatIn(received: unknown): Chat {
  if (isChat(received)) return received;
  throw new UsageError('bad_option', 'These matchers are for what converse() returns.');
}

function matcherOf<Expected>(
  check: (chat: Chat, expected: Expected) => Check,
): Matcher<[expected: Expected]> {
  return (received, given) => {
    const chat = chatIn(received);
    const { pass, problem, contrary, expected, actual } = check(chat, given);
    const { transcript } = environmentOf(chat).log;
    return {
      pass,
      message: () => conversationText(pass ? contrary : problem, transcript, chat.state),
      expected,
      actual,
    };
  };
}
