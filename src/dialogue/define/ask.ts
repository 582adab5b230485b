import { type EventObject, assign, raise } from 'xstate';
import { toMilliseconds } from '../../clock.ts';
import { StepError, UsageError } from '../../errors.ts';
import type { Message } from '../../message.ts';
import { keepGuardError } from '../engine/guard-error.ts';
import { withShown } from '../text/parse-context.ts';
import type { Parsed, Parser } from '../parsers/parser.ts';
import { type Parsing, type ParsingFor, toParser } from '../parsers/schema.ts';
import {
  type Answered,
  type Asked,
  QUESTION,
  type Question,
  type Silence,
} from '../engine/question.ts';
import { say, valueOf } from './actions.ts';
import { type Scene, currentScene, mayAnswer, offerTo } from '../engine/scene.ts';
import type { Words } from '../text/localize.ts';

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

export const REPEAT = 'ask.repeat';
const RETRY = 'ask.retry';

const DEFAULT_ATTEMPTS = 3;
const MAX_ATTEMPTS = 20;

/** @throws UsageError `bad_ask` */
export function askState(config: Question, words: Words): object {
  checkQuestion(config);
  const { question, otherwise, on = {}, leaves = false } = config;
  const reading = createReading(config, words);
  const anew: Asked = { question: config, begins: true };
  const again: Asked = { question: config, begins: false };
  const stages = stagesOf(config.timeout);
  const attempts = Array.from({ length: config.attempts ?? DEFAULT_ATTEMPTS }, (_, index) =>
    index === 0 ? 'waiting' : `retry${index}`,
  );
  const retry = retryOf(config, reading, words, again);
  const answers: Transition[] = [
    ...answersOf(config, reading),
    {
      guard: addressedTo(config),
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
  const repeated = { actions: say(question, again), description: 'the question again' };
  return {
    [QUESTION]: config,
    entry: [say(question, anew)],
    initial: 'waiting',
    on: {
      ...on,
      'message.*': [...[on['message.*'] ?? []].flat(), ...answers],
      ...(stages.length === 0 && { [REPEAT]: repeated }),
      ...waysOut(
        leaves
          ? { timeout: stages.filter(({ target }) => target === undefined) }
          : { otherwise, timeout: stages },
        words,
        again,
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
              ...(stages.length > 0 && { [REPEAT]: { ...repeated, target: name, reenter: true } }),
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

export function createReading(question: Question, words: Words): Reading {
  const cache = new WeakMap<
    object,
    {
      readonly context: object;
      readonly scene: Scene | undefined;
      readonly parsed: Parsed<unknown>;
    }
  >();
  return ({ context, event }) => {
    const cached = cache.get(event);
    const scene = currentScene();
    if (cached?.context === context && cached.scene === scene) return cached.parsed;
    const message = event as Message;
    const parsed = mayAnswer(question, message)
      ? reading(() => read(question, words, context, message))
      : NOT_READ;
    cache.set(event, { context, scene, parsed });
    return parsed;
  };
}

/** Of a button that belongs to another question; nobody is told. */
const NOT_READ: Parsed<never> = { issue: '' };

function read(
  question: Question,
  words: Words,
  context: object,
  message: Message,
): Parsed<unknown> {
  const parse = question.read(context);
  const own = words.parseContext(context, message);
  const offer = offerTo(question);
  if (offer === undefined) return parse(message, own);
  const parseContext = withShown(own, offer.options);
  const parsed = parse(message, parseContext);
  const scene = currentScene();
  if ('value' in parsed || scene?.option === undefined || scene.chosen !== offer) return parsed;
  // What was offered in these very words is understood, whatever the parser knows them by.
  const pressed = parse({ type: 'message.action', ...scene.option }, parseContext);
  return 'value' in pressed ? pressed : parsed;
}

/** Marks the guard of what a question takes in any case, as long as it is said to this question. */
const ADDRESSED: unique symbol = Symbol.for('colloquy.addressed');

/** Holds for every message but a button of another question, which is left to the states around it. */
function addressedTo(question: Question): (args: Args) => boolean {
  const guard = ({ event }: Args): boolean => mayAnswer(question, event);
  return Object.assign(guard, { [ADDRESSED]: true });
}

/** Whether a transition is taken whatever its state is told. @param guard its guard */
export function isUnconditional(guard: unknown): boolean {
  return guard === undefined || (typeof guard === 'function' && ADDRESSED in guard);
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
    keepGuardError(error);
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
  asked: Asked,
): (attempt: number) => unknown {
  return (attempt) =>
    say(({ context, event }: Args) => {
      const { message } = event as unknown as { message: Message };
      const parsed = reading({ context, event: message });
      const { locale } = words.parseContext(context, message);
      const issue = 'issue' in parsed ? words.say(parsed.issue, locale) : '';
      if (retry === undefined) return issue;
      return valueOf(retry, { context, event: message, issue, attempt });
    }, asked);
}

/**
 * What happens when the attempts are used up, or nobody answers.
 * @param asked the question that says what there is to say; absent for a state around it
 */
export function waysOut(
  { otherwise, timeout }: Pick<Question, 'otherwise' | 'timeout'>,
  words: Words,
  asked?: Asked,
): Record<string, Transition> {
  return {
    ...(otherwise !== undefined && {
      [RETRY]: { target: otherwise, reenter: true, description: 'given up' },
    }),
    ...Object.fromEntries(
      stagesOf(timeout).map((stage) => [silenceFor(stage), silenceOf(stage, words, asked)]),
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

function silenceOf(
  { say: said, target }: Silence<object, string>,
  words: Words,
  asked: Asked | undefined,
): Transition {
  const reminds = said !== undefined || target === undefined;
  const reminder =
    said ??
    (({ context, event }: Args) =>
      words.say({ key: 'ask.reminder' }, words.parseContext(context, event as Message).locale));
  return {
    ...(reminds && { actions: say(reminder, asked) }),
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
