import { jsonSize } from '../../internal/plain-data.ts';
import type { TextMessage, TextPart } from '../../message.ts';
import { type Burst, type ConversationRecord, NONE, bareRecord } from './record.ts';
import { type SeenLimits, remember } from './seen-log.ts';

/** When a burst is complete. */
export interface BurstLimits {
  readonly quietMs: number;
  readonly maxMs: number;
  /** The maximum of parts. */
  readonly max: number;
  /** The maximum of bytes of JSON. */
  readonly maxBytes: number;
}

/** A message that may be a part of a burst. */
export interface NewPart extends Pick<Burst, 'from'> {
  readonly part: TextPart;
  readonly heldUntil: () => number;
}

/** Whether a message continues a burst: the same person said it, before the burst was complete, and there is room for it. */
export function continues(
  { parts, from, dueAt }: Burst,
  added: NewPart,
  { max, maxBytes }: BurstLimits,
): boolean {
  const { part } = added;
  const isTimely = from?.id === added.from?.id && part.at <= dueAt && parts.length < max;
  return isTimely && jsonSize({ parts: [...parts, part] }) <= maxBytes;
}

/** A record with one more part in its burst. A part is no turn: it postpones no expiry. */
export function addPart(
  found: ConversationRecord | undefined,
  { part, from, heldUntil }: NewPart,
  about: {
    readonly openid: string;
    readonly now: number;
    readonly limits: BurstLimits;
    readonly seen: SeenLimits;
  },
): ConversationRecord {
  const { openid, now, limits } = about;
  const base =
    found === undefined || found.absent === 'corrupt'
      ? bareRecord({ openid, revision: 0, savedAt: now })
      : found;
  const { parts = NONE, dueAt = 0 } = base.burst ?? {};
  const startedAt = parts[0]?.at ?? part.at;
  // A message that was on its way for long does not end the burst earlier.
  const quietAt = Math.max(part.at + limits.quietMs, dueAt);
  return {
    ...base,
    revision: 0,
    seen: remember(base.seen, { id: part.id, replies: NONE }, now, about.seen),
    burst: {
      parts: [...parts, part],
      ...(from && { from }),
      dueAt: Math.min(quietAt, startedAt + limits.maxMs),
      heldUntil: heldUntil(),
    },
  };
}

/** The last part: who brought it gets the answer, and under its id the replies are remembered. */
export function lastOf({ parts }: Burst): TextPart {
  return parts.at(-1) as TextPart;
}

/** Whether two bursts have the same parts. */
export function isSameBurst(burst: Burst | undefined, other: Burst | undefined): boolean {
  return burst === other || JSON.stringify(burst?.parts) === JSON.stringify(other?.parts);
}

/** A burst as the message of its turn; a single part is an ordinary one. It is a copy. */
export function burstMessage({ parts, from }: Burst, receivedAt: number): TextMessage {
  return {
    type: 'message.text',
    text: parts.map(({ text }) => text).join('\n'),
    ...(from && { from: { ...from } }),
    receivedAt,
    ...(parts.length > 1 && { parts: parts.map((part) => ({ ...part })) }),
  };
}
