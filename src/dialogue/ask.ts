import { type EventObject, assign, raise } from 'xstate';
import { toMilliseconds } from '../clock.ts';
import { StepError, UsageError } from '../errors.ts';
import type { Message } from '../message.ts';
import { keepFault } from './fault.ts';
import type { Parsed, Parser } from './parsers/parser.ts';
import { type Parsing, type ParsingFor, toParser } from './parsers/schema.ts';
import type { Answered, Question, Silence } from './question.ts';
import { say, valueOf } from './say.ts';
import type { Words } from './words.ts';

/**
 * Asking, as a state: the question on entry, the answer read out of the next message, the question again with the
 * issue where it cannot be read.
 *
 * How often it was asked is which of its inner states it stands in (`waiting`, `retry1`, …), so nothing of it shows in
 * the user's dictionary. What passes between the inner states are events of its own, which no message can be:
 * `ask.retry`, `ask.silence`, and `ask.repeat`, by which anyone has the question repeated. A repetition enters the
 * inner state again, so that silence counts from there; it is no attempt, and neither `entry` nor `exit` of the state.
 */

export interface Transition {
  readonly guard?: unknown;
  readonly target?: string;
  readonly reenter?: boolean;
  readonly actions?: unknown;
  readonly description?: string;
}

interface Args {
  readonly context: object;
  readonly event: EventObject;
}

/** Marks the config of a state that asks. XState keeps what it does not know. */
const QUESTION: unique symbol = Symbol.for('colloquy.question');

export function isQuestion(config: object): boolean {
  return QUESTION in config;
}

/** What a state asks, as it was given; undefined for a state that does not ask. */
export function questionOf(config: object): Question | undefined {
  return (config as { readonly [QUESTION]?: Question })[QUESTION];
}

export const REPEAT = 'ask.repeat';
const RETRY = 'ask.retry';

const DEFAULT_ATTEMPTS = 3;
const MAX_ATTEMPTS = 20;

/** @throws UsageError `bad_ask` */
export function askState(config: Question, words: Words): object {
  checkQuestion(config);
  const { question, otherwise, on = {}, leaves = false } = config;
  const reading = createReading(config.read, words);
  const stages = stagesOf(config.timeout);
  const attempts = Array.from({ length: config.attempts ?? DEFAULT_ATTEMPTS }, (_, index) =>
    index === 0 ? 'waiting' : `retry${index}`,
  );
  const retry = retryOf(config, reading, words);
  const answers: Transition[] = [
    ...answersOf(config, reading),
    {
      actions: raise(({ event }: Args) => ({ type: RETRY, message: event }) as never),
      description: 'not understood',
    },
  ];
  const silence = Object.fromEntries(
    stages.map((stage) => [
      toMilliseconds(stage.after),
      { actions: raise({ type: silenceFor(stage) } as never) },
    ]),
  );
  const again = { actions: say(question), description: 'the question again' };
  return {
    [QUESTION]: config,
    entry: [say(question)],
    initial: 'waiting',
    on: {
      ...on,
      'message.*': [...[on['message.*'] ?? []].flat(), ...answers],
      ...(stages.length === 0 && { [REPEAT]: again }),
      ...waysOut(
        leaves
          ? { timeout: stages.filter(({ target }) => target === undefined) }
          : { otherwise, timeout: stages },
        words,
      ),
    },
    states: Object.fromEntries(
      attempts.map((name, index) => {
        const next = attempts[index + 1] ?? (otherwise === undefined ? name : undefined);
        return [
          name,
          {
            after: silence,
            on: {
              ...(stages.length > 0 && { [REPEAT]: { ...again, target: name, reenter: true } }),
              // The last of a limited number says nothing: the way out is taken.
              ...(next !== undefined && {
                [RETRY]: { target: next, reenter: true, actions: retry(index + 1) },
              }),
            },
          },
        ];
      }),
    ),
  };
}

/** Reads answers once, however many guards and actions ask. */
export interface Reading {
  (args: Args): Parsed<unknown>;
}

export function createReading(read: Question['read'], words: Words): Reading {
  const cache = new WeakMap<
    object,
    { readonly context: object; readonly parsed: Parsed<unknown> }
  >();
  return ({ context, event }) => {
    const cached = cache.get(event);
    if (cached?.context === context) return cached.parsed;
    const message = event as Message;
    const parsed = reading(() => read(context)(message, words.occasion(context, message)));
    cache.set(event, { context, parsed });
    return parsed;
  };
}

/** What a parser gives; what it throws keeps its code on the way through XState. */
function reading(read: () => Parsed<unknown>): Parsed<unknown> {
  try {
    const parsed: unknown = read();
    if (typeof parsed === 'object' && parsed !== null) return parsed as Parsed<unknown>;
    throw new StepError(
      'bad_parser',
      `A parser gives { value } or { issue }; this one gave a value of type ${typeof parsed}. One that depends on the context is \`parseFor: ({ context }) => …\`, or sees it as \`(message, { context }) => …\`.`,
    );
  } catch (error) {
    keepFault(error);
    throw error;
  }
}

/** Where an answer that can be read leads. */
function answersOf({ target, assign: to }: Question, reading: Reading): Transition[] {
  const remembering = to === undefined ? [] : [remember(to, reading)];
  const ways: readonly Partial<Answered<object, unknown, string>>[] =
    typeof target === 'object' ? target : [target === undefined ? {} : { target }];
  return ways.map(({ guard, target: way, actions, description = 'answered' }) => ({
    guard: (args: Args) => {
      const parsed = reading(args);
      if (!('value' in parsed)) return false;
      return (
        guard?.({ ...(args as { context: object; event: Message }), value: parsed.value }) ?? true
      );
    },
    ...(way !== undefined && { target: way, reenter: true }),
    actions: [...remembering, ...(actions === undefined ? [] : [actions].flat())],
    description,
  }));
}

function remember(to: NonNullable<Question['assign']>, reading: Reading): unknown {
  return assign((args: Args) => {
    const parsed = reading(args) as { readonly value: unknown };
    if (typeof to === 'string') return { [to]: parsed.value };
    return to({ ...(args as { context: object; event: Message }), value: parsed.value });
  });
}

function retryOf(
  { retry }: Question,
  reading: Reading,
  words: Words,
): (attempt: number) => unknown {
  return (attempt) =>
    say(({ context, event }: Args) => {
      const { message } = event as unknown as { message: Message };
      const parsed = reading({ context, event: message });
      const { locale } = words.occasion(context, message);
      const issue = 'issue' in parsed ? words.say(parsed.issue, locale) : '';
      if (retry === undefined) return issue;
      return valueOf(retry, { context, event: message, issue, attempt });
    });
}

/** What happens when the attempts are used up, or nobody answers. */
export function waysOut(
  { otherwise, timeout }: Pick<Question, 'otherwise' | 'timeout'>,
  words: Words,
): Record<string, Transition> {
  return {
    ...(otherwise !== undefined && {
      [RETRY]: { target: otherwise, reenter: true, description: 'given up' },
    }),
    ...Object.fromEntries(
      stagesOf(timeout).map((stage) => [silenceFor(stage), silenceOf(stage, words)]),
    ),
  };
}

function stagesOf(timeout: Question['timeout']): readonly Silence<object, string>[] {
  return timeout === undefined ? [] : [timeout].flat();
}

/** The event that says that nobody answered for that long. */
function silenceFor({ after }: Silence<object, string>): string {
  return `ask.silence.${toMilliseconds(after)}`;
}

function silenceOf({ say: said, target }: Silence<object, string>, words: Words): Transition {
  const reminds = said !== undefined || target === undefined;
  const reminder =
    said ??
    (({ context, event }: Args) =>
      words.say({ key: 'ask.reminder' }, words.occasion(context, event as Message).locale));
  return {
    ...(reminds && { actions: say(reminder) }),
    ...(target !== undefined && { target, reenter: true }),
    description: 'silence',
  };
}

function checkQuestion({ question, attempts, otherwise, timeout }: Question): void {
  const fail = (problem: string): never => {
    throw new UsageError('bad_ask', `A question ${problem}.`);
  };
  if (question === undefined) fail('needs a `question` to say');
  if (attempts !== undefined) {
    if (!Number.isInteger(attempts) || attempts < 1 || attempts > MAX_ATTEMPTS) {
      fail(`has from 1 to ${MAX_ATTEMPTS} \`attempts\``);
    }
    if (otherwise === undefined) fail('with a limit of `attempts` needs an `otherwise` to go to');
  }
  const delays = stagesOf(timeout).map(({ after }) => toMilliseconds(after));
  if (delays.some((delay) => delay <= 0)) fail('waits for more than nothing before a `timeout`');
  if (new Set(delays).size < delays.length) fail('has each of its `timeout`s at another time');
}

/** How answers are read: by `parse` in any context, or by what `parseFor` makes of the context. */
export function readBy({ parse, parseFor }: ReadBy): Question['read'] {
  if ((parse === undefined) === (parseFor === undefined)) {
    throw new UsageError('bad_ask', 'A question is read by `parse`, or else by `parseFor`.');
  }
  if (parseFor !== undefined)
    return (context) => toParser(parseFor({ context })) as Parser<unknown>;
  const parser = toParser(parse as Parsing<unknown>);
  return () => parser;
}

/** The untyped form of what reads an answer. */
export interface ReadBy {
  readonly parse?: Parsing<unknown>;
  readonly parseFor?: ParsingFor<unknown, object>;
}
