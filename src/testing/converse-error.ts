import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { MismatchError } from './contract.ts';
import type { Transcript } from './transcript.ts';
import { formatTranscript } from './transcript-format.ts';

/** The most lines of a conversation that an error shows; they are the last. */
const MAX_SHOWN = 60;

/** How a conversation differs from what was expected. */
export interface Mismatch {
  /** What was expected, and what came, in a sentence. */
  readonly problem: string;
  /** What was expected, as a value to compare. */
  readonly expected?: unknown;
  /** What came, as a value to compare. */
  readonly actual?: unknown;
  /** What the dialogue threw, if it did. */
  readonly cause?: unknown;
}

/** A conversation did not go as expected. Test runners show `actual` beside `expected`. */
export class ConversationError extends MismatchError {
  /** The name of the class. */
  override readonly name: string = 'ConversationError';
}

/** Where a call comes from: captured when it is made, for what fails later. */
export class Caller {
  /** Its stack is made text when it is first read, which costs more than all the rest. */
  readonly #holder: { readonly stack?: string } = {};

  /** @param method what was called; nothing of it, and of what it calls, is shown */
  constructor(method: (...args: never[]) => unknown) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 4;
    Error.captureStackTrace(this.#holder, method);
    Error.stackTraceLimit = stackTraceLimit;
  }

  get frames(): string {
    return (this.#holder.stack ?? '').split('\n').slice(1).join('\n');
  }

  /** As `test/booking.test.ts:12:8`; undefined where it is not known. */
  get place(): string | undefined {
    const [, address, position] =
      /\(?((?:file:\/\/|\/|\w:[\\/]).*?)(:\d+:\d+)\)?$/mu.exec(this.frames) ?? [];
    if (address === undefined) return undefined;
    const path = address.startsWith('file:') ? fileURLToPath(address) : address;
    const near = relative(process.cwd(), path);
    return `${near.startsWith('..') || isAbsolute(near) ? path : near}${position}`;
  }
}

/** What a mismatch says: what was expected, what came, and the conversation so far. */
export function conversationText(problem: string, transcript: Transcript, state: string): string {
  const last = transcript.slice(-MAX_SHOWN);
  const lines = formatTranscript(last).trimEnd().split('\n');
  if (transcript.length > last.length) {
    lines.unshift(`# ${transcript.length - last.length} lines before it`);
  }
  return [
    problem,
    '',
    'The conversation so far:',
    '',
    ...lines.map((line) => (line === '' ? '' : `    ${line}`)),
    `    = ${state}`,
  ].join('\n');
}

/** The error of a mismatch, with the place that it comes from. */
export function conversationError(
  { problem, ...values }: Mismatch,
  transcript: Transcript,
  state: string,
  caller: Caller,
): ConversationError {
  const { place } = caller;
  const text = conversationText(problem, transcript, state);
  const message = place === undefined ? text : `${text}\n\nat ${place}`;
  const error = new ConversationError(message, values);
  error.stack = `${error.name}: ${message}\n${caller.frames}`;
  return error;
}

/** A value on one line, as an error shows it. */
export function shown(value: unknown): string {
  return inspect(value, {
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 200,
    maxArrayLength: 20,
    depth: 4,
    sorted: true,
  });
}

/** What a dialogue threw, in a sentence. */
export function problemOf(error: unknown): string {
  const { message } = error as Error;
  const { cause } = error as { readonly cause?: unknown };
  const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : '';
  const problem = thrown === '' ? message : `${message}\n${thrown}`;
  // What a context that is frozen makes of a change in place.
  return /^TypeError: .*(?:read.only|not extensible|Cannot delete property)/u.test(thrown)
    ? `${problem}\nA context is frozen: an assign returns what is new, as { list: [...context.list, item] }, and never changes what is there.`
    : problem;
}
