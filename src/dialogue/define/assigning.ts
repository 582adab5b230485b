import type { AnswerArgs } from '../engine/question.ts';

/**
 * Where the value goes. `To` is what was given, a key or a function: if TypeScript could infer only a key, it would
 * infer the union of all keys for a function whose parameters have types.
 */
export interface Assigning<Context, To, Value, Key = keyof Context> {
  /** A key of the context that takes the value, or a function that says what changes. */
  readonly assign?:
    (To & Key) | ((args: AnswerArgs<Context, Value>) => Partial<Context>) | undefined;
}

/** What each of the keys of the context takes; of a function, anything. */
export type ValueFor<Context, To> = unknown extends To
  ? unknown
  : [Extract<To, keyof Context>] extends [never]
    ? unknown
    : {
          [Key in Extract<To, keyof Context>]: (value: Context[Key]) => void;
        }[Extract<To, keyof Context>] extends (value: infer Value) => void
      ? Value
      : never;
/** The keys of the context that take a value. */
export type KeyTaking<Context, Value> = {
  [Key in keyof Context]-?: Value extends Context[Key] ? Key : never;
}[keyof Context];
