import { type ActionArgs, type EventObject, type MachineContext, assign, emit } from 'xstate';
import { type Duration, toMilliseconds } from '../../clock.ts';
import { UsageError } from '../../errors.ts';
import { NO_WAITING, isAsync, isKeyed, kindOf } from '../../internal/closed.ts';
import type { Message } from '../../message.ts';
import type { Reply, ReplyEvent, WordEvent } from '../../reply.ts';
import { toReply } from '../../reply-check.ts';
import { ASKED, type Asked } from '../engine/question.ts';

/** What a reply that is not constant is made from. */
export type ReplyExpression<
  Context extends MachineContext,
  Event extends EventObject,
  AnyEvent extends EventObject = Message,
> = (args: ActionArgs<Context, Event, AnyEvent>) => string | Reply;

/** Something to say that depends on the `context` only: a question, a summary. */
export type Saying<Context> =
  string | Reply | ((args: { readonly context: Context }) => string | Reply);

/**
 * The action that says `reply`. A constant one is checked and frozen once, where the dialogue is defined.
 * @param asked where a question says it; a function of the same arguments as a reply that is one
 */
export function say(reply: unknown, asked?: Asked | ((args: never) => Asked)): unknown {
  const mark = asked === undefined ? undefined : { [ASKED]: asked };
  if (isAsync(reply)) throw new UsageError('bad_reply', waiting('reply()'));
  if (typeof reply !== 'function') {
    return emit(
      Object.freeze({ type: 'reply', reply: Object.freeze(toReply(reply)), ...mark }) as ReplyEvent,
    );
  }
  return emit((args: unknown) => {
    const answer = reply(args) as string | Reply;
    const said = typeof answer === 'string' ? { type: 'text', text: answer } : answer;
    if (asked === undefined) return { type: 'reply', reply: said };
    const by = typeof asked === 'function' ? asked(args as never) : asked;
    return { type: 'reply', reply: said, [ASKED]: by };
  });
}

/** @throws UsageError `bad_option` for what assigns nothing, or later */
export function assigning(assignment: unknown): unknown {
  if (typeof assignment !== 'function' && !isKeyed(assignment)) {
    throw new UsageError(
      'bad_option',
      `assign() takes an object, or a function that returns one; it got ${kindOf(assignment)}.`,
    );
  }
  if (typeof assignment === 'object') for (const key of Object.keys(assignment)) checkKeyOf(key);
  const functions = typeof assignment === 'function' ? [assignment] : Object.values(assignment);
  if (functions.some(isAsync)) throw new UsageError('bad_option', waiting('assign()'));
  return assign(assignment as never);
}

/** @throws UsageError `bad_key` for a key that reaches a prototype: JavaScript would drop its value in silence */
export function checkKeyOf(key: string): void {
  if (key !== '__proto__') return;
  throw new UsageError('bad_key', 'A key of a context cannot be `__proto__`: take another one.');
}

/** @throws UsageError `bad_option` for what is no event */
export function emitting(event: unknown): unknown {
  if (typeof event !== 'function' && (!isKeyed(event) || typeof event['type'] !== 'string')) {
    throw new UsageError(
      'bad_option',
      `emit() takes an event with a \`type\`, or a function that returns one; it got ${kindOf(event)}.`,
    );
  }
  return emit(event as never);
}

function waiting(word: string): string {
  return `${word} got an async function. ${NO_WAITING}`;
}

/** The reply for these arguments. */
export function valueOf<Args>(
  reply: string | Reply | ((args: Args) => string | Reply),
  args: Args,
): string | Reply {
  return typeof reply === 'function' ? reply(args) : reply;
}

export function expireIn(duration: unknown): unknown {
  if (typeof duration !== 'function') return emit(expiring(duration));
  return emit((args: unknown) => expiring(duration(args)));
}

function expiring(duration: unknown): WordEvent {
  if (duration === null) return { type: 'expireIn', milliseconds: null };
  const milliseconds = toMilliseconds(duration as Duration);
  if (milliseconds < 0) {
    throw new UsageError(
      'bad_duration',
      'expireIn() takes a duration that is not negative, or null for the default age.',
    );
  }
  return { type: 'expireIn', milliseconds };
}

export const forget: unknown = /* @__PURE__ */ emit({ type: 'forget' } as WordEvent);
export const repeat: unknown = /* @__PURE__ */ emit({ type: 'repeat' } as WordEvent);
