import { ColloquyError, StepError, UsageError } from '../../errors.ts';
import { abandon, isThenable } from '../../internal/maybe.ts';
import { textOf, type Message } from '../../message.ts';
import { tidy } from '../text/normalize.ts';
import type { Parser } from './parser.ts';
import type { ParseContext, ParseContextIn } from '../text/parse-context.ts';

/**
 * What zod, valibot, arktype and others have in common: Standard Schema, version 1 (https://standardschema.dev). Only
 * what is used here, as types, so that no package is needed.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What every such schema has under this name. */
  readonly '~standard': {
    /** The version of the standard. */
    readonly version: 1;
    /** The name of the package that the schema is from. */
    readonly vendor: string;
    /** Checks a value. A promise is refused: a parser is synchronous. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** For the compiler alone. */
    readonly types?:
      | {
          /** What it takes. */
          readonly input: Input;
          /** What it gives. */
          readonly output: Output;
        }
      | undefined;
  };
}

type StandardResult<Output> =
  | {
      /** The value as the schema gives it. */
      readonly value: Output;
      /** None. */
      readonly issues?: undefined;
    }
  | {
      /** What is wrong with the value. The user reads the first one. */
      readonly issues: readonly {
        /** In words for the user. */
        readonly message: string;
      }[];
    };

/** What a question takes to read its answer: a parser of this library or of yours, or a schema. */
export type Parsing<T, Given extends ParseContext = ParseContext> =
  Parser<T, Given> | StandardSchema<unknown, T>;

/** The same as a function of the `context`: bounds, options, another parser altogether. */
export type ParsingFor<T, Context> = (args: {
  readonly context: Context;
}) => Parsing<T, ParseContextIn<Context>>;

/** What a parser or schema makes of a message. */
export type ParsedBy<P> =
  P extends StandardSchema<unknown, infer Output>
    ? Output
    : P extends (...args: never) => infer Result
      ? ValueOf<Result>
      : never;

/** Of each result that has a value; in a union of object literals the others have an optional one. */
type ValueOf<Result> = Result extends { readonly value: infer Value } ? Value : never;

/**
 * Reads a message by a schema. The schema gets the text in compatibility form (full-width letters as plain ones) without
 * white space around it, or the value of a button, or the message itself if it has no words. The user reads its first
 * issue.
 * @example
 * words.ask({ question: 'What is your name?', parse: schema(z.string().min(2)), assign: 'name' });
 * @throws StepError from the parser: `async_schema` if the schema returns a promise, `schema_failed` if it throws. Both are
 *   mistakes in the program, not in the message.
 */
export function schema<Output>(standard: StandardSchema<unknown, Output>): Parser<Output> {
  return (message) => {
    const result = validate(standard, inputOf(message));
    if (result.issues === undefined) return { value: result.value };
    const said: unknown = result.issues[0]?.message;
    return { issue: typeof said === 'string' && said !== '' ? said : { key: 'issue.invalid' } };
  };
}

/**
 * The parser itself, or `schema(…)` of a schema. A schema may be a function too, as those of arktype are.
 * @throws UsageError `bad_parser` for anything else.
 */
export function toParser<T, Given extends ParseContext = ParseContext>(
  parsing: Parsing<T, Given>,
): Parser<T, Given> {
  if (isSchema(parsing)) return schema(parsing);
  if (typeof parsing === 'function') return parsing;
  throw new UsageError(
    'bad_parser',
    'To read an answer, give a parser, as integer() or a function (message, parseContext) => ({ value }) or ({ issue }), or a Standard Schema (zod 3.24+, valibot 1+, arktype 2+).',
  );
}

function isSchema<T>(parsing: Parsing<T, never>): parsing is StandardSchema<unknown, T> {
  return (
    (typeof parsing === 'object' || typeof parsing === 'function') &&
    parsing !== null &&
    '~standard' in parsing &&
    typeof parsing['~standard'].validate === 'function'
  );
}

function inputOf(message: Message): unknown {
  if (message.type === 'message.action') return message.value;
  const said: unknown = textOf(message);
  return typeof said === 'string' ? tidy(said) : message;
}

/**
 * Checks a value by a schema, at once.
 * @throws StepError `async_schema`, `schema_failed`
 */
export function validate<Output>(
  standard: StandardSchema<unknown, Output>,
  input: unknown,
): StandardResult<Output> {
  let result: StandardResult<Output> | Promise<StandardResult<Output>>;
  try {
    result = standard['~standard'].validate(input);
  } catch (error) {
    if (ColloquyError.is(error)) throw error;
    throw new StepError(
      'schema_failed',
      'A schema threw instead of answering with issues. Mend its transforms and refinements so that they report an issue for what they cannot take.',
      { cause: error },
    );
  }
  if (!isThenable(result)) return result;
  abandon(result);
  throw new StepError(
    'async_schema',
    'A schema answered with a promise, but a step cannot wait. Check in the schema what the text alone can tell, and look up the rest in an invoked service.',
  );
}
