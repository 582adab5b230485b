/** What the page is shown of calls of models and of drafts. */

/**
 * A call of a model for a conversation. Sent when it begins, and again under its number when its turn is known and when it
 * ends.
 */
export interface ModelCallEntry {
  /** From 1, in the order in which calls began. */
  readonly call: number;
  /** The first turn of its user that ended after it began; absent until then. */
  readonly turn?: number;
  readonly openid: string;
  /** What asked the model. */
  readonly by: ModelCaller;
  /** The name of the model. */
  readonly model: string;
  /** Epoch milliseconds of its beginning, by the clock of the store. */
  readonly at: number;
  readonly isStreamed: boolean;
  /** What the model read, the oldest message first. */
  readonly messages: readonly PromptMessage[];
  /** How many messages behind the first one are not here, if there are too many. */
  readonly omitted?: number;
  /** The tools that it could call. */
  readonly tools: readonly PromptTool[];
  /** Whether it had to answer with a value. */
  readonly wantsValue: boolean;
  /** The JSON Schema of that value. Absent if redacted. */
  readonly schema?: ShownText;
  /** Absent while it runs. */
  readonly end?: ModelCallEnd;
}

export interface ModelCaller {
  readonly kind: 'agent' | 'service' | 'recognizer' | 'program';
  /** The id of the agent, the name of the service or of the intent; `form`, `recognize`, or the part of the program. */
  readonly name: string;
}

/** A text, which may be hidden or cut. */
export interface ShownText {
  /** Of the whole text, in UTF-16 code units. */
  readonly length: number;
  /** Absent if redacted; shorter than `length` if it was cut. */
  readonly text?: string;
}

export interface PromptMessage extends ShownText {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** The tool that gave this. */
  readonly tool?: string;
  /** The tools that the model called with it. */
  readonly calls?: readonly ShownToolCall[];
}

/** If redacted, a name that is none of the tools of the call is `?`. */
export interface ShownToolCall {
  readonly name: string;
  /** As JSON. */
  readonly input: ShownText;
}

export interface PromptTool {
  readonly name: string;
  /** Absent if redacted, as are the parameters: a program may put what users said into them. */
  readonly description?: ShownText;
  /** The JSON Schema of its input. */
  readonly parameters?: ShownText;
}

export interface ModelCallEnd {
  /** `broken`: its caller left, its stream had no end, or its process ended. */
  readonly how: 'answered' | 'failed' | 'broken';
  /** Epoch milliseconds, by the clock of the store. */
  readonly at: number;
  /** Milliseconds of the machine that it took. */
  readonly ms: number;
  /** The words of the answer; of a stream that failed, those that came. */
  readonly words: ShownText;
  readonly calls: readonly ShownToolCall[];
  /** The value of an answer by a schema, as JSON. */
  readonly value?: ShownText;
  readonly finish?: string;
  /** Absent if the provider did not tell. */
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  /** The code of the error, its reason if a model gave one, and what to read; if redacted, the name of its class. */
  readonly error?: { readonly code: string; readonly reason?: string; readonly text: string };
}

/** The text that a running service shows of the reply that it is making. */
export interface DraftView extends ShownText {
  readonly openid: string;
  /** One for each run of a service. A text of no length ends it. */
  readonly id: string;
}
