import type { EventObject } from 'xstate';
import { StepError, UsageError } from '../../errors.ts';
import { NO_WAITING, isKeyed, kindOf } from '../../internal/closed.ts';
import { abandon, isThenable } from '../../internal/maybe.ts';
import type { Message } from '../../message.ts';
import { keepGuardError } from '../engine/guard-error.ts';
import { type Question, isOfAnswerer } from '../engine/question.ts';
import { currentScene, mayAnswer, offerTo } from '../engine/scene.ts';
import { readGone } from './gone-options.ts';
import type { Parsed, Parser } from '../parsers/parser.ts';
import { type Parsing, type ParsingFor, toParser } from '../parsers/schema.ts';
import { currentStep } from '../text/current-step.ts';
import type { Words } from '../text/localize.ts';
import { withOffer } from '../text/parse-context.ts';

/** How a question reads its answer. */

export interface AskArgs {
  readonly context: object;
  readonly event: EventObject;
}

/** What the parser of a question makes of a message. */
export type AnswerReader = (args: AskArgs) => Parsed<unknown>;

/** What a question has read in a step. */
interface Reading extends AskArgs {
  readonly question: Question;
  readonly parsed: Parsed<unknown>;
}

/** Reads each message once in a step, however many guards and actions need the result. */
export function createAnswerReader(question: Question, words: Words): AnswerReader {
  return ({ context, event }) => {
    const step = currentStep();
    const known = step?.reading as Reading | undefined;
    if (known?.question === question && known.event === event && known.context === context) {
      return known.parsed;
    }
    const message = event as Message;
    const parsed =
      mayAnswer(question, message) && isOfAnswerer(question, context, message)
        ? checked(() => read(question, words, context, message))
        : NOT_READ;
    if (step !== undefined) step.reading = { question, context, event, parsed } satisfies Reading;
    return parsed;
  };
}

/** Of a button that belongs to another question. The issue is never said. */
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
  const { options, part } = offer;
  const parseContext = withOffer(own, options, part);
  const gone = question.offers && readGone(message, parseContext, question.offers(context));
  if (gone !== undefined) return gone;
  const parsed = parse(message, parseContext);
  const scene = currentScene();
  if ('value' in parsed || scene?.option === undefined || scene.chosen !== offer) return parsed;
  // An option in the very words that were offered counts, even if the parser has other names for it now.
  const pressed = parse({ type: 'message.action', ...scene.option }, parseContext);
  return 'value' in pressed ? pressed : parsed;
}

/** The result of a parser. What it throws keeps its code on the way through XState. */
function checked(parse: () => Parsed<unknown>): Parsed<unknown> {
  try {
    return toParsed(parse());
  } catch (error) {
    keepGuardError(error);
    throw error;
  }
}

/** @throws StepError `bad_parser` for what no parser gives */
export function toParsed(parsed: unknown): Parsed<unknown> {
  if (isKeyed(parsed) && ('value' in parsed || 'issue' in parsed)) {
    return parsed as unknown as Parsed<unknown>;
  }
  const isPromised = isThenable(parsed);
  if (isPromised) abandon(parsed);
  throw new StepError(
    'bad_parser',
    isPromised
      ? `A parser returned a promise. ${NO_WAITING}`
      : `A parser gives { value } or { issue }; this one gave ${kindOf(parsed)}. One that depends on the context is \`parseFor: ({ context }) => …\`, or sees it as \`(message, { context }) => …\`.`,
  );
}

/** Marks the guard that only checks that a message is for this question. */
const ADDRESSED: unique symbol = Symbol.for('colloquy.addressed');

/**
 * A guard for every message but a button of another question, and what a person says who may not answer: both are left to the
 * states around.
 */
export function addressedTo(question: Question): (args: AskArgs) => boolean {
  if (question.of === undefined) return addressing(({ event }) => mayAnswer(question, event));
  return ({ context, event }) =>
    mayAnswer(question, event) && isOfAnswerer(question, context, event as Message);
}

/** Marks a guard that keeps out only buttons of other questions. */
export function addressing<Args extends object>(
  guard: (args: Args) => boolean,
): (args: Args) => boolean {
  return Object.assign(guard, { [ADDRESSED]: true });
}

/** Whether a transition with this guard is taken on every event for its state. */
export function isUnconditional(guard: unknown): boolean {
  return guard === undefined || (typeof guard === 'function' && ADDRESSED in guard);
}

/** The untyped form of what reads an answer. */
export interface ReadBy {
  readonly parse?: Parsing<unknown>;
  readonly parseFor?: ParsingFor<unknown, object>;
}

/** The parser of a question by context: `parse`, or the result of `parseFor`. */
export function readBy({ parse, parseFor }: ReadBy): Question['read'] {
  if ((parse === undefined) === (parseFor === undefined)) {
    throw new UsageError('bad_ask', 'A question is read by `parse`, or else by `parseFor`.');
  }
  if (parseFor !== undefined)
    return (context) => toParser(parseFor({ context })) as Parser<unknown>;
  const parser = toParser(parse as Parsing<unknown>);
  return () => parser;
}
