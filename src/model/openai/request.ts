import type { JsonSchema, ModelMessage, ModelRequest } from '../model.ts';
import type { ServerSettings } from './settings.ts';

/** The body of a call of chat completions (https://platform.openai.com/docs/api-reference/chat/create). */
export function toBody(
  { model, body, schemas }: ServerSettings,
  { messages, tools = [], schema }: ModelRequest,
  isStreamed: boolean,
): string {
  const wire = messages.map(toWireMessage);
  return JSON.stringify({
    ...body,
    model,
    messages: schema === undefined || schemas === 'json_schema' ? wire : [asked(schema), ...wire],
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function',
        function: { name, description, parameters },
      })),
    }),
    ...(schema !== undefined && responseFormat(schemas, schema)),
    ...(isStreamed && { stream: true, stream_options: { include_usage: true } }),
  });
}

function toWireMessage(message: ModelMessage): object {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.text };
    case 'tool':
      return { role: 'tool', tool_call_id: message.call, content: message.text };
    case 'assistant': {
      const { text, calls = [] } = message;
      if (calls.length === 0) return { role: 'assistant', content: text };
      return {
        role: 'assistant',
        content: text === '' ? null : text,
        tool_calls: calls.map(({ id, name, input }) => ({
          id,
          type: 'function',
          function: { name, arguments: JSON.stringify(input ?? {}) },
        })),
      };
    }
  }
}

function responseFormat(mode: ServerSettings['schemas'], schema: JsonSchema): object {
  switch (mode) {
    case 'json_schema':
      return {
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
      };
    case 'json_object':
      return { response_format: { type: 'json_object' } };
    case 'prompt':
      return {};
  }
}

/** For a server that knows no schema. DeepSeek asks for the word JSON in a message under `json_object`. */
function asked(schema: JsonSchema): object {
  return {
    role: 'system',
    content: `Answer with one JSON value and nothing else. It has to fit this JSON Schema:\n${JSON.stringify(schema)}`,
  };
}
