import type { Model, ModelMessage, ModelRequest, ModelResponse, ToolCall } from 'colloquy/model';

/** A model that gives these answers in turn, and keeps what it was asked. */
export interface Playing extends Model {
  readonly requests: readonly ModelRequest[];
  /** The messages of the last request. */
  readonly last: readonly ModelMessage[];
}

export type Answer = Partial<ModelResponse> | Error | ((request: ModelRequest) => unknown);

export function playing(answers: readonly Answer[]): Playing {
  const requests: ModelRequest[] = [];
  return {
    name: 'playing',
    requests,
    get last() {
      return requests.at(-1)?.messages ?? [];
    },
    async generate(request) {
      const answer = answers[requests.length];
      requests.push(request);
      if (answer === undefined) throw new Error('The model has no more answers.');
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function'
        ? ((await answer(request)) as ModelResponse)
        : whole(answer);
    },
  };
}

export function whole(answer: Partial<ModelResponse>): ModelResponse {
  const { text = '', calls = [] } = answer;
  return { text, calls, finish: calls.length > 0 ? 'calls' : 'stop', ...answer };
}

let ids = 0;

export function call(name: string, input: unknown = {}): ToolCall {
  ids += 1;
  return { id: `c${ids}`, name, input };
}
