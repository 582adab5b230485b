import { addressing } from '../../dialogue/define/answer-reading.ts';
import { isKeyed } from '../../internal/closed.ts';
import { textOf } from '../../message.ts';
import { type AgentContext, type KeptLimits, keptText } from './conversation.ts';
import { storedBytes } from '../../internal/cut-text.ts';

/** What an agent hears while it is at work, and what becomes of it. */

/** The maximum of messages that wait for the next call of the model. */
export const MAX_HEARD = 10;
/** Of all bytes that the agent keeps, the part that they may take. */
const HEARD_PART = 10;

const NOTHING: Readonly<Record<string, unknown>> = {};

interface Said {
  readonly type: string;
}

/** A guard for every message but a button of a question that is over. */
export const isForModel: (args: { readonly event: Said }) => boolean = /* @__PURE__ */ addressing(
  ({ event }: { readonly event: Said }) => event.type !== 'message.action' || !('asking' in event),
);

/** The conversation with a message that the model reads with the next call; undefined where there is no room for it. */
export function withHeard(
  { heard }: AgentContext,
  message: Said,
  limits: KeptLimits,
): Pick<AgentContext, 'heard'> | undefined {
  if (heard.length >= MAX_HEARD) return undefined;
  const more = [...heard, keptText(wordsOf(message), limits)];
  const bytes = Math.floor(limits.bytes / HEARD_PART);
  return heard.length === 0 || storedBytes(more) <= bytes ? { heard: more } : undefined;
}

/** A message in words: what the user said, or what kind of thing was sent. */
function wordsOf(message: Said): string {
  const text = textOf(message);
  if (typeof text === 'string' && text.trim() !== '') return text;
  const kind = message.type.replace(/^message\./u, '');
  const { label, url, name, emoji, latitude, longitude } = isKeyed(message) ? message : NOTHING;
  const place = kind === 'location' ? [latitude, longitude].join(', ') : undefined;
  const more = [label, name, emoji, place, kind === 'link' ? url : undefined];
  const known = more.filter((each) => typeof each === 'string' && each !== '');
  return `(${[kind, ...known].join(': ')})`;
}
