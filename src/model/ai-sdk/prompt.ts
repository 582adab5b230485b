import { keyHeader } from '../key-header.ts';
import type { ModelMessage, ModelRequest } from '../model.ts';

/** What `doGenerate` and `doStream` take. The versions of the interface agree on these fields. */
export async function toPrompt(
  { messages, tools = [], schema, key }: ModelRequest,
  signal: AbortSignal,
): Promise<object> {
  return {
    prompt: messages.map(toSdkMessage),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function',
        name,
        description,
        inputSchema: parameters,
      })),
      toolChoice: { type: 'auto' },
    }),
    ...(schema !== undefined && { responseFormat: { type: 'json', schema, name: 'answer' } }),
    ...(key !== undefined && { headers: { 'Idempotency-Key': await keyHeader(key) } }),
    abortSignal: signal,
  };
}

function toSdkMessage(message: ModelMessage): object {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.text };
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.text }] };
    case 'assistant': {
      const { text, calls = [] } = message;
      const said = text === '' && calls.length > 0 ? [] : [{ type: 'text', text }];
      return {
        role: 'assistant',
        content: [
          ...said,
          ...calls.map(({ id, name, input }) => ({
            type: 'tool-call',
            toolCallId: id,
            toolName: name,
            input,
          })),
        ],
      };
    }
    case 'tool':
      return {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: message.call,
            toolName: message.name,
            output: { type: 'text', value: message.text },
          },
        ],
      };
  }
}
