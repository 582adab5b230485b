import type { Reply } from '../../reply.ts';
import type { Asked } from './question.ts';

/**
 * What a step asks for. A step never touches the world: effects are data, and happen after the commit, in this order.
 *
 * `actor` names the sub-dialogue that asks: the ids of the child machines on the way down, joined by `/`; '' is the
 * dialogue itself.
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
  /** The conversation expires so many milliseconds after this turn, whatever comes; null: by the store's age again. */
  | { readonly type: 'expireIn'; readonly milliseconds: number | null }
  /** Nothing is kept of the user after this turn. */
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
  /** End whatever runs as `id` in `actor`: a service, or a sub-dialogue with all that belongs to it. */
  | { readonly type: 'stop'; readonly actor: string; readonly id: string }
  /** Send `event` to `actor` after `delayMs`; a timer of the same id is replaced, one without an id stands alone. */
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
