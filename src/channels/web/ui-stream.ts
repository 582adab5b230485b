import type { Reply } from '../../reply.ts';
import { toJson } from './event-stream.ts';
import type { ChatAnswer, SentReply } from './protocol.ts';

/** What a client of the AI SDK knows a UI message stream by. */
export const UI_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-vercel-ai-ui-message-stream': 'v1',
  'x-accel-buffering': 'no',
} as const;

type Part = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * An answer as a UI message stream of the AI SDK (version 1). The words of a reply are a text part, so that any page shows them; a
 * reply that is more than words is also a data part, `data-choices` or `data-image`, with the reply as its data.
 */
export function toUiStream({ id, outcome, pushed, replies }: ChatAnswer): string {
  const parts: readonly Part[] = [
    { type: 'start', messageId: `answer-${id}`, messageMetadata: { outcome } },
    ...[...pushed, ...replies].flatMap(partsOf),
    { type: 'finish' },
  ];
  return [...parts.map(toJson), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
}

function partsOf({ id, reply }: SentReply): readonly Part[] {
  const text = wordsOf(reply);
  const words: readonly Part[] = text
    ? [
        { type: 'text-start', id },
        { type: 'text-delta', id, delta: text },
        { type: 'text-end', id },
      ]
    : [];
  return reply.type === 'text'
    ? words
    : [...words, { type: `data-${reply.type}`, id, data: reply }];
}

function wordsOf(reply: Reply): string | undefined {
  return reply.type === 'text' || reply.type === 'choices' ? reply.text : undefined;
}
