import type { AnyStateMachine } from 'xstate';
import {
  type DeskContext,
  asking,
  customersIn,
  doing,
  nameOfCustomer,
  withWaiting,
  withoutWaiting,
} from './desk-context.ts';
import { beginning, lineOnDesk } from './desk-lines.ts';
import {
  type DeskArgs,
  isAboutMine,
  isLast,
  isMine,
  isNote,
  isRefusalOf,
  nameKnown,
  whyOf,
} from './desk-notes.ts';
import { type SayPhrase, wordOfDesk } from './desk-words.ts';
import type { TakeoverNote } from './notes.ts';

/** The words of `setupDialogue()` that a desk is made with. */
export interface DeskSetup {
  service(config: object): object;
  choose(config: object): object;
  reply(said: unknown): unknown;
  assign(change: (args: DeskArgs) => Partial<DeskContext>): unknown;
  createDialogue(config: object): AnyStateMachine;
}

/** What the states of a desk are made from. */
export interface DeskParts {
  readonly dialogue: DeskSetup;
  readonly say: SayPhrase;
  readonly operators: () => readonly string[];
}

interface Chosen {
  readonly context: DeskContext;
  readonly value: string;
}

/**
 * What an operator does: `free` while nobody waits, `inbox` chooses who is next, `taking` waits until they have the
 * conversation, `talking` passes on what both say. `stranger` is who is no operator.
 */
export function deskStates(parts: DeskParts): object {
  const { dialogue, say, operators } = parts;
  const isOperator = ({ context }: DeskArgs): boolean => operators().includes(context.openid);
  return {
    initial: 'free',
    on: { 'event.customer': notes(parts) },
    states: {
      free: {
        always: [
          {
            guard: (args: DeskArgs) => !isOperator(args),
            target: 'stranger',
            description: 'is none',
          },
          {
            guard: ({ context }: DeskArgs) => context.waiting.length > 0,
            target: 'inbox',
            description: 'somebody waits',
          },
        ],
        on: { 'message.*': { actions: dialogue.reply(say('none')) } },
      },
      stranger: {
        on: {
          'message.*': [
            { guard: isOperator, target: 'free', description: 'is one now' },
            { actions: dialogue.reply(say('stranger')) },
          ],
          'event.customer': [{ guard: isOperator, target: 'free', ...keepsWaiting(parts) }, {}],
        },
      },
      inbox: inboxState(parts),
      taking: {
        on: {
          // The conversation may be out of reach.
          'message.text': leaving(parts),
          'message.*': { actions: dialogue.reply(say('moment')) },
        },
        always: lost(parts),
      },
      talking: talkingState(parts),
    },
  };
}

function inboxState(parts: DeskParts): object {
  const { dialogue, say } = parts;
  return dialogue.choose({
    question: say('who'),
    options: ({ context }: DeskArgs) => customersIn(context.waiting),
    assign: ({ context, value }: Chosen) => asking(context, value) ?? {},
    target: [
      {
        guard: ({ context, value }: Chosen) => asking(context, value) !== undefined,
        target: 'taking',
        description: 'is asked for',
      },
      { actions: dialogue.reply(say('full')), description: 'no room for more' },
    ],
    on: {
      'event.customer': [
        { guard: isNote('waiting'), target: 'inbox', reenter: true, ...keepsWaiting(parts) },
        {
          guard: (args: DeskArgs) =>
            isNote('taken', 'ended')(args) && !isMine(args) && isLast(args),
          target: 'free',
          ...dropsWaiting(parts),
        },
      ],
    },
  });
}

function talkingState(parts: DeskParts): object {
  const { dialogue, say } = parts;
  const act = dialogue.assign(({ context, event }) => doing(context, doneBy(event)) ?? {});
  return {
    on: {
      'event.customer': {
        // The dialogue around it left the takeover, which then tells no operator; the customer asks for one again.
        guard: (args: DeskArgs) => isNote('waiting')(args) && isAboutMine(args),
        target: 'free',
        actions: [
          dialogue.reply(({ context }: DeskArgs) =>
            say('ended', { name: nameKnown(context.with) }),
          ),
          dialogue.assign(({ context, event: { note } }) => ({
            with: undefined,
            ...(note && withWaiting(context, note)),
          })),
        ],
        description: 'waits again',
      },
      'message.text': [
        {
          guard: ({ event: { text = '' } }: DeskArgs) => text.trim() === '',
          actions: dialogue.reply(say('onlyText')),
          description: 'no words',
        },
        {
          guard: ({ context, event }: DeskArgs) => doing(context, doneBy(event)) === undefined,
          actions: dialogue.reply(say('full')),
          description: 'no room for more',
        },
        leaving(parts),
        { actions: act, description: 'for the conversation' },
      ],
      'message.*': { actions: dialogue.reply(say('onlyText')) },
    },
    always: lost(parts),
  };
}

/** The way out by which the operator leaves the conversation to others. */
function leaving({ dialogue, say }: DeskParts): object {
  return {
    guard: ({ event }: DeskArgs) => doneBy(event).does === 'leave',
    target: 'free',
    actions: [
      dialogue.assign(({ context, event }) => doing(context, doneBy(event)) ?? {}),
      dialogue.reply(({ context }: DeskArgs) => say('left', { name: nameKnown(context.with) })),
      dialogue.assign(() => ({ with: undefined })),
    ],
    description: 'leaves it to others',
  };
}

/** The way out where the conversation takes nothing from this operator any more. */
function lost({ dialogue, say }: DeskParts): object {
  return {
    guard: ({ context }: DeskArgs) => context.lost !== undefined,
    target: 'free',
    actions: [
      dialogue.reply(({ context }: DeskArgs) => say('gone', { name: nameKnown(context.lost) })),
      dialogue.assign(() => ({ lost: undefined })),
    ],
    description: 'the conversation is over',
  };
}

/** What the notes of conversations do, wherever the operator is. */
function notes(parts: DeskParts): readonly object[] {
  const { dialogue, say } = parts;
  const noteOf = ({ event }: DeskArgs): TakeoverNote => event.note as TakeoverNote;
  const name = (args: DeskArgs): string => nameOfCustomer(noteOf(args));
  const free = dialogue.assign(({ context, event }) => ({
    with: undefined,
    ...withoutWaiting(context, event.note?.customer ?? ''),
  }));
  return [
    {
      guard: (args: DeskArgs) => isNote('waiting')(args) && args.context.with === undefined,
      target: '.free',
      ...keepsWaiting(parts),
    },
    {
      guard: (args: DeskArgs) => isNote('waiting')(args) && !isAboutMine(args),
      actions: [
        dialogue.assign(({ context, event }) => withWaiting(context, event.note as TakeoverNote)),
        dialogue.reply((args: DeskArgs) => say('also', { name: name(args) })),
      ],
      description: 'somebody else waits, too',
    },
    {
      guard: (args: DeskArgs) => isNote('taken')(args) && isMine(args),
      target: '.talking',
      actions: [
        dialogue.assign(({ context, event: { note } }) => {
          const { customer = '', name: known } = note ?? {};
          return { with: { customer, name: known }, ...withoutWaiting(context, customer) };
        }),
        dialogue.reply((args: DeskArgs) => beginning(say, noteOf(args))),
      ],
      description: 'has the conversation',
    },
    {
      guard: (args: DeskArgs) => isNote('said')(args) && isAboutMine(args),
      actions: dialogue.reply((args: DeskArgs) => {
        const note = noteOf(args);
        return note.kind === 'said' ? lineOnDesk(say, note, note.line) : '';
      }),
      description: 'the customer speaks',
    },
    {
      guard: (args: DeskArgs) => isRefusalOf(args, 'result') && isAboutMine(args),
      actions: dialogue.reply((args: DeskArgs) => say('result', { why: whyOf(args) })),
      description: 'no such result',
    },
    {
      guard: (args: DeskArgs) => isRefusalOf(args, 'taken') && isAboutMine(args),
      target: '.free',
      actions: [
        free,
        dialogue.reply((args: DeskArgs) => say('taken', { name: name(args), by: whyOf(args) })),
      ],
      description: 'another operator has it',
    },
    {
      guard: (args: DeskArgs) => isNote('ended')(args) && isAboutMine(args),
      target: '.free',
      actions: [free, dialogue.reply((args: DeskArgs) => say('ended', { name: name(args) }))],
      description: 'the bot has it again',
    },
    { guard: isNote('taken', 'ended'), ...dropsWaiting(parts) },
  ];
}

function keepsWaiting({ dialogue }: DeskParts): object {
  const keep = dialogue.assign(({ context, event: { note } }) =>
    note?.kind === 'waiting' ? withWaiting(context, note) : {},
  );
  return { actions: keep, description: 'somebody waits' };
}

function dropsWaiting({ dialogue }: DeskParts): object {
  const drop = dialogue.assign(({ context, event }) =>
    withoutWaiting(context, event.note?.customer ?? ''),
  );
  return { actions: drop, description: 'waits no more' };
}

function doneBy({ text = '' }: DeskArgs['event']):
  | NonNullable<ReturnType<typeof wordOfDesk>>
  | {
      readonly does: 'say';
      readonly text: string;
    } {
  return wordOfDesk(text) ?? { does: 'say', text };
}
