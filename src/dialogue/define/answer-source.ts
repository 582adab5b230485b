import type { ParseContextIn } from '../text/parse-context.ts';
import type { Parsing, ParsingFor } from '../parsers/schema.ts';

/**
 * What reads an answer. Each of the two has its own name since both are functions, and nothing that is sure tells a parser
 * from a function that gives one.
 */
export type AnswerSource<Context, Value> =
  | {
      /** Reads the answer: a parser of this library or of yours, which finds the context in its second argument, or a schema. */
      readonly parse: Parsing<Value, ParseContextIn<Context>>;
      /** Not beside `parse`. */
      readonly parseFor?: never;
    }
  | {
      /** Gives what reads the answer, by the context: `({ context }) => integer({ max: context.seats })`. */
      readonly parseFor: ParsingFor<Value, Context>;
      /** Not beside `parseFor`. */
      readonly parse?: never;
    };
