import { StepError } from './errors.ts';

/** Something to be said to the user. */
export type Reply = TextReply;

export interface TextReply {
  readonly type: 'text';
  readonly text: string;
}

/** How a dialogue says something: XState's `emit` of this event. `reply` actions emit it for you. */
export interface ReplyEvent {
  readonly type: 'reply';
  readonly reply: string | Reply;
}

/**
 * The reply that an emitted value stands for: a string is a text.
 * @throws StepError `bad_reply` for anything that is no reply.
 */
export function toReply(value: unknown): Reply {
  if (typeof value === 'string') return { type: 'text', text: value };
  if (typeof value === 'object' && value !== null) {
    const { type, text } = value as Partial<TextReply>;
    if (type === 'text' && typeof text === 'string') {
      return { type, text };
    }
  }
  throw new StepError(
    'bad_reply',
    `A reply is a string or { type: 'text', text: string }; the dialogue emitted ${describe(value)}.`,
  );
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a value of type ${typeof value}`;
  const type = (value as { type?: unknown }).type;
  return typeof type === 'string'
    ? `an object of type '${type.slice(0, 40)}'`
    : 'an object without a type';
}
