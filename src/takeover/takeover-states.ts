import type { AnyStateMachine } from 'xstate';
import { isSaidByUser } from '../dialogue/define/said-by-user.ts';
import type { Parser } from '../dialogue/parsers/parser.ts';
import type { Words } from '../dialogue/text/localize.ts';
import type { Message } from '../message.ts';
import {
  type TakeoverContext,
  heardTalking,
  heardWaiting,
  noteOf,
  withRefusal,
  spoken,
  taken,
  waitingAgain,
} from './held-lines.ts';
import { mailState } from './mail.ts';
import type { OperatorEvent } from './notes.ts';
import { operatorOf } from './operator.ts';
import { type ReturnArgs, readResult } from './result.ts';

/** The words of `setupDialogue()` that a takeover is made with. */
export interface TakeoverWords {
  service(config: object): object;
  reply(said: unknown): unknown;
  emit(event: unknown): unknown;
  assign(change: (args: TakeoverArgs) => Partial<TakeoverContext>): unknown;
  createDialogue(config: object): AnyStateMachine;
}

/** What guards and actions see. */
export interface TakeoverArgs {
  readonly context: TakeoverContext;
  readonly event: { readonly type: string };
}

/** What the states of a takeover are made from. */
export interface TakeoverParts {
  readonly id: string;
  readonly version: string | undefined;
  /** The name of the service that tells operators. */
  readonly tell: string;
  readonly idleMs: number;
  readonly result: Parser<unknown> | undefined;
  /** Whether the customer goes back to the bot by a message; undefined where no words say so. */
  readonly isBack: ((message: Message) => unknown) | undefined;
  readonly dialogue: TakeoverWords;
  /** What the library itself says. */
  readonly words: Words;
}

/**
 * The state of a takeover until it ends: `waiting` for an operator, then `talking`, where either the customer or the operator has
 * the last word. Beside it, the notes are sent.
 */
export function openState(parts: TakeoverParts): object {
  return {
    type: 'parallel',
    states: {
      human: {
        initial: 'waiting',
        states: { waiting: waitingState(parts), talking: talkingState(parts) },
      },
      mail: mailState(parts.dialogue, parts.tell),
    },
  };
}

function waitingState(parts: TakeoverParts): object {
  const { id } = parts;
  const talking = (state: string): string => `#${id}.open.human.talking.${state}`;
  const take = done(parts, taken);
  return {
    on: {
      ...heard(parts, heardWaiting),
      'event.operator': [
        { guard: does('take'), target: talking('unanswered'), actions: take, description: 'taken' },
        {
          guard: does('say'),
          target: talking('answered'),
          actions: [take, ...speaking(parts)],
          description: 'the operator speaks',
        },
        ...returned(parts),
      ],
    },
    after: idle(parts),
  };
}

function talkingState(parts: TakeoverParts): object {
  const { dialogue } = parts;
  const again = dialogue.assign(({ context }) => waitingAgain(context));
  return {
    initial: 'unanswered',
    states: {
      // Who waits for an answer does not wait longer by asking once more.
      unanswered: { on: heard(parts, heardTalking), after: idle(parts) },
      answered: { on: heard(parts, heardTalking, 'unanswered'), after: idle(parts) },
    },
    on: {
      'event.operator': [
        {
          guard: isOther,
          actions: done(parts, (context, { by }) =>
            withRefusal(context, by, 'taken', context.by ?? ''),
          ),
          description: 'another operator',
        },
        {
          guard: does('say'),
          target: '.answered',
          reenter: true,
          actions: speaking(parts),
          description: 'the operator speaks',
        },
        { guard: does('leave'), target: 'waiting', actions: again, description: 'left' },
        // The operator did not hear that they have it: they hear it again.
        { guard: does('take'), actions: done(parts, taken), description: 'taken again' },
        ...returned(parts),
      ],
    },
  };
}

/** What the customer says, in whatever words: the dialogue around hears nothing of it. */
function heard(
  parts: TakeoverParts,
  keep: (context: TakeoverContext, event: TakeoverArgs['event']) => object | undefined,
  target?: string,
): object {
  const { dialogue, isBack, words } = parts;
  const back = isBack && {
    guard: ({ event }: TakeoverArgs) => isBack(event as Message) === true,
    ...over(parts, 'left', 'the customer goes back'),
  };
  const ways = [
    ...(back === undefined ? [] : [back]),
    {
      guard: (args: TakeoverArgs) =>
        isSaidByUser(args) && keep(args.context, args.event) !== undefined,
      actions: dialogue.assign(({ context, event }) => keep(context, event) ?? {}),
      description: 'for the operator',
      ...(target !== undefined && { target }),
    },
    {
      guard: isSaidByUser,
      actions: dialogue.reply(({ context }: TakeoverArgs) =>
        words.say({ key: 'takeover.full' }, words.parseContext(context).locale),
      ),
      description: 'no room for more',
    },
  ];
  // No recognizer is asked what is said to a person.
  return { 'message.*': ways, 'intent.*': {} };
}

function speaking(parts: TakeoverParts): readonly unknown[] {
  const said = ({ event }: TakeoverArgs): string => operatorOf(event)?.text ?? '';
  return [done(parts, spoken), parts.dialogue.reply(said)];
}

/** Changes the context by what an operator does. */
function done(
  { dialogue }: TakeoverParts,
  change: (context: TakeoverContext, event: OperatorEvent) => Partial<TakeoverContext>,
): unknown {
  return dialogue.assign(({ context, event }) => {
    const operator = operatorOf(event);
    return operator === undefined ? {} : change(context, operator);
  });
}

/** An operator gives the conversation back, with a result that can be read. */
function returned(parts: TakeoverParts): readonly object[] {
  const { id } = parts;
  const read = (context: TakeoverContext, event: OperatorEvent): ReturnType<typeof readResult> =>
    readResult(parts, { context, event } satisfies ReturnArgs);
  const ended = done(parts, (context, event) => {
    const { by, text = '' } = event;
    return { end: { reason: 'returned', by, result: read(context, event).value, text } };
  });
  return [
    {
      guard: ({ context, event }: TakeoverArgs) => {
        const operator = operatorOf(event);
        return operator?.does === 'return' && read(context, operator).issue === undefined;
      },
      target: `#${id}.over`,
      actions: [ended, telling(parts, 'returned')],
      description: 'given back',
    },
    {
      guard: does('return'),
      actions: done(parts, (context, event) =>
        withRefusal(context, event.by, 'result', read(context, event).issue ?? ''),
      ),
      description: 'no such result',
    },
  ];
}

function idle(parts: TakeoverParts): object {
  return { [parts.idleMs]: over(parts, 'idle', 'no operator says anything') };
}

/** The way out where no operator gives the conversation back. */
function over(parts: TakeoverParts, reason: 'left' | 'idle', description: string): object {
  const ended = parts.dialogue.assign(({ context: { by } }) => ({
    end: { reason, ...(by !== undefined && { by }) },
  }));
  return {
    target: `#${parts.id}.over`,
    actions: [ended, telling(parts, reason)],
    description,
  };
}

/** Tells the program that it is over, after the commit. */
function telling({ dialogue }: TakeoverParts, reason: 'returned' | 'left' | 'idle'): unknown {
  return dialogue.emit(({ context }: TakeoverArgs) => {
    const { by } = context;
    return {
      type: 'takeover.ended',
      note: noteOf(context, { kind: 'ended', reason, ...(by !== undefined && { by }) }),
    };
  });
}

/** A guard for one thing that operators do. */
function does(what: OperatorEvent['does']): (args: TakeoverArgs) => boolean {
  return ({ event }) => operatorOf(event)?.does === what;
}

function isOther({ context, event }: TakeoverArgs): boolean {
  const by = operatorOf(event)?.by;
  return by !== undefined && by !== context.by;
}
