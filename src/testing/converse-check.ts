import { isDeepStrictEqual } from 'node:util';
import { type Duration, toMilliseconds } from '../clock.ts';
import type { Reply } from '../reply.ts';
import type { Conversation } from '../context/record/inspect.ts';
import { shown } from './converse-error.ts';
import { matchesState } from './converse-state.ts';
import { eventInWords, formatSpan } from '../internal/event-words.ts';
import { inWords, typeable } from './transcript-format.ts';

/** Whether something is as expected, and what to say where it is not, or should not have been. */
export interface Check {
  readonly pass: boolean;
  readonly problem: string;
  /** The problem of a test that expects the contrary. */
  readonly contrary: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What a reply is compared with: all of its text, or of choices the question alone; or a pattern in it. */
export type ExpectedReply = string | RegExp;

export function checkReply(said: readonly Reply[], expected: ExpectedReply): Check {
  const actual = said.map(inWords);
  return {
    pass: said.some((reply) => isReply(reply, expected)),
    problem: `Expected the reply ${quoted(expected)}, ${came(actual)}.`,
    contrary: `Expected no reply ${quoted(expected)}, ${came(actual)}.`,
    expected: typeof expected === 'string' ? [typeable(expected)] : expected,
    actual,
  };
}

export function checkReplies(said: readonly Reply[], expected: readonly ExpectedReply[]): Check {
  const actual = said.map(inWords);
  const wanted =
    expected.length === 0 ? 'silence' : `the replies ${expected.map(quoted).join(', ')}`;
  return {
    pass:
      said.length === expected.length &&
      expected.every((each, index) => isReply(said[index] as Reply, each)),
    problem: `Expected ${wanted}, ${came(actual)}.`,
    contrary: `Expected something else than ${wanted}.`,
    expected: expected.map((each) => (typeof each === 'string' ? typeable(each) : each)),
    actual,
  };
}

function isReply(reply: Reply, expected: ExpectedReply): boolean {
  const text = inWords(reply);
  if (typeof expected !== 'string') return text.search(expected) >= 0;
  const wanted = typeable(expected);
  return text === wanted || (reply.type === 'choices' && typeable(reply.text) === wanted);
}

function quoted(expected: ExpectedReply): string {
  return typeof expected === 'string' ? JSON.stringify(typeable(expected)) : String(expected);
}

function came(actual: readonly string[]): string {
  if (actual.length === 0) return 'but nothing was said';
  return `but ${actual.map((each) => JSON.stringify(each)).join(', ')} was said`;
}

export function checkState(state: string, expected: string): Check {
  return {
    pass: matchesState(state, expected),
    problem: `Expected the state '${expected}', but it is '${state}'.`,
    contrary: `Expected another state than '${expected}', but it is '${state}'.`,
    expected,
    actual: state,
  };
}

/** @param expected the keys that matter; undefined for one that must not be there */
export function checkContext(
  context: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
): Check {
  const keys = Object.keys(expected);
  const actual = Object.fromEntries(keys.map((key) => [key, context[key]]));
  const wrong = keys.filter((key) => !isDeepStrictEqual(context[key], expected[key]));
  const [first] = wrong;
  const found =
    first === undefined
      ? ''
      : `${shown(expected[first])} under '${first}', but it is ${shown(context[first])}`;
  return {
    pass: wrong.length === 0,
    problem: `Expected the context to hold ${found}.`,
    contrary: `Expected the context to hold something else than ${shown(expected)}.`,
    expected,
    actual,
  };
}

/** When timers are looked at, and what they are called. */
interface TimerLook {
  readonly now: number;
  readonly nameOf?: (type: string) => string;
}

function timersInWords(
  timers: Conversation['timers'],
  now: number,
  nameOf: (type: string) => string,
): string {
  return timers
    .map(({ type, dueAt }) => `one in ${formatSpan(dueAt - now)} (${nameOf(type)})`)
    .join(' and ');
}

/** @param duration from now */
export function checkTimer(
  timers: Conversation['timers'],
  duration: number | Duration,
  { now, nameOf = eventInWords }: TimerLook,
): Check {
  const span = toMilliseconds(duration);
  const spans = timers.map(({ dueAt }) => dueAt - now);
  const found =
    timers.length === 0 ? 'none is set' : `there is ${timersInWords(timers, now, nameOf)}`;
  return {
    pass: spans.includes(span),
    problem: `Expected a timer in ${formatSpan(span)}, but ${found}.`,
    contrary: `Expected no timer in ${formatSpan(span)}.`,
    expected: formatSpan(span),
    actual: spans.map(formatSpan),
  };
}

export function checkNoTimer(
  timers: Conversation['timers'],
  { now, nameOf = eventInWords }: TimerLook,
): Check {
  const actual = timers.map(({ type, dueAt }) => `${nameOf(type)} in ${formatSpan(dueAt - now)}`);
  return {
    pass: actual.length === 0,
    problem: `Expected no timer, but there is ${timersInWords(timers, now, nameOf)}.`,
    contrary: 'Expected a timer, but none is set.',
    expected: [],
    actual,
  };
}

/** @param expiresAt undefined where there is nothing that could expire */
export function checkExpiry(
  expiresAt: number | undefined,
  duration: number | Duration,
  now: number,
): Check {
  const span = toMilliseconds(duration);
  const actual =
    expiresAt === undefined
      ? 'there is nothing that could expire'
      : Number.isFinite(expiresAt)
        ? `it does so in ${formatSpan(expiresAt - now)}`
        : 'it does not as long as a timer is set';
  return {
    pass: expiresAt === now + span,
    problem: `Expected the conversation to expire in ${formatSpan(span)}, but ${actual}.`,
    contrary: `Expected the conversation not to expire in ${formatSpan(span)}.`,
    expected: formatSpan(span),
    actual:
      expiresAt !== undefined && Number.isFinite(expiresAt) ? formatSpan(expiresAt - now) : actual,
  };
}

/** Whether one thing is another; `what` names it, as in “the outcome”. */
export function checkEqual(what: string, actual: unknown, expected: unknown): Check {
  return {
    pass: isDeepStrictEqual(actual, expected),
    problem: `Expected ${what} to be ${shown(expected)}, but it is ${shown(actual)}.`,
    contrary: `Expected ${what} to be something else than ${shown(expected)}.`,
    expected,
    actual,
  };
}
