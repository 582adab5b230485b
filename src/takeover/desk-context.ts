import { toNumber } from '../dialogue/parsers/numerals.ts';
import { fold } from '../dialogue/text/normalize.ts';
import { storedBytes } from '../internal/cut-text.ts';
import type { Mail } from './mail.ts';
import type { OperatorEvent, TakeoverNote } from './notes.ts';

/** What a desk keeps of an operator: the context of its dialogue. */

/** The maximum of customers that wait in one operator's list. Those who came first stay in it. */
export const MAX_WAITING = 50;
/** The maximum of what an operator has done or said that waits to reach the conversations. */
export const MAX_DONE = 20;
/** The maximum of bytes that it takes as JSON. */
export const MAX_DONE_BYTES = 65_536;

/** A customer, as the operator knows them. */
export interface DeskCustomer {
  /** The openid of their conversation. */
  readonly customer: string;
  /** Their name, where it is known. */
  readonly name?: string | undefined;
}

/** Something that the operator does in a conversation, on its way there. */
export interface DeskAct extends DeskCustomer {
  /** What it is, as the event that the conversation gets. */
  readonly event: OperatorEvent;
}

/** The context of a desk. */
export interface DeskContext {
  /** The openid of the operator. */
  readonly openid: string;
  /** Who waits for an operator, the first one first. */
  readonly waiting: readonly DeskCustomer[];
  /** Whose conversation the operator has, or has asked for. */
  readonly with?: DeskCustomer | undefined;
  /** Who was lost just now: the conversation is over, or was never there. */
  readonly lost?: DeskCustomer | undefined;
  /** What has to reach conversations. */
  readonly mail: Mail<DeskAct>;
}

type Change = Partial<DeskContext>;

/** How operators read who it is. */
export function nameOfCustomer({ customer, name }: DeskCustomer): string {
  return name ?? customer;
}

/**
 * What operators choose from. A name that another one has, or that is a number of the list, has the openid behind it: who
 * writes it means one of them.
 */
export function customersIn(
  waiting: readonly DeskCustomer[],
): readonly { readonly value: string; readonly label: string }[] {
  return waiting.map((each) => {
    const { customer, name } = each;
    const said = fold(nameOfCustomer(each));
    const isClear =
      said !== '' &&
      toNumber(said) === undefined &&
      waiting.every((other) => other === each || !namesOf(other).includes(said));
    if (isClear) return { value: customer, label: nameOfCustomer(each) };
    return {
      value: customer,
      label: name === undefined ? `#${customer}` : `${name} (${customer})`,
    };
  });
}

function namesOf({ customer, name = customer }: DeskCustomer): readonly string[] {
  return [fold(customer), fold(name)];
}

export function isWith(context: DeskContext, note: TakeoverNote): boolean {
  return context.with?.customer === note.customer;
}

export function withWaiting({ waiting }: DeskContext, { customer, name }: TakeoverNote): Change {
  const others = waiting.filter((each) => each.customer !== customer);
  if (others.length < waiting.length) return {};
  return waiting.length < MAX_WAITING ? { waiting: [...waiting, { customer, name }] } : {};
}

export function withoutWaiting(context: DeskContext, customer: string): Change {
  return { waiting: context.waiting.filter((each) => each.customer !== customer) };
}

/** The operator asks for a conversation; undefined where too much is on its way. */
export function asking(context: DeskContext, customer: string): Change | undefined {
  const asked = context.waiting.find((each) => each.customer === customer) ?? { customer };
  const done = doing({ ...context, with: asked }, { does: 'take' });
  return done && { with: asked, ...withoutWaiting(context, customer), ...done };
}

/** The operator does something in the conversation that they have; undefined where too much is on its way. */
export function doing(
  context: DeskContext,
  done: Pick<OperatorEvent, 'does' | 'text'>,
): Change | undefined {
  if (context.with === undefined) return undefined;
  const event = { by: context.openid, ...done };
  const items = [...context.mail.items, { ...context.with, event }];
  if (items.length > MAX_DONE || storedBytes(items) > MAX_DONE_BYTES) return undefined;
  return { mail: { ...context.mail, items } };
}

/** Conversations that are not waiting for this operator any more: their dialogues took nothing. */
export function withoutGone(
  context: DeskContext,
  { gone = [] }: { readonly gone?: readonly string[] },
): Change {
  const waiting = context.waiting.filter(({ customer }) => !gone.includes(customer));
  const has = context.with;
  if (has === undefined || !gone.includes(has.customer)) return { waiting };
  return { waiting, with: undefined, lost: has };
}
