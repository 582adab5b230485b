import type { Answered } from '../engine/question.ts';
import type { Way } from './choose.ts';
import type { TargetOf } from './target-types.ts';

/** The ways of a choice: one for all, one for each value, or the first whose guard holds. */
export type ChoiceWays<Context, Value extends string, Actions> =
  | string
  | {
      readonly [V in Value]: Way<string, Actions>;
    }
  | readonly Answered<Context, Value, string, Actions>[];
/** In the place of ways that are not given. */
export interface Unset {
  /** Never there. */
  readonly [UNSET]: never;
}

declare const UNSET: unique symbol;

/** The states that the ways of a choice lead to. */
export type WayOf<Ways> = [Unset] extends [Ways]
  ? never
  : Ways extends string
    ? Ways
    : Ways extends readonly (infer Way)[]
      ? LeadsTo<Way>
      : TargetOf<Ways[keyof Ways]> & string;
type LeadsTo<Way> = Way extends { readonly target: infer Target extends string } ? Target : never;
