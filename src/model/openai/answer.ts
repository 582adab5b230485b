import { fieldsOf, listOf, nameOf, numberOf, stringOf } from '../../internal/fields.ts';
import { answeredValue, calledInput } from '../parsed.ts';
import type { ModelRequest, ModelResponse, ModelUsage, ToolCall } from '../model.ts';
import { finishOf } from '../finish.ts';

/** What a server has said by the end of an answer, in one piece or in many. */
export interface ServerAnswer {
  readonly text: string;
  readonly refusal: string;
  readonly calls: readonly CalledTool[];
  /** `finish_reason` */
  readonly finish: unknown;
  readonly usage: unknown;
}

/** A call of a tool, as it is on the wire. */
export interface CalledTool {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** @returns undefined for what is no answer of this protocol */
export function wholeAnswer(data: unknown): ServerAnswer | undefined {
  const { choices, usage } = fieldsOf(data);
  const [choice] = listOf(choices);
  const { message, finish_reason: finish } = fieldsOf(choice);
  if (typeof message !== 'object' || message === null) return undefined;
  const { content, refusal, tool_calls: calls } = fieldsOf(message);
  return {
    text: contentText(content),
    refusal: stringOf(refusal) ?? '',
    calls: listOf(calls).map((call) => {
      const { id, function: called } = fieldsOf(call);
      const { name, arguments: input } = fieldsOf(called);
      return { id: nameOf(id) ?? '', name: stringOf(name) ?? '', input };
    }),
    finish,
    usage,
  };
}

/** Most servers write a text, some a list of parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => stringOf(fieldsOf(part)['text']) ?? '')
    .join('');
}

export function toModelResponse(answered: ServerAnswer, request: ModelRequest): ModelResponse {
  const { refusal, usage } = answered;
  const isRefused = refusal !== '' || answered.finish === 'content_filter';
  const text = refusal === '' ? answered.text : refusal;
  const calls = isRefused ? [] : answered.calls.map((call, index) => toCall(call, index, request));
  return {
    text,
    calls,
    ...(request.schema !== undefined && !isRefused && { value: answeredValue(text) }),
    finish: isRefused ? 'refusal' : finishOf(answered.finish, calls),
    ...usageOf(usage),
  };
}

/** Some servers give no id. One that is made up is apart from those of the calls before. */
function toCall(
  { id, name, input }: CalledTool,
  index: number,
  { messages }: ModelRequest,
): ToolCall {
  return {
    id: id === '' ? `call_${messages.length}_${index}` : id,
    name,
    input: calledInput(input),
  };
}

function usageOf(usage: unknown): { readonly usage?: ModelUsage } {
  const { prompt_tokens: input, completion_tokens: output } = fieldsOf(usage);
  const [inputTokens, outputTokens] = [numberOf(input), numberOf(output)];
  if (inputTokens === undefined || outputTokens === undefined) return {};
  return { usage: { inputTokens, outputTokens } };
}
