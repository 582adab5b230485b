import { isKeyed } from '../../internal/closed.ts';
import type { ModelMessage, ModelResponse, ModelUsage, ToolCall } from '../model.ts';
import type { AgentMark } from './mark.ts';
import { type AgentContext, type KeptLimits, type LastAnswer, keptText } from './conversation.ts';
import { cutText, storedBytes } from '../../internal/cut-text.ts';
import { checkInput, isStorable } from './tool-input.ts';
import type { StandardSchema } from '../../dialogue/parsers/schema.ts';

/** What the service of the model gives: the response, and what names this very call. */
export interface ModelAnswer extends ModelResponse {
  /** The key of the call. Default: the agent counts. */
  readonly key?: string | undefined;
}

/** The name of the built-in tool by which an agent with an `output` ends. */
export const FINISH = 'finish';

/** The maximum of calls in one answer. Further ones are not made. */
const MAX_CALLS = 8;
const MAX_NAME = 64;
/** Of all bytes that the agent keeps, the part that the inputs of one answer may take. */
const INPUT_PART = 8;
/** The part that the words about one call may take that is not made. */
const PROBLEM_PART = 32;

/** What is read out of an answer. */
export interface ReadAnswer extends LastAnswer {
  /** What is kept of it: the answer, and the results of calls that are not made. */
  readonly messages: readonly ModelMessage[];
  readonly usage: ModelUsage;
  readonly key: string | undefined;
}

/** What an answer is read by. */
export interface AnswerRules extends KeptLimits {
  readonly mark: AgentMark;
  readonly output: StandardSchema | undefined;
}

/**
 * Reads what a model answered, of which nothing is trusted: neither its shape, nor its size, nor the names and inputs of its
 * calls. A call that cannot be made has its result at once.
 */
export function readAnswer(given: unknown, context: AgentContext, rules: AnswerRules): ReadAnswer {
  const answer = isKeyed(given) ? given : {};
  const text = keptText(typeof answer['text'] === 'string' ? answer['text'].trim() : '', rules);
  const all = Array.isArray(answer['calls']) ? (answer['calls'] as readonly unknown[]) : [];
  const { finish } = answer;
  // The calls of an answer that was cut off, or refused, may not be those that the model wanted.
  const isWhole = finish !== 'length' && finish !== 'refusal';
  const calls = isWhole ? new Calls(context, rules).read(all) : { calls: [], results: [] };
  return {
    kind: kindOf(finish, text, calls.calls.length),
    text: finish === 'length' ? '' : text,
    messages: [
      { role: 'assistant', text, ...(calls.calls.length > 0 && { calls: calls.calls }) },
      ...calls.results,
    ],
    usage: usageOf(answer['usage']),
    key: typeof answer['key'] === 'string' ? answer['key'] : undefined,
  };
}

function kindOf(finish: unknown, text: string, calls: number): ReadAnswer['kind'] {
  if (finish === 'length') return 'cut';
  if (finish === 'refusal') return 'refused';
  if (calls > 0) return 'calls';
  return text === '' ? 'empty' : 'text';
}

function usageOf(given: unknown): ModelUsage {
  const { inputTokens, outputTokens } = isKeyed(given) ? given : {};
  return { inputTokens: countOf(inputTokens), outputTokens: countOf(outputTokens) };
}

function countOf(tokens: unknown): number {
  return typeof tokens === 'number' && Number.isFinite(tokens) ? Math.max(tokens, 0) : 0;
}

interface ReadCalls {
  readonly calls: readonly ToolCall[];
  readonly results: readonly ModelMessage[];
}

/** The calls of one answer. */
class Calls {
  readonly #context: AgentContext;
  readonly #rules: AnswerRules;
  readonly #ids: Set<string>;
  #inputBytes: number;

  constructor(context: AgentContext, rules: AnswerRules) {
    this.#context = context;
    this.#rules = rules;
    this.#inputBytes = Math.floor(rules.bytes / INPUT_PART);
    const made = context.messages.flatMap((each) =>
      each.role === 'assistant' ? (each.calls ?? []) : [],
    );
    this.#ids = new Set(made.map(({ id }) => id));
  }

  read(all: readonly unknown[]): ReadCalls {
    const calls: ToolCall[] = [];
    const results: ModelMessage[] = [];
    // One over the maximum, so that the model reads why it was not made.
    for (const [index, given] of all.slice(0, MAX_CALLS + 1).entries()) {
      const raw = isKeyed(given) ? given : {};
      const isKnown = this.#isKnown(raw['name']);
      const name = isKnown ? (raw['name'] as string) : cleanName(raw['name']);
      const id = this.#idOf(raw['id'], index);
      const isTaken = isStorable(raw['input'] ?? null) && this.#takes(raw['input']);
      calls.push({ id, name, input: isTaken ? (raw['input'] ?? {}) : {} });
      const problem = this.#problem({ index, isKnown, isTaken, name, input: raw['input'] });
      if (problem === undefined) continue;
      const text = cutText(problem, Math.floor(this.#rules.bytes / PROBLEM_PART));
      results.push({ role: 'tool', call: id, name, text });
    }
    return { calls, results };
  }

  #problem(call: {
    readonly index: number;
    readonly isKnown: boolean;
    readonly isTaken: boolean;
    readonly name: string;
    readonly input: unknown;
  }): string | undefined {
    if (call.index >= MAX_CALLS) {
      return `Not done: one answer has a maximum of ${MAX_CALLS} calls. This one and those after it were left out.`;
    }
    if (!call.isKnown) return 'Not done: there is no such tool.';
    if (!call.isTaken) return 'Not done: the input is too large, or no JSON.';
    const checked = checkInput(this.#schemaOf(call.name), call.input);
    return 'problem' in checked ? `Not done. ${checked.problem}` : undefined;
  }

  #schemaOf(name: string): StandardSchema | undefined {
    const { mark, output } = this.#rules;
    return mark.finishes && name === FINISH ? output : mark.tools[name]?.input;
  }

  #isKnown(name: unknown): boolean {
    const { mark } = this.#rules;
    if (typeof name !== 'string') return false;
    return Object.hasOwn(mark.tools, name) || (mark.finishes && name === FINISH);
  }

  /** Whether there is room for the input. */
  #takes(input: unknown): boolean {
    const bytes = storedBytes(input);
    if (bytes > this.#inputBytes) return false;
    this.#inputBytes -= bytes;
    return true;
  }

  /** An id that the provider takes back, and that no other call has. */
  #idOf(given: unknown, index: number): string {
    const isOwn = typeof given === 'string' && /^[\w.:-]{1,64}$/u.test(given);
    const id = isOwn && !this.#ids.has(given) ? given : this.#newId(index);
    this.#ids.add(id);
    return id;
  }

  #newId(index: number): string {
    let id = `call-${this.#context.usage.steps}-${index}`;
    while (this.#ids.has(id)) id += 'x';
    return id;
  }
}

/** A name that a provider takes back. */
function cleanName(name: unknown): string {
  const cleaned =
    typeof name === 'string' ? name.replaceAll(/[^\w-]/gu, '_').slice(0, MAX_NAME) : '';
  return cleaned === '' ? 'unknown' : cleaned;
}
