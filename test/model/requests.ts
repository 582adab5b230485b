import type { Model, ModelPart, ModelRequest, ModelResponse } from 'colloquy/model';

/** What a user of a shop asks, and the tool that answers it. */
export const asksPrice: ModelRequest = {
  messages: [
    { role: 'system', text: 'You sell fruit.' },
    { role: 'user', text: 'What is a pear?' },
  ],
  tools: [
    {
      name: 'price_of',
      description: 'The price of an item',
      parameters: { type: 'object', properties: { item: { type: 'string' } }, required: ['item'] },
    },
  ],
};

/** The same after the tool has answered. */
export const knowsPrice: ModelRequest = {
  ...asksPrice,
  messages: [
    ...asksPrice.messages,
    {
      role: 'assistant',
      text: '',
      calls: [{ id: 'call_7', name: 'price_of', input: { item: 'pear' } }],
    },
    { role: 'tool', call: 'call_7', name: 'price_of', text: '{"euros":2}' },
  ],
};

/** Asks for a value. */
export const wantsValue: ModelRequest = {
  messages: [{ role: 'user', text: 'Two pears, please.' }],
  schema: {
    type: 'object',
    properties: { item: { type: 'string' }, count: { type: 'integer' } },
    required: ['item', 'count'],
  },
};

/** What came of a stream: its parts of text, and its end. */
export interface Streamed {
  readonly parts: readonly string[];
  readonly response: ModelResponse | undefined;
}

export async function streamed(model: Model, request: ModelRequest): Promise<Streamed> {
  const parts: string[] = [];
  let response: ModelResponse | undefined;
  for await (const part of model.stream?.(request) ?? NOTHING) {
    if (part.type === 'text') parts.push(part.text);
    else response = part.response;
  }
  return { parts, response };
}

const NOTHING: readonly ModelPart[] = [];

/** What a call rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
