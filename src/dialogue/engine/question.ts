import type { Duration } from '../../clock.ts';
import type { Message } from '../../message.ts';
import type { Reply } from '../../reply.ts';
import type { ChoiceOptions } from '../parsers/choice.ts';
import type { Parser } from '../parsers/parser.ts';

/** What happens if the user does not answer for a while. Time counts from the last question or retry. */
export interface Silence<Context, Target extends string> {
  /** How long after the last question or retry. */
  readonly after: Duration;
  /**
   * A reminder: a text, a reply, or a function of the `context`. Without it, and without a `target`, the dialogue's own
   * words are used.
   */
  readonly say?:
    (string | Reply | ((args: { readonly context: Context }) => string | Reply)) | undefined;
  /** The state to go to. Without one, the question stays open. */
  readonly target?: Target | undefined;
}

/** A target of an answer; of several, the first whose guard holds. */
export interface Answered<Context, Value, Target extends string, Actions = unknown> {
  /** Sees the context as it was before the value was assigned. */
  readonly guard?: ((args: AnswerArgs<Context, Value>) => boolean) | undefined;
  /** Without one, the question stays open, and takes the next answer, too. */
  readonly target?: Target | undefined;
  /** Further actions of XState's, after the value was assigned. */
  readonly actions?: Actions | undefined;
  /** Its label in a diagram. Default: `answered`. */
  readonly description?: string | undefined;
}

/** What a guard or an `assign` function gets of an answer that was read. */
export interface AnswerArgs<Context, Value> {
  /** The dictionary as it was before the value was assigned. */
  readonly context: Context;
  /** The message that answered. */
  readonly event: Message;
  /** What the answer was read as. */
  readonly value: Value;
}

/** What a function gets that says something to an answer that cannot be read. */
export interface RetryArgs<Context> {
  /** The dictionary. */
  readonly context: Context;
  /** The message that could not be read. */
  readonly event: Message;
  /** Why, in words for the user. */
  readonly issue: string;
  /** Number of answers that could not be read, this one included; without a limit, 3 from the third on. */
  readonly attempt: number;
}

/**
 * Who may answer a question, in a conversation of several people: the `id` of a person's `from`, several, or what the `context`
 * says. Undefined: everybody.
 */
export type Answerers<Context> =
  | string
  | readonly string[]
  | ((args: { readonly context: Context }) => string | readonly string[] | undefined);

/** What all kinds of questions share. */
export interface AskOptions<Context, Target extends string> {
  /**
   * Said on entry, also when the state is entered again after an interruption: a text, a reply, or a function of the
   * `context`.
   */
  readonly question: string | Reply | ((args: { readonly context: Context }) => string | Reply);
  /**
   * Whether the question takes the place of the message whose button led to it, as the pages of a menu do, where the channel
   * can change that message. Default: it is said below.
   */
  readonly inPlace?: boolean | undefined;
  /** Said to an answer that cannot be read. Default: the issue. */
  readonly retry?: (string | Reply | ((args: RetryArgs<Context>) => string | Reply)) | undefined;
  /**
   * Who may answer, in a conversation of several people. What others say is no answer: it goes to the states around, and
   * counts as no attempt. Default: everybody.
   */
  readonly of?: Answerers<Context> | undefined;
  /** Number of unreadable answers before `otherwise`; without an `otherwise` there is no limit. Default 3. */
  readonly attempts?: number | undefined;
  /** Where to go when the attempts are used up. */
  readonly otherwise?: Target | undefined;
  /** What happens if the user does not answer for a while; a list for several spans. */
  readonly timeout?: Silence<Context, Target> | readonly Silence<Context, Target>[] | undefined;
  /** Whether the question is asked, by the `context`; a skipped one leads on and changes nothing. Default: always. */
  readonly when?: ((args: { readonly context: Context }) => boolean) | undefined;
  /** Where a skipped question leads. Default: its `target`, if that is one state. */
  readonly skipTo?: Target | undefined;
  /** The question before it, for the intent `back`. If that is skipped, “back” leads to the one before that. */
  readonly back?: Target | undefined;
}

/** Marks the config of a state that asks. XState keeps what it does not know. */
export const QUESTION: unique symbol = Symbol.for('colloquy.question');

export function isQuestion(config: object): boolean {
  return QUESTION in config;
}

/** The question of a state config; undefined for a state that does not ask. */
export function questionOf(config: object): Question | undefined {
  return (config as { readonly [QUESTION]?: Question })[QUESTION];
}

/** The untyped form of every kind of question. */
export interface Question {
  readonly question: string | Reply | ((args: { readonly context: object }) => string | Reply);
  /** The parser of its answers, by context. */
  readonly read: (context: object) => Parser<unknown>;
  /** Its options, by context; undefined for a question without options. */
  readonly offers?: (context: object) => ChoiceOptions<string>;
  readonly assign?: string | ((args: AnswerArgs<object, unknown>) => object) | undefined;
  readonly inPlace?: boolean | undefined;
  readonly retry?: AskOptions<object, string>['retry'] | undefined;
  readonly of?: Answerers<object> | undefined;
  readonly attempts?: number | undefined;
  readonly target?: string | readonly Answered<object, unknown, string>[];
  readonly otherwise?: string | undefined;
  readonly timeout?: AskOptions<object, string>['timeout'] | undefined;
  readonly when?: AskOptions<object, string>['when'] | undefined;
  readonly skipTo?: string | undefined;
  readonly back?: string | undefined;
  readonly on?: Readonly<Record<string, unknown>> | undefined;
  readonly entry?: readonly unknown[];
  /** Whether the state around it has the exits: `otherwise` and the targets of `timeout`. */
  readonly leaves?: boolean;
}

/** The people who may answer a question, by their ids; undefined where everybody may. */
export function answerersOf({ of }: Question, context: object): readonly string[] | undefined {
  const named = typeof of === 'function' ? of({ context }) : of;
  return typeof named === 'string' ? [named] : named;
}

/** Whether a message is of a person who may answer a question. */
export function isOfAnswerer(question: Question, context: object, { from }: Message): boolean {
  const people = question.of === undefined ? undefined : answerersOf(question, context);
  return people === undefined || (from !== undefined && people.includes(from.id));
}

/** Marks an emitted reply that a question says. */
export const ASKED: unique symbol = Symbol.for('colloquy.asked');

/** Which question says a reply, and how. */
export interface Asked {
  readonly question: Question;
  /** Whether the question is asked for the first time since its state was entered; false for a retry, reminder or repetition. */
  readonly begins: boolean;
  /** Of a retry: the part of a value that the answer had. */
  readonly part?: string | undefined;
}

/** The question that says a reply; undefined for a reply that no question says. */
export function askedBy(event: object): Asked | undefined {
  return (event as { readonly [ASKED]?: Asked })[ASKED];
}
