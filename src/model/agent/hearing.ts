import { saidInWords } from '../../dialogue/define/said-by-user.ts';
import { type AgentContext, type KeptLimits, keptText } from './conversation.ts';
import { storedBytes } from '../../internal/cut-text.ts';

/** What an agent hears while it is at work, and what becomes of it. */

/** The maximum of messages that wait for the next call of the model. */
export const MAX_HEARD = 10;
/** Of all bytes that the agent keeps, the part that they may take. */
const HEARD_PART = 10;

interface Said {
  readonly type: string;
}

/** The conversation with a message that the model reads with the next call; undefined where there is no room for it. */
export function withHeard(
  { heard }: AgentContext,
  message: Said,
  limits: KeptLimits,
): Pick<AgentContext, 'heard'> | undefined {
  if (heard.length >= MAX_HEARD) return undefined;
  const more = [...heard, keptText(saidInWords(message), limits)];
  const bytes = Math.floor(limits.bytes / HEARD_PART);
  return heard.length === 0 || storedBytes(more) <= bytes ? { heard: more } : undefined;
}
