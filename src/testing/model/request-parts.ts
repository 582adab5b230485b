import { createHash } from 'node:crypto';
import type { ModelMessage, ModelRequest } from '../../model/model.ts';
import { lineDiff } from '../line-diff.ts';

/** What of a request a model sees: without its key and its signal. */
export type PromptedRequest = Pick<ModelRequest, 'messages' | 'tools' | 'schema'>;

export function seenOf({ messages, tools, schema }: ModelRequest): PromptedRequest {
  const hasTools = tools !== undefined && tools.length > 0;
  return { messages, ...(hasTools && { tools }), ...(schema !== undefined && { schema }) };
}

/** The same for two requests that say the same, with the keys of their objects in any order. */
export function hashOf(request: PromptedRequest): string {
  const text = JSON.stringify(request, (_key, value: unknown) => sorted(value));
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The parts of a request by their names, as `messages[1] (user)`. */
export function namedPartsOf(request: PromptedRequest): ReadonlyMap<string, string> {
  const { messages, tools = [], schema } = request;
  return new Map([
    ...messages.map((each, index) => [`messages[${index}] (${each.role})`, wordsOf(each)] as const),
    ...tools.map(
      ({ name, ...tool }, index) => [`tools[${index}] (${name})`, pretty(tool)] as const,
    ),
    ...(schema === undefined ? [] : [['schema', pretty(schema)] as const]),
  ]);
}

function wordsOf(message: ModelMessage): string {
  if (message.role !== 'assistant' || message.calls === undefined) return message.text;
  const calls = message.calls.map(({ name, input }) => `calls ${name} ${JSON.stringify(input)}`);
  return [...(message.text === '' ? [] : [message.text]), ...calls].join('\n');
}

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** The parts in which two requests differ. */
export function differingParts(
  recorded: PromptedRequest,
  asked: PromptedRequest,
): readonly string[] {
  const [one, other] = [namedPartsOf(recorded), namedPartsOf(asked)];
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => one.get(name) !== other.get(name));
}

const MAX_PARTS = 3;

/** Shows the first parts in which two requests differ, line by line. */
export function shownDifference(recorded: PromptedRequest, asked: PromptedRequest): string {
  const [one, other] = [namedPartsOf(recorded), namedPartsOf(asked)];
  const names = differingParts(recorded, asked);
  const lines = (text: string | undefined): readonly string[] => text?.split('\n') ?? [];
  const shown = names
    .slice(0, MAX_PARTS)
    .map((name) => `${name}:\n${lineDiff(lines(one.get(name)), lines(other.get(name)))}`);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more parts`] : [])].join('\n\n');
}

const MAX_SHOWN = 200;

/** A request in one line: its last message, and what it may be answered with. */
export function summaryOf({ messages, tools = [], schema }: PromptedRequest): string {
  const last = messages.at(-1);
  const said = last === undefined ? 'no message' : `${last.role}: ${wordsOf(last)}`;
  const short = said.length > MAX_SHOWN ? `${said.slice(0, MAX_SHOWN)}…` : said;
  return [
    short.replaceAll('\n', ' '),
    ...(tools.length > 0 ? [`tools: ${tools.map(({ name }) => name).join(', ')}`] : []),
    ...(schema === undefined ? [] : ['wants a value']),
  ].join(' | ');
}
