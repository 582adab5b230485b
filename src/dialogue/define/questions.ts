import type { Reply } from '../../reply.ts';
import type { ParseContextIn } from '../text/parse-context.ts';
import type { Parsing, ParsingFor } from '../parsers/schema.ts';
import type { RetryArgs, Silence } from '../engine/question.ts';
import type { OptionsFor } from './choose.ts';

/** A questionnaire: what its author writes. */

/** A question of a questionnaire, which may come from a file or a database. */
export type QuestionDefinition<Context, Value, Key extends string = string> = {
  /** The key that the answer is kept under. It is also the name of the question's state: no dots, and no `#`. */
  readonly key: Key;
  readonly question: string | Reply | ((args: QuestionArgs<Context>) => string | Reply);
  /** Whether it is asked, by the answers to the questions before it. Default: always. */
  readonly when?: ((args: { readonly context: Context }) => boolean) | undefined;
  readonly retry?: (string | Reply | ((args: RetryArgs<Context>) => string | Reply)) | undefined;
  /** False if the user may say “skip”: the answer is null then. Default true. */
  readonly required?: (null extends Value ? boolean : true) | undefined;
} & AnswersBy<Context, Exclude<Value, null | undefined>>;

type AnswersBy<Context, Value> =
  | {
      readonly parse: Parsing<Value, ParseContextIn<Context>>;
      readonly parseFor?: never;
      readonly options?: never;
    }
  | {
      readonly parseFor: ParsingFor<Value, Context>;
      readonly parse?: never;
      readonly options?: never;
    }
  | {
      readonly options: OptionsFor<Context, Value & string>;
      readonly parse?: never;
      readonly parseFor?: never;
    };

export interface QuestionArgs<Context> {
  readonly context: Context;
  /** Its number among the questions that are asked by the answers so far, from 1. */
  readonly number: number;
  /** How many questions are asked, by the answers so far. */
  readonly total: number;
}

/** The keys of the context that can take answers by their keys. */
export type AnswersKey<Context> = {
  [Key in keyof Context & string]-?: NonNullable<Context[Key]> extends Readonly<
    Record<string, unknown>
  >
    ? Key
    : never;
}[keyof Context & string];

/** What the answers are, by key: all of the context, or what it has under one key. */
export type AnswersIn<Context, Key> = [Key] extends [never]
  ? Context
  : NonNullable<Context[Key & keyof Context]>;

export interface QuestionsOptions<Context, Answers, Target extends string> {
  /** In the order in which they are asked. */
  readonly questions: readonly {
    [Key in keyof Answers & string]-?: QuestionDefinition<Context, Answers[Key], Key>;
  }[keyof Answers & string][];
  /** Says before each question how far the user is: “3 of 40”, or what a function says. Default false. */
  readonly progress?: boolean | ((args: QuestionArgs<Context>) => string) | undefined;
  /** Where to go when all questions are answered. */
  readonly target: Target;
  /** How many answers to one question may be unreadable before `otherwise`. Default 3. */
  readonly attempts?: number | undefined;
  readonly otherwise?: Target | undefined;
  readonly timeout?: Silence<Context, Target> | readonly Silence<Context, Target>[] | undefined;
}
