import { type DeskContext, type DeskCustomer, isWith, nameOfCustomer } from './desk-context.ts';
import type { TakeoverNote } from './notes.ts';

/** What guards and actions of a desk ask about the note that a conversation sent. */

/** What guards and actions see. */
export interface DeskArgs {
  readonly context: DeskContext;
  readonly event: { readonly type: string; readonly text?: string; readonly note?: TakeoverNote };
}

type Kind = TakeoverNote['kind'];

export function isNote(...kinds: readonly Kind[]): (args: DeskArgs) => boolean {
  return ({ event: { note } }) => note !== undefined && kinds.includes(note.kind);
}

export function isRefusalOf({ event: { note } }: DeskArgs, problem: 'taken' | 'result'): boolean {
  return note?.kind === 'refused' && note.problem === problem;
}

export function whyOf({ event: { note } }: DeskArgs): string {
  return note?.kind === 'refused' ? note.why : '';
}

/** Whether the note says that this operator has the conversation. */
export function isMine({ context, event: { note } }: DeskArgs): boolean {
  return note?.kind === 'taken' && note.by === context.openid;
}

/** Whether it is about the conversation that the operator has, or has asked for. */
export function isAboutMine({ context, event: { note } }: DeskArgs): boolean {
  return note !== undefined && isWith(context, note);
}

/** Whether the one whom the note is about is the only one who waits. */
export function isLast({ context, event: { note } }: DeskArgs): boolean {
  return context.waiting.every(({ customer }) => customer === note?.customer);
}

export function nameKnown(customer: DeskCustomer | undefined): string {
  return customer === undefined ? '' : nameOfCustomer(customer);
}
