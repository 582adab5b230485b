import type { HistoryLimits } from '../../dialogue/text/history.ts';
import type { HistoryTurn } from '../../dialogue/text/history-turns.ts';
import { formatReply } from '../../format.ts';
import { cutText, storedBytes } from '../../internal/cut-text.ts';
import { type Message, textOf } from '../../message.ts';
import type { Reply } from '../../reply.ts';

/** What was said in the conversations of dialogues that keep it: the last turns, within a number and a size. */

/** A single text may take this part of the room, so that one long text does not push out all others. */
const LARGEST_PART = 4;

/** What a turn adds. */
interface Addition {
  /** What the user said; undefined if the turn was not about a message. */
  readonly message?: Message | undefined;
  readonly replies: readonly Reply[];
}

/** The history with what a turn adds. A reply that comes later, as that of a service, belongs to the turn before it. */
export function historyWith(
  base: readonly HistoryTurn[],
  { message, replies }: Addition,
  limits: HistoryLimits,
): readonly HistoryTurn[] {
  const maxBytes = Math.floor(limits.bytes / LARGEST_PART);
  const user = message && said(message);
  const assistant = replies.filter(isForAll).map(formatReply).join('\n');
  const turn: HistoryTurn = {
    ...(user !== undefined && { user: cutText(user, maxBytes) }),
    ...(user !== undefined && message?.from && { by: message.from.id }),
    ...(assistant !== '' && { assistant: cutText(assistant, maxBytes) }),
  };
  if (turn.user === undefined && turn.assistant === undefined) return base;
  const last = base.at(-1);
  const isLate = turn.user === undefined && last !== undefined && last.assistant === undefined;
  return within(isLate ? [...base.slice(0, -1), { ...last, ...turn }] : [...base, turn], limits);
}

/** What one person of a conversation alone has read, no model may tell the others. */
function isForAll(reply: Reply): boolean {
  return reply.type === 'handoff' || !('to' in reply);
}

/** Whether a stored value is such a history. */
export function isHistory(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (turn: unknown) =>
        typeof turn === 'object' &&
        turn !== null &&
        isTextOrNone((turn as HistoryTurn).by) &&
        isTextOrNone((turn as HistoryTurn).user) &&
        isTextOrNone((turn as HistoryTurn).assistant),
    )
  );
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** The words of a message, those on a button, or the kind of a message without words; undefined for blanks. */
function said(message: Message): string | undefined {
  const { type } = message;
  if (!type.startsWith('message.')) return undefined;
  const words = type === 'message.action' ? (message as { label?: string }).label : undefined;
  const text = words ?? textOf(message) ?? `[${type.slice('message.'.length)}]`;
  return text.trim() === '' ? undefined : text;
}

/** The last of these turns, as many as fit. */
function within(
  turns: readonly HistoryTurn[],
  { turns: most, bytes }: HistoryLimits,
): HistoryTurn[] {
  let room = bytes;
  let first = turns.length;
  while (first > 0 && turns.length - first < most) {
    const { by, user, assistant } = turns[first - 1] as HistoryTurn;
    room -= bytesOf(by) + bytesOf(user) + bytesOf(assistant);
    if (room < 0) break;
    first -= 1;
  }
  return turns.slice(first);
}

function bytesOf(text: string | undefined): number {
  return text === undefined ? 0 : storedBytes(text);
}
