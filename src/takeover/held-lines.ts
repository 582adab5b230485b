import { saidInWords } from '../dialogue/define/said-by-user.ts';
import { isKeyed } from '../internal/closed.ts';
import { cutText, storedBytes } from '../internal/cut-text.ts';
import { given } from '../internal/given.ts';
import type { Mail } from './mail.ts';
import type { NoteAbout, OperatorEvent, TakeoverLine, TakeoverNote } from './notes.ts';
import { readableAddress, readableName } from './readable.ts';

/** What a takeover keeps: the context of its sub-dialogue, in the record of the customer. */

/** The maximum of lines that a takeover keeps of what was said. */
export const MAX_LINES = 50;
/** The maximum of bytes that they take as JSON. */
export const MAX_LINE_BYTES = 32_768;
/** The maximum of notes that wait to be told to operators. */
export const MAX_NOTES = 50;
/** The maximum of bytes that these take as JSON. */
export const MAX_NOTE_BYTES = 131_072;
/** How many of them, and of their bytes, may be what the customer said. The rest is for what happens to the conversation. */
const MAX_SAID = 40;
const MAX_SAID_BYTES = 65_536;
/** The maximum of bytes of one text that operators read. */
const MAX_TEXT_BYTES = 8192;

/** The context of a takeover. */
export interface TakeoverContext {
  /** The openid of the conversation. */
  readonly customer: string;
  /** The name of the customer, where the channel knows one. */
  readonly name?: string | undefined;
  /** What was said, the oldest first. */
  readonly lines: readonly TakeoverLine[];
  /** Who has the conversation. */
  readonly by?: string | undefined;
  /** What has to be told to operators. */
  readonly mail: Mail<TakeoverNote>;
  /** How it ended, beside the lines. */
  readonly end?: object | undefined;
}

type Change = Partial<TakeoverContext>;
type Event = { readonly type: string };

/** What a note says beside whom it is about. */
type Said<Note> = Note extends NoteAbout ? Omit<Note, keyof NoteAbout> : never;
type NoteOf<Kind> = Said<Extract<TakeoverNote, { readonly kind: Kind }>>;

/** The words of a message, as one line. */
function lineOf(customer: string, event: Event): TakeoverLine {
  const { from, type, url } = event as Event & { readonly from?: unknown; readonly url?: unknown };
  const name = isKeyed(from)
    ? (readableName(from['name']) ?? readableName(otherThan(customer, from['id'])))
    : undefined;
  const image = type === 'message.image' ? readableAddress(url) : undefined;
  return {
    from: 'customer',
    ...given({ name }),
    text: cutText(saidInWords(event), MAX_TEXT_BYTES),
    ...given({ image }),
  };
}

/** What the dialogue around tells operators. */
export function ofBot(about: string): TakeoverLine {
  return { from: 'bot', text: cutText(about, MAX_TEXT_BYTES) };
}

/** The id of a person in a group; undefined where the conversation is theirs alone, which the id at the end of its openid says. */
function otherThan(customer: string, id: unknown): unknown {
  return customer === id || customer.endsWith(`:${String(id)}`) ? undefined : id;
}

/** What the customer said before an operator has the conversation; undefined where there is no room for it. */
export function heardWaiting(context: TakeoverContext, event: Event): Change | undefined {
  const line = lineOf(context.customer, event);
  const lines = [...context.lines, line];
  return fits(lines, MAX_LINES, MAX_LINE_BYTES) ? { lines, ...nameOf(context, line) } : undefined;
}

/** What the customer said to the operator; undefined where too much waits to be told. */
export function heardTalking(context: TakeoverContext, event: Event): Change | undefined {
  const line = lineOf(context.customer, event);
  const said: NoteOf<'said'> = { kind: 'said', by: context.by ?? '', line };
  const named = nameOf(context, line);
  const mail = withNote(context, noteOf({ ...context, ...named }, said));
  if (!fits(mail.items, MAX_SAID, MAX_SAID_BYTES)) return undefined;
  return { lines: withLine(context, line), mail, ...named };
}

/** What the operator said. */
export function spoken(context: TakeoverContext, { by, text = '' }: OperatorEvent): Change {
  const line = { from: 'operator', name: by, text: cutText(text, MAX_TEXT_BYTES) } as const;
  return { lines: withLine(context, line) };
}

/** An operator has the conversation. */
export function taken(context: TakeoverContext, { by }: OperatorEvent): Change {
  const { lines } = context;
  return { by, ...told(context, { kind: 'taken', by, lines }) };
}

/** It waits for another operator. */
export function waitingAgain(context: TakeoverContext): Change {
  return { by: undefined, ...told(context, { kind: 'waiting', lines: context.lines }) };
}

/** The operator hears why nothing was done. */
export function withRefusal(
  context: TakeoverContext,
  to: string,
  problem: 'taken' | 'result',
  why: string,
): Change {
  return told(context, { kind: 'refused', to, problem, why });
}

/** One more note to operators. It is left out where ten of its kind wait already: no operator could be told for long. */
function told(
  context: TakeoverContext,
  note: NoteOf<'waiting'> | NoteOf<'taken'> | NoteOf<'refused'>,
): Change {
  const mail = withNote(context, noteOf(context, note));
  return fits(mail.items, MAX_NOTES, MAX_NOTE_BYTES) ? { mail } : {};
}

function withNote({ mail }: TakeoverContext, note: TakeoverNote): TakeoverContext['mail'] {
  return { ...mail, items: [...mail.items, note] };
}

export function noteOf(
  { customer, name }: Pick<TakeoverContext, 'customer' | 'name'>,
  note: Said<TakeoverNote>,
): TakeoverNote {
  return { customer, ...given({ name }), ...note };
}

/** The name of the customer, as long as nobody else has spoken: in a group, each line says whose it is. */
function nameOf(context: TakeoverContext, { name }: TakeoverLine): Change {
  return context.name === undefined && name !== undefined ? { name } : {};
}

/** The lines with one more; the oldest leave. */
function withLine({ lines }: TakeoverContext, line: TakeoverLine): readonly TakeoverLine[] {
  let kept = [...lines, line];
  while (!fits(kept, MAX_LINES, MAX_LINE_BYTES)) kept = kept.slice(1);
  return kept;
}

function fits(list: readonly object[], count: number, bytes: number): boolean {
  return list.length <= count && storedBytes(list) <= bytes;
}
