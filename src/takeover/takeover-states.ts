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
  const { id, dialogue } = parts;
  const talking = (state: string): string => `#${id}.open.human.talking.${state}`;
  const take = dialogue.assign(({ context, event }) => taken(context, operatorOf(event)));
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
          actions: dialogue.assign(({ context, event }) =>
            withRefusal(context, operatorOf(event).by, 'taken', context.by ?? ''),
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
        {
          guard: does('take'),
          actions: dialogue.assign(({ context, event }) => taken(context, operatorOf(event))),
          description: 'taken again',
        },
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

function speaking({ dialogue }: TakeoverParts): readonly unknown[] {
  return [
    dialogue.assign(({ context, event }) => spoken(context, operatorOf(event))),
    dialogue.reply(({ event }: TakeoverArgs) => operatorOf(event).text),
  ];
}

/** An operator gives the conversation back, with a result that can be read. */
function returned(parts: TakeoverParts): readonly object[] {
  const { id, dialogue } = parts;
  const read = ({ context, event }: TakeoverArgs): ReturnType<typeof readResult> =>
    readResult(parts, { context, event: operatorOf(event) } satisfies ReturnArgs);
  const ended = dialogue.assign(({ context, event }) => {
    const { by, text = '' } = operatorOf(event);
    const { value } = read({ context, event });
    return { end: { reason: 'returned', by, result: value, text } };
  });
  return [
    {
      guard: (args: TakeoverArgs) => does('return')(args) && read(args).issue === undefined,
      target: `#${id}.over`,
      actions: [ended, telling(parts, 'returned')],
      description: 'given back',
    },
    {
      guard: does('return'),
      actions: dialogue.assign(({ context, event }) => {
        const { issue = '' } = read({ context, event });
        return withRefusal(context, operatorOf(event).by, 'result', issue);
      }),
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

/** A guard for one thing that operators do. What is said has words. */
function does(what: OperatorEvent['does']): (args: TakeoverArgs) => boolean {
  return ({ event }) => {
    const given: Partial<OperatorEvent> = operatorOf(event);
    const { by, does: done, text } = given;
    if (typeof by !== 'string' || by === '' || done !== what) return false;
    return what === 'say' ? typeof text === 'string' && text.trim() !== '' : true;
  };
}

function isOther({ context, event }: TakeoverArgs): boolean {
  const { by } = operatorOf(event) as Partial<OperatorEvent>;
  return typeof by === 'string' && by !== '' && by !== context.by;
}

function operatorOf(event: TakeoverArgs['event']): OperatorEvent {
  return event as unknown as OperatorEvent;
}
