import type { ModelResponse, ToolCall } from './model.ts';

/** How an answer of a model ended. Some servers say `stop` where tools are called. */
export function finishOf(finish: unknown, calls: readonly ToolCall[]): ModelResponse['finish'] {
  if (finish === 'length') return 'length';
  return calls.length > 0 ? 'calls' : 'stop';
}
