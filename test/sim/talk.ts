import { type AnyStateMachine, fromPromise } from 'xstate';
import { setupDialogue } from 'colloquy';

export const REMIND_MS = 60_000;

/** What a user says; `paid` is an event that another program sends. */
export type Kind = 'text' | 'image' | 'voice' | 'video' | 'paid';

export interface TalkHooks {
  /** An action of the dialogue runs, for the entry that asked for it. */
  readonly onAction: (entry: string) => void;
  /** The service that a voice message asks for; the dialogue says its result to the user. */
  readonly serve: (tag: string) => Promise<string>;
  /** The reminder of a video is worked out. Its entry is not committed yet, and may never be. */
  readonly onRemind: (tag: string) => void;
}

/** What follows an answer to a message whose id begins with `big`: a record has room for two or three such answers. */
const PADDING = '='.repeat(10 * 1024);

/** What the dialogue says of the entry with this number. */
export function answerTo(number: number, entry: string): string {
  return `${number} ${entry}${tagOf(entry).startsWith('big') ? PADDING : ''}`;
}

export function entryIn(answer: string): string {
  return answer.slice(answer.indexOf(' ') + 1).replace(/=+$/u, '');
}

/**
 * A dialogue that writes down everything it takes: its context is the list of what counted, in that order. A message
 * brings a tag (`m3.1`: the message m3, sent for the first time); its entry is `kind:tag`.
 *
 * - The dialogue answers text, and runs an action; an image throws.
 * - It answers voice, and starts a service, whose result is an entry `served:tag`. Meanwhile it takes only text.
 * - After a video it waits for a minute, then `remind:tag` is an entry; any message before that ends the waiting.
 * - It takes an event `paid` in any state, and stays there.
 * - The answer to a message is the number of its entry and the entry; it is long where the id of the message says so. The video that begins the waiting has no answer.
 */
export function createTalk({ onAction, serve, onRemind }: TalkHooks): AnyStateMachine {
  const words = setupDialogue({
    types: {} as { context: { log: readonly string[] } },
    actors: { echo: fromPromise(({ input }: { input: string }) => serve(input)) },
    actions: { act: (_, { entry }: { entry: string }) => onAction(entry) },
  });
  const note = words.assign({
    log: ({ context, event }) => [...context.log, entryOf(event)],
  });
  const said = ({ context: { log } }: { context: { log: readonly string[] } }): string =>
    answerTo(log.length, log.at(-1) ?? '');
  const text = [
    note,
    words.reply(said),
    {
      type: 'act' as const,
      params: ({ event }: { event: object }) => ({ entry: entryOf(event) }),
    },
  ] as const;
  return words.createDialogue({
    id: 'talk',
    version: '1',
    context: { log: [] },
    initial: 'on',
    on: { 'event.payment': { actions: [note, words.reply(said)] } },
    states: {
      on: {
        on: {
          'message.text': { actions: [...text] },
          'message.image': {
            actions: [
              note,
              words.reply(said),
              words.assign(() => {
                throw new Error('boom');
              }),
            ],
          },
          'message.voice': { target: 'asking', actions: [note, words.reply(said)] },
          'message.video': { target: 'waiting', actions: note },
        },
      },
      asking: {
        on: { 'message.text': { actions: [...text] } },
        invoke: {
          src: 'echo',
          input: ({ context }) => lastTag(context.log, 'voice'),
          onDone: {
            target: 'on',
            actions: [
              words.assign({
                log: ({ context, event }) => [...context.log, `served:${event.output}`],
              }),
              words.reply(said),
            ],
          },
        },
      },
      waiting: {
        after: {
          [REMIND_MS]: {
            target: 'on',
            actions: [
              words.assign({
                log: ({ context }) => {
                  const tag = lastTag(context.log, 'video');
                  onRemind(tag);
                  return [...context.log, `remind:${tag}`];
                },
              }),
              words.reply(said),
            ],
          },
        },
        on: { 'message.*': { target: 'on', actions: [note, words.reply(said)] } },
      },
    },
  }) as unknown as AnyStateMachine;
}

/** A message with its tag, as the dialogue takes it. */
export function messageOf(
  kind: Exclude<Kind, 'paid'>,
  tag: string,
): { type: 'message.text'; text: string } {
  const message = kind === 'text' ? { text: tag } : { mediaId: tag };
  return { type: `message.${kind}`, ...message } as { type: 'message.text'; text: string };
}

function entryOf(event: object): string {
  const { type, text, mediaId, key } = event as Readonly<Record<string, string>>;
  if (type === 'event.payment') return `paid:${key}`;
  return `${type?.slice('message.'.length)}:${text ?? mediaId}`;
}

function lastTag(log: readonly string[], kind: Kind): string {
  const entry = log.findLast((each) => each.startsWith(`${kind}:`));
  return entry?.slice(kind.length + 1) ?? '';
}

export function tagOf(entry: string): string {
  return entry.slice(entry.indexOf(':') + 1);
}

/** The id of the message that was sent with this tag. */
export function idOf(tag: string): string {
  return tag.slice(0, tag.indexOf('.'));
}

/** The meaning of a log, computed without the library. */
export interface Reading {
  readonly state: 'on' | 'asking' | 'waiting';
  /** For each entry, whether it has an answer. */
  readonly answered: readonly boolean[];
  /** Why the dialogue could not have written this log, if it could not. */
  readonly wrong: string | undefined;
}

export function readLog(log: readonly string[]): Reading {
  let state: Reading['state'] = 'on';
  let tag = '';
  let wrong: string | undefined;
  const answered: boolean[] = [];
  const counted = new Set<string>();
  for (const entry of log) {
    const kind = entry.slice(0, entry.indexOf(':'));
    if (['text', 'image', 'voice', 'video', 'paid'].includes(kind)) {
      const id = idOf(tagOf(entry));
      if (counted.has(id)) wrong ??= `${id} counted twice`;
      counted.add(id);
    }
    const legal: boolean =
      kind === 'update' ||
      kind === 'paid' ||
      (kind === 'remind' && state === 'waiting' && tagOf(entry) === tag) ||
      (kind === 'served' && state === 'asking' && tagOf(entry) === tag) ||
      kind === 'text' ||
      (kind === 'image' && state === 'waiting') ||
      ((kind === 'voice' || kind === 'video') && state !== 'asking');
    if (!legal) wrong ??= `${entry} while it was ${state} ${tag}`;
    const begins = state === 'on' && (kind === 'voice' || kind === 'video');
    answered.push(kind !== 'update' && !(begins && kind === 'video'));
    if (begins) {
      state = kind === 'voice' ? 'asking' : 'waiting';
      tag = tagOf(entry);
    } else if (kind !== 'update' && kind !== 'paid' && !(kind === 'text' && state === 'asking')) {
      state = 'on';
    }
  }
  return { state, answered, wrong };
}
