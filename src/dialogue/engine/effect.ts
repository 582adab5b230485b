import type { Reply } from '../../reply.ts';
import type { Asked } from './question.ts';

/**
 * What happens after a step. The step itself is pure: effects are data, and are carried out after the commit, in order.
 *
 * `actor` is the address of the sub-dialogue that asks for it: the ids of the child machines on the way down, joined by
 * `/`; '' is the dialogue itself.
 */
export type Effect =
  | {
      readonly type: 'reply';
      readonly reply: Reply;
      /** Of choices, and of what a question says. */
      readonly actor?: string;
      /** The question that says it; absent for an action of the dialogue's own. */
      readonly asked?: Asked | undefined;
    }
  /** The conversation expires this long after this turn, also if messages come; null: after the age of the store again. */
  | { readonly type: 'expireIn'; readonly milliseconds: number | null }
  /** Delete everything about the user after this turn. */
  | { readonly type: 'forget' }
  /** Something else that the dialogue emitted. */
  | { readonly type: 'emit'; readonly event: { readonly type: string } }
  /** An action of the user's, not run yet. */
  | { readonly type: 'action'; readonly name: string; readonly run: () => unknown }
  /** Start the service that is provided as `src`. */
  | {
      readonly type: 'start';
      readonly actor: string;
      readonly id: string;
      readonly src: string;
      readonly input: unknown;
    }
  /** Stop what runs as `id` in `actor`: a service, or a sub-dialogue with everything in it. */
  | {
      readonly type: 'stop';
      readonly actor: string;
      readonly id: string;
      /** Whether a history may resume it: then what it raised with a delay still comes, and only its `after`s are over. */
      readonly pauses?: boolean;
    }
  /** Send `event` to `actor` after `delayMs`. It replaces a timer of the same id; one without an id replaces none. */
  | {
      readonly type: 'set';
      readonly actor: string;
      readonly id: string | undefined;
      readonly event: { readonly type: string };
      readonly delayMs: number;
    }
  /** Clear one timer of `actor`, or where there is no `id` all of them. */
  | { readonly type: 'clear'; readonly actor: string; readonly id: string | undefined };

/** The address of the actor `id` within `actor`. */
export function actorPath(actor: string, id: string): string {
  return actor === '' ? id : `${actor}/${id}`;
}

/** Whether `actor` is `ancestor` or lies below it. */
export function isWithin(actor: string, ancestor: string): boolean {
  return actor === ancestor || actor.startsWith(`${ancestor}/`);
}
