import type { ModelMessage } from '../model.ts';
import { type AgentContext, type KeptLimits, currentCall, openCalls } from './conversation.ts';
import { cutText, storedBytes } from '../../internal/cut-text.ts';

/** The results of calls, as the model reads them. */

/** Of all bytes that the agent keeps, the part that the results of one answer may take. */
const RESULTS_PART = 2;
/** What is left for a result where those before it took all. */
const LEAST_BYTES = 100;

/** The conversation with the result of the call that was under way. */
export function withResult(
  context: AgentContext,
  result: unknown,
  limits: KeptLimits & { readonly resultBytes: number },
): Partial<AgentContext> {
  const call = currentCall(context);
  if (call === undefined) return {};
  const { id, name } = call;
  const room = Math.floor(limits.bytes / RESULTS_PART) - resultBytes(context.messages);
  const bytes = Math.max(Math.min(limits.resultBytes, room), LEAST_BYTES);
  const text = cutText(
    resultText(result),
    bytes,
    `… (cut: a result has a maximum of ${bytes} bytes)`,
  );
  const message: ModelMessage = { role: 'tool', call: id, name, text };
  return { messages: [...context.messages, message], call: undefined };
}

/** The bytes of the results of the last answer. */
function resultBytes(messages: readonly ModelMessage[]): number {
  const at = messages.findLastIndex(({ role }) => role === 'assistant');
  return storedBytes(messages.slice(at + 1));
}

function resultText(result: unknown): string {
  if (typeof result === 'string') return result;
  if (result === undefined) return 'Done.';
  try {
    return JSON.stringify(result) ?? 'Done.';
  } catch {
    return 'Done. The result cannot be shown.';
  }
}

/** The next call that has no result. */
export function nextCall(context: AgentContext): Partial<AgentContext> {
  return { call: openCalls(context)[0]?.id };
}
