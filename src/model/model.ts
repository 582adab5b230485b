/**
 * The port to a language model: what a dialogue asks of it, and what it answers. Adapters implement it; a test implements it
 * with `scripted()` of `colloquy/testing`. One object serves all conversations and keeps nothing between requests.
 */
export interface Model {
  /** Names the model in traces and errors, as `qwen-plus`. It holds no key. */
  readonly name: string;
  /**
   * Makes one answer.
   * @throws ColloquyError `model_failed` if the provider refuses, fails or is too slow: `retryable` says whether the same call may succeed, and `details.reason` which it was. It holds neither the key nor a message
   */
  generate(request: ModelRequest): Promise<ModelResponse>;
  /** The same, with its text in parts as they are made. The last part has the whole response. Absent where it cannot. */
  stream?(request: ModelRequest): AsyncIterable<ModelPart>;
}

/** One call of a model. */
export interface ModelRequest {
  /** The conversation with the model, the oldest message first. */
  readonly messages: readonly ModelMessage[];
  /** The tools that it may call. Default: none. */
  readonly tools?: readonly ModelTool[];
  /** The JSON Schema of the value that it has to answer with instead of a text. */
  readonly schema?: JsonSchema;
  /** Aborted when the answer is not needed any more. */
  readonly signal?: AbortSignal;
  /** The same whenever this very call is made again, after a crash for example. */
  readonly key?: string;
}

/** One message of the conversation with a model. */
export type ModelMessage =
  | {
      /** What the program says of the task, and what the user says. */
      readonly role: 'system' | 'user';
      /** Its words. */
      readonly text: string;
    }
  | {
      /** What the model said. */
      readonly role: 'assistant';
      /** Its words; empty if it only called tools. */
      readonly text: string;
      /** The tools that it called. Default: none. */
      readonly calls?: readonly ToolCall[];
    }
  | {
      /** What a tool gave back. */
      readonly role: 'tool';
      /** The `id` of the call. */
      readonly call: string;
      /** The name of the tool. */
      readonly name: string;
      /** What it gave, as JSON or in words. */
      readonly text: string;
    };

/** A tool that a model may call. */
export interface ModelTool {
  /** Letters, digits, `_` and `-`, a maximum of 64. */
  readonly name: string;
  /** What it does, for the model. */
  readonly description: string;
  /** What its input has to be. */
  readonly parameters: JsonSchema;
}

/** A call of a tool that a model asks for. Nothing in it is checked. */
export interface ToolCall {
  /** Names the call within the conversation. */
  readonly id: string;
  /** The name of the tool, which may be one that does not exist. */
  readonly name: string;
  /** The input as the model wrote it, parsed as JSON; the text itself if it is no JSON. */
  readonly input: unknown;
}

/** What a model answered. */
export interface ModelResponse {
  /** Its words; empty if there are none. */
  readonly text: string;
  /** The tools that it calls. */
  readonly calls: readonly ToolCall[];
  /** With a `schema`: the value, parsed as JSON and not checked; undefined if the answer is no JSON. */
  readonly value?: unknown;
  /** Why it ended: it was done, wants tools to be called, was cut off, or refuses. */
  readonly finish: 'stop' | 'calls' | 'length' | 'refusal';
  /** What it cost, as far as the provider says so. */
  readonly usage?: ModelUsage;
}

/** The tokens of one call. */
export interface ModelUsage {
  /** Of the messages, tools and schema. */
  readonly inputTokens: number;
  /** Of the answer. */
  readonly outputTokens: number;
}

/** A part of an answer that is being made. */
export type ModelPart =
  | {
      /** More of the text. */
      readonly type: 'text';
      /** What is added to it. */
      readonly text: string;
    }
  | {
      /** The end. */
      readonly type: 'end';
      /** The whole answer. */
      readonly response: ModelResponse;
    };

/** A JSON Schema, as models take it: an object with a `type`. */
export type JsonSchema = Readonly<Record<string, unknown>>;
