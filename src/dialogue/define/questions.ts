import type { Reply } from '../../reply.ts';
import type { ParseContextIn } from '../text/parse-context.ts';
import type { Parsing, ParsingFor } from '../parsers/schema.ts';
import type { Answerers, RetryArgs, Silence } from '../engine/question.ts';
import type { OptionsFor } from './choose.ts';

/** A questionnaire: what its author writes. */

/** A question of a questionnaire, which may come from a file or a database. */
export type QuestionDefinition<Context, Value, Key extends string = string> = {
  /** The key that the answer is kept under. It is also the name of the question's state: no dots, and no `#`. */
  readonly key: Key;
  /** What it asks: a text, a reply, or a function of the context and of its place among the questions. */
  readonly question: string | Reply | ((args: QuestionArgs<Context>) => string | Reply);
  /** Whether it is asked, by the `context` with the answers to the questions before it. Default: always. */
  readonly when?: ((args: { readonly context: Context }) => boolean) | undefined;
  /** Said to an answer that cannot be read. Default: the issue. */
  readonly retry?: (string | Reply | ((args: RetryArgs<Context>) => string | Reply)) | undefined;
  /** False if the user may say “skip”: the answer is null then. Default true. */
  readonly required?: (null extends Value ? boolean : true) | undefined;
} & AnswersBy<Context, Exclude<Value, null | undefined>>;

type AnswersBy<Context, Value> =
  | {
      /** Reads the answer: a parser or a schema. */
      readonly parse: Parsing<Value, ParseContextIn<Context>>;
      /** Not beside `parse`. */
      readonly parseFor?: never;
      /** Not beside `parse`. */
      readonly options?: never;
    }
  | {
      /** Gives what reads the answer, by the context. */
      readonly parseFor: ParsingFor<Value, Context>;
      /** Not beside `parseFor`. */
      readonly parse?: never;
      /** Not beside `parseFor`. */
      readonly options?: never;
    }
  | {
      /** What there is to choose from, or how it follows from the context. */
      readonly options: OptionsFor<Context, Value & string>;
      /** Not beside `options`. */
      readonly parse?: never;
      /** Not beside `options`. */
      readonly parseFor?: never;
    };

/** What a function that words a question or the progress gets. */
export interface QuestionArgs<Context> {
  /** The dictionary with the answers so far. */
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

/** What a questionnaire asks and where it leads: the config of the word `questions`. */
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
  /** Who may answer, in a conversation of several people. What others say goes to the states around. Default: everybody. */
  readonly of?: Answerers<Context> | undefined;
  /** Where to go when the attempts are used up. Without it, there is no limit. */
  readonly otherwise?: Target | undefined;
  /** What happens if the user does not answer a question for a while; a list for several spans. */
  readonly timeout?: Silence<Context, Target> | readonly Silence<Context, Target>[] | undefined;
}
