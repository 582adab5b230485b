import { assign, raise } from 'xstate';
import { type Duration, toMilliseconds } from '../../clock.ts';
import { UsageError } from '../../errors.ts';
import type { Message } from '../../message.ts';
import { type Reply, inPlaceOf } from '../../reply.ts';
import {
  type AnswerArgs,
  type Answered,
  type Asked,
  QUESTION,
  type Question,
  type Silence,
} from '../engine/question.ts';
import { say, valueOf, checkKeyOf } from './actions.ts';
import {
  type AnswerReader,
  type AskArgs,
  addressedTo,
  createAnswerReader,
} from './answer-reading.ts';
import { isGone } from './gone-options.ts';
import { beginningOf } from './skipping.ts';
import type { Words } from '../text/localize.ts';

/**
 * A state that asks: it says the question on entry, reads the answer out of the next message, and asks again with the
 * issue if it cannot.
 *
 * The inner state (`waiting`, `retry1`, …) tells how often it asked, so the user's dictionary does not show that. The
 * inner states use events that no message can have: `ask.retry`, `ask.silence`, and `ask.repeat`, which repeats the
 * question, or says the issue where the option that was chosen is gone. A repetition enters the inner state again, so that
 * the timeout starts again; it is no attempt, and runs neither `entry` nor `exit` of the state.
 */

/** A transition in a state config. */
export interface AskTransition {
  readonly guard?: unknown;
  readonly target?: string;
  readonly reenter?: boolean;
  readonly actions?: unknown;
  readonly description?: string;
}

const REPEAT = 'ask.repeat';
const RETRY = 'ask.retry';

const DEFAULT_ATTEMPTS = 3;
const MAX_ATTEMPTS = 20;

/** @throws UsageError `bad_ask` */
export function askState(config: Question, words: Words): object {
  checkQuestion(config);
  const { question, otherwise, on = {}, entry = [], leaves = false } = config;
  const reader = createAnswerReader(config, words);
  const first: Asked = { question: config, begins: true };
  const again: Asked = { question: config, begins: false };
  const asked =
    config.inPlace === true
      ? ({ context, event }: AskArgs) => inPlaceOf(event, valueOf(question, { context }))
      : question;
  const beginning = beginningOf(config, [...entry, say(asked, first)]);
  const stages = stagesOf(config.timeout);
  const attempts = Array.from({ length: config.attempts ?? DEFAULT_ATTEMPTS }, (_, index) =>
    index === 0 ? 'waiting' : `retry${index}`,
  );
  const retry = retryOf(config, reader, words);
  const asking = askingOf(again, reader);
  const answers: AskTransition[] = [
    ...answersOf(config, reader),
    {
      guard: addressedTo(config),
      actions: raise((args: AskArgs) => {
        const type = isGone(reader(args)) ? REPEAT : RETRY;
        return { type, message: args.event } as never;
      }),
      description: 'not understood',
    },
  ];
  const silence = Object.fromEntries(
    stages.map((stage) => [
      toMilliseconds(stage.after),
      { actions: raise({ type: silenceEvent(stage) } as never) },
    ]),
  );
  const repeated = {
    actions: say(
      (args: AskArgs) => ('message' in args.event ? retry(1)(args) : valueOf(question, args)),
      again,
    ),
    description: 'the question again',
  };
  return {
    [QUESTION]: config,
    entry: beginning.entry,
    initial: beginning.initial,
    on: {
      ...on,
      'message.*': [...[on['message.*'] ?? []].flat(), ...answers],
      ...beginning.on,
      ...(stages.length === 0 && { [REPEAT]: repeated }),
      ...exits(
        leaves
          ? { timeout: stages.filter(({ target }) => target === undefined) }
          : { otherwise, timeout: stages },
        words,
        again,
      ),
    },
    states: {
      ...beginning.states,
      ...Object.fromEntries(
        attempts.map((name, index) => {
          const next = attempts[index + 1] ?? (otherwise === undefined ? name : undefined);
          return [
            name,
            {
              after: silence,
              on: {
                ...(stages.length > 0 && {
                  [REPEAT]: { ...repeated, target: name, reenter: true },
                }),
                // The last attempt says nothing: the exit `otherwise` is taken.
                ...(next !== undefined && {
                  [RETRY]: {
                    target: next,
                    reenter: true,
                    actions: say(retry(index + 1), asking),
                  },
                }),
              },
            },
          ];
        }),
      ),
    },
  };
}

/** The transitions of an answer that can be read. */
function answersOf({ target, assign: to }: Question, reader: AnswerReader): AskTransition[] {
  const assigning = to === undefined ? [] : [assignAnswer(to, reader)];
  const branches: readonly Partial<Answered<object, unknown, string>>[] =
    typeof target === 'object' ? target : [target === undefined ? {} : { target }];
  return branches.map(({ guard, target: exit, actions, description = 'answered' }) => ({
    guard: (args: AskArgs) => {
      const parsed = reader(args);
      if (!('value' in parsed)) return false;
      return guard?.(withValue(args, parsed.value)) ?? true;
    },
    ...(exit !== undefined && { target: exit, reenter: true }),
    actions: [...assigning, ...(actions === undefined ? [] : [actions].flat())],
    description,
  }));
}

function assignAnswer(to: NonNullable<Question['assign']>, reader: AnswerReader): unknown {
  if (typeof to === 'string') checkKeyOf(to);
  const valueIn = (args: AskArgs): unknown => (reader(args) as { readonly value: unknown }).value;
  return typeof to === 'string'
    ? assign({ [to]: valueIn } as never)
    : assign((args: AskArgs) => to(withValue(args, valueIn(args))));
}

function withValue({ context, event }: AskArgs, value: unknown): AnswerArgs<object, unknown> {
  return { context, event: event as Message, value };
}

/** The asking that a retry belongs to, with the part of a value that the answer had. */
function askingOf(asked: Asked, reader: AnswerReader): (args: AskArgs) => Asked {
  return ({ context, event }) => {
    const parsed = reader({ context, event: (event as unknown as { message: Message }).message });
    const part = 'issue' in parsed ? parsed.part : undefined;
    return { question: asked.question, begins: asked.begins, part };
  };
}

/** What is said to an answer that cannot be read. */
function retryOf(
  { retry }: Question,
  reader: AnswerReader,
  words: Words,
): (attempt: number) => (args: AskArgs) => string | Reply {
  return (attempt) =>
    ({ context, event }) => {
      if (retry !== undefined && typeof retry !== 'function') return retry;
      const { message } = event as unknown as { message: Message };
      const parsed = reader({ context, event: message });
      const { locale } = words.parseContext(context, message);
      // An answer that was read, but that no target takes, was not understood either.
      const issue = words.say('issue' in parsed ? parsed.issue : { key: 'issue.invalid' }, locale);
      return retry === undefined ? issue : retry({ context, event: message, issue, attempt });
    };
}

/**
 * The transitions of a question without an answer: when the attempts are used up, and after a timeout.
 * @param asked the question that says the reminder; absent for a state around it
 */
export function exits(
  { otherwise, timeout }: Pick<Question, 'otherwise' | 'timeout'>,
  words: Words,
  asked?: Asked,
): Record<string, AskTransition> {
  return {
    ...(otherwise !== undefined && {
      [RETRY]: { target: otherwise, reenter: true, description: 'given up' },
    }),
    ...Object.fromEntries(
      stagesOf(timeout).map((stage) => [silenceEvent(stage), afterSilence(stage, words, asked)]),
    ),
  };
}

function stagesOf(timeout: Question['timeout']): readonly Silence<object, string>[] {
  return timeout === undefined ? [] : [timeout].flat();
}

/** The event of a timeout: the user has not answered for that time. */
function silenceEvent({ after }: Silence<object, string>): string {
  return `ask.silence.${toMilliseconds(after)}`;
}

function afterSilence(
  { say: said, target }: Silence<object, string>,
  words: Words,
  asked: Asked | undefined,
): AskTransition {
  const reminds = said !== undefined || target === undefined;
  const reminder =
    said ??
    (({ context, event }: AskArgs) =>
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
  const stages: readonly ({ readonly after: Duration } | null)[] = stagesOf(timeout);
  const delays = stages.map((stage) => toMilliseconds(stage?.after ?? {}));
  if (delays.some((delay) => delay <= 0)) fail('waits for more than nothing before a `timeout`');
  if (new Set(delays).size < delays.length) fail('has each of its `timeout`s at another time');
}
