import { fieldsOf, listOf, numberOf, stringOf } from '../../internal/fields.ts';
import { modelFailed } from '../failure.ts';
import type { ModelRequest, ModelResponse, ModelUsage, ToolCall } from '../model.ts';
import { answeredValue, calledInput } from '../parsed.ts';
import { finishOf } from '../finish.ts';

/** An answer of the AI SDK, as a whole or from its parts. */
export class CollectedAnswer {
  readonly #model: string;
  readonly #calls: ToolCall[] = [];
  #text = '';
  /** The text of a value, where it is not all of the text. */
  #structured: string | undefined;
  #finish: string | undefined;
  #usage: unknown;

  /** @param model its name, for errors */
  constructor(model: string) {
    this.#model = model;
  }

  /** What `doGenerate` gave. */
  addResult(result: object): void {
    const { content, finishReason, usage, structuredOutputText } = fieldsOf(result);
    for (const each of listOf(content)) {
      const { type, text } = fieldsOf(each);
      if (type === 'text') this.#text += stringOf(text) ?? '';
      else this.#addCall(each);
    }
    this.#structured = stringOf(structuredOutputText);
    this.#end(finishReason, usage);
  }

  /** A part of what `doStream` gives. @returns the text that is new */
  addPart(part: unknown): string {
    const { type, delta, finishReason, usage } = fieldsOf(part);
    if (type === 'finish') this.#end(finishReason, usage);
    if (type === 'tool-call') this.#addCall(part);
    if (type !== 'text-delta') return '';
    const text = stringOf(delta) ?? '';
    this.#text += text;
    return text;
  }

  #addCall(part: unknown): void {
    const { type, toolCallId, toolName, input, providerExecuted } = fieldsOf(part);
    if (type !== 'tool-call' || providerExecuted === true) return;
    const [id = '', name = ''] = [stringOf(toolCallId), stringOf(toolName)];
    this.#calls.push({ id, name, input: calledInput(input) });
  }

  /** Version 2 gives the reason as a text, later ones within an object. */
  #end(finishReason: unknown, usage: unknown): void {
    this.#finish = stringOf(finishReason) ?? stringOf(fieldsOf(finishReason)['unified']);
    this.#usage = usage;
  }

  /** @throws ColloquyError `model_failed` for an answer that did not end */
  toResponse({ schema }: ModelRequest): ModelResponse {
    if (this.#finish === undefined || BROKEN.has(this.#finish)) {
      const details = { problem: 'cut_off' };
      throw modelFailed({ model: this.#model, reason: 'bad_answer', details });
    }
    const isRefused = this.#finish === 'content-filter';
    const calls = isRefused ? [] : this.#calls;
    return {
      text: this.#text,
      calls,
      ...(schema !== undefined &&
        !isRefused && { value: answeredValue(this.#structured ?? this.#text) }),
      finish: isRefused ? 'refusal' : finishOf(this.#finish, calls),
      ...usageOf(this.#usage),
    };
  }
}

const BROKEN: ReadonlySet<string> = new Set(['error', 'interrupted']);

/** Version 2 gives numbers, later ones objects with a total. */
function usageOf(usage: unknown): { readonly usage?: ModelUsage } {
  const { inputTokens: input, outputTokens: output } = fieldsOf(usage);
  const inputTokens = numberOf(input) ?? numberOf(fieldsOf(input)['total']);
  const outputTokens = numberOf(output) ?? numberOf(fieldsOf(output)['total']);
  if (inputTokens === undefined || outputTokens === undefined) return {};
  return { usage: { inputTokens, outputTokens } };
}
