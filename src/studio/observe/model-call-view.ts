import { ColloquyError } from '../../errors.ts';
import type { ModelTrace } from '../../model/calls.ts';
import type { ModelMessage, ModelTool, ModelUsage, ToolCall } from '../../model/model.ts';
import type {
  ModelCallEnd,
  ModelCallEntry,
  PromptMessage,
  PromptTool,
  ShownText,
  ShownToolCall,
} from '../wire-models.ts';
import { wireJson } from '../server/wire-json.ts';
import type { Redaction } from './redaction.ts';

/** A longer text of a prompt or an answer is cut, in UTF-16 code units. */
const LONGEST_TEXT = 20_000;
/** The messages of a call that are shown: the first one, and the last ones. */
const MAX_MESSAGES = 200;
/** The tools of a call, or of an answer, that are shown. */
const MAX_TOOLS = 100;

type Hides = Pick<Redaction, 'isRedacted'>;

/** What a page sees of a request. */
export type PromptView = Pick<
  ModelCallEntry,
  'messages' | 'omitted' | 'tools' | 'wantsValue' | 'schema'
>;

/** Shows calls of models: what was asked and answered or, where users are hidden, only how much of it. */
export class ModelCallView {
  /** @returns undefined for what is no request */
  static of(trace: Pick<ModelTrace, 'request'>, hides: Hides): ModelCallView | undefined {
    try {
      return new ModelCallView(trace, hides);
    } catch {
      return undefined;
    }
  }

  readonly #isRedacted: boolean;
  readonly #tools: ReadonlySet<string>;
  readonly prompt: PromptView;

  constructor({ request }: Pick<ModelTrace, 'request'>, { isRedacted }: Hides) {
    const { messages, tools = [], schema } = request;
    this.#isRedacted = isRedacted;
    this.#tools = new Set(tools.map(({ name }) => name));
    const omitted = Math.max(messages.length - MAX_MESSAGES, 0);
    this.prompt = {
      messages: messages.toSpliced(1, omitted).map((message) => this.#message(message)),
      ...(omitted > 0 && { omitted }),
      tools: tools.slice(0, MAX_TOOLS).map((tool) => this.#tool(tool)),
      wantsValue: schema !== undefined,
      ...(schema !== undefined && !isRedacted && { schema: this.#json(schema) }),
    };
  }

  /** How the call ended. A model of a program may answer anything, and no observer may fail for it. */
  end(trace: Pick<ModelTrace, 'end' | 'text'>): Omit<ModelCallEnd, 'at' | 'ms'> {
    try {
      return this.#end(trace);
    } catch {
      return { how: 'answered', words: { length: 0 }, calls: [], finish: '?' };
    }
  }

  #end({ end, text }: Pick<ModelTrace, 'end' | 'text'>): Omit<ModelCallEnd, 'at' | 'ms'> {
    if (end === undefined || end === 'broken') {
      return { how: 'broken', words: this.#text(text), calls: [] };
    }
    if ('error' in end) {
      const error = failureOf(end.error, this.#isRedacted);
      return { how: 'failed', words: this.#text(text), calls: [], error };
    }
    const { text: words, calls, value, finish, usage } = end.response;
    return {
      how: 'answered',
      words: this.#text(words),
      calls: this.#calls(calls),
      ...(value !== undefined && { value: this.#json(value) }),
      finish: FINISHES.has(finish) ? finish : '?',
      ...(isUsage(usage) && { usage: tokensOf(usage) }),
    };
  }

  #message(message: ModelMessage): PromptMessage {
    const { role } = message;
    return {
      role,
      ...this.#text(message.text),
      ...(message.role === 'tool' && { tool: this.#name(message.name) }),
      ...(message.role === 'assistant' &&
        message.calls !== undefined && { calls: this.#calls(message.calls) }),
    };
  }

  #tool({ name, description, parameters }: ModelTool): PromptTool {
    if (this.#isRedacted) return { name };
    return { name, description: this.#text(description), parameters: this.#json(parameters) };
  }

  #calls(calls: readonly ToolCall[]): readonly ShownToolCall[] {
    return calls
      .slice(0, MAX_TOOLS)
      .map(({ name, input }) => ({ name: this.#name(name), input: this.#json(input) }));
  }

  /** A model may call a tool that does not exist, by any words. */
  #name(name: string): string {
    return this.#isRedacted && !this.#tools.has(name) ? '?' : name.slice(0, LONGEST_NAME);
  }

  #json(value: unknown): ShownText {
    return this.#text(jsonOf(value));
  }

  #text(text: string): ShownText {
    const { length } = text;
    return this.#isRedacted ? { length } : { length, text: text.slice(0, LONGEST_TEXT) };
  }
}

const LONGEST_NAME = 200;
const FINISHES: ReadonlySet<string> = new Set(['stop', 'calls', 'length', 'refusal']);

function isUsage(usage: ModelUsage | undefined): usage is ModelUsage {
  return Number.isFinite(usage?.inputTokens) && Number.isFinite(usage?.outputTokens);
}

function tokensOf({ inputTokens, outputTokens }: ModelUsage): ModelUsage {
  return { inputTokens, outputTokens };
}

function jsonOf(value: unknown): string {
  try {
    return wireJson(value) ?? '';
  } catch {
    return '[no JSON]';
  }
}

/** Without the cause, in which a provider may quote a message, or a part of the key. */
function failureOf(error: unknown, isRedacted: boolean): NonNullable<ModelCallEnd['error']> {
  if (!ColloquyError.is(error)) {
    const name = error instanceof Error ? error.name : typeof error;
    const text = error instanceof Error && !isRedacted ? `${name}: ${error.message}` : name;
    return { code: 'error', text: text.slice(0, LONGEST_TEXT) };
  }
  const { code, name, message, details } = error;
  const { reason } = details;
  const isKnown = typeof reason === 'string' && /^[a-z_]{1,40}$/u.test(reason);
  return { code, ...(isKnown && { reason }), text: isRedacted ? name : message };
}
