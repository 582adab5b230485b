import type { ModelMessage, ToolCall } from '../model.ts';
import type { AgentOutput, AgentUsage } from './output.ts';
import { cutText, storedBytes } from '../../internal/cut-text.ts';

/** What an agent keeps of its conversation with the model: the context of its dialogue, in the record of the user. */
export interface AgentContext<Value = unknown, About = unknown> {
  /** What the dialogue around it said of the conversation. */
  readonly about: About;
  /** What was said before the agent began, the oldest message first. */
  readonly earlier: readonly ModelMessage[];
  /** The words that it began with. They stay when other messages are dropped. */
  readonly first: string;
  /** What came after them. */
  readonly messages: readonly ModelMessage[];
  /** What the user said while the model or a tool was at work. The model reads it with the next call. */
  readonly heard: readonly string[];
  /** What it has used. */
  readonly usage: AgentUsage;
  /** Names the last answer of the model; no other conversation has the same. */
  readonly answer: string;
  /** What the last answer of the model was, and what of it was said. */
  readonly last?: LastAnswer | undefined;
  /** The id of the call that is next, or under way. */
  readonly call?: string | undefined;
  /** How it ended. */
  readonly end?: AgentOutput<Value> | undefined;
}

/** What the last answer was. */
export interface LastAnswer {
  /** A text, calls of tools, a refusal, cut off, or nothing. */
  readonly kind: 'text' | 'calls' | 'refused' | 'cut' | 'empty';
  /** What was said to the user. */
  readonly text: string;
}

/** How much an agent keeps. */
export interface KeptLimits {
  /** The maximum of messages. */
  readonly messages: number;
  /** The maximum of bytes of the messages, as JSON. */
  readonly bytes: number;
}

/** A part of all bytes that one text may take: an answer, what the user said. */
const TEXT_PART = 10;

/** A text of the user or the model, as it is kept. */
export function keptText(text: string, { bytes }: KeptLimits): string {
  return cutText(text, Math.floor(bytes / TEXT_PART));
}

/** The calls of the last answer that have no result. */
export function openCalls({ messages }: Pick<AgentContext, 'messages'>): readonly ToolCall[] {
  const at = messages.findLastIndex(({ role }) => role === 'assistant');
  const last = messages[at];
  if (last?.role !== 'assistant') return [];
  const after = messages.slice(at + 1);
  const done = new Set(after.map((message) => (message.role === 'tool' ? message.call : '')));
  return (last.calls ?? []).filter(({ id }) => !done.has(id));
}

/** The call that is next, or under way. */
export function currentCall(context: AgentContext): ToolCall | undefined {
  return openCalls(context).find(({ id }) => id === context.call);
}

/** All that the model reads: what the program says, what was said before, and the conversation itself. */
export function modelMessages(
  instructions: string,
  { earlier, first, messages }: AgentContext,
): readonly ModelMessage[] {
  return [
    { role: 'system', text: instructions },
    ...earlier,
    { role: 'user', text: first },
    ...messages,
  ];
}

type Said = Pick<AgentContext, 'earlier' | 'messages'>;

/**
 * The same conversation within the limits: the oldest is dropped, an answer with the results of its calls. The last
 * answer stays, and so do the first words.
 */
export function withinLimits(
  { earlier, first, messages }: Said & Pick<AgentContext, 'first'>,
  limits: KeptLimits,
): Said {
  const before = exchangesOf(earlier);
  const after = exchangesOf(messages);
  let count = 1 + earlier.length + messages.length;
  let size = storedBytes(first) + storedBytes(earlier) + storedBytes(messages);
  const isOver = (): boolean => count > limits.messages || size > limits.bytes;
  for (const list of [before, after]) {
    const last = list === after ? lastAnswer(after) : list.length;
    let dropped = 0;
    while (dropped < last && isOver()) {
      const exchange = list[dropped] as readonly ModelMessage[];
      count -= exchange.length;
      size -= storedBytes(exchange);
      dropped += 1;
    }
    list.splice(0, dropped);
  }
  return { earlier: before.flat(), messages: after.flat() };
}

/** What belongs together: a message, or an answer with the results of its calls. */
function exchangesOf(messages: readonly ModelMessage[]): (readonly ModelMessage[])[] {
  const exchanges: ModelMessage[][] = [];
  for (const message of messages) {
    if (message.role === 'tool') exchanges.at(-1)?.push(message);
    else exchanges.push([message]);
  }
  return exchanges;
}

/** The exchange of the last answer, which must not be dropped: its calls may be under way. */
function lastAnswer(exchanges: readonly (readonly ModelMessage[])[]): number {
  const at = exchanges.findLastIndex(([message]) => message?.role === 'assistant');
  return at === -1 ? exchanges.length - 1 : at;
}
