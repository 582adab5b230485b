import type { Reply } from '../../reply.ts';
import { wellFormedJson } from '../text-parts.ts';
import type { ChatAnswer, SentReply } from './protocol.ts';

/** What a client of the AI SDK knows a UI message stream by. */
export const UI_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-vercel-ai-ui-message-stream': 'v1',
  'x-accel-buffering': 'no',
} as const;

/** A part of a UI message stream. */
export type UiPart = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * An answer as a UI message stream of the AI SDK (version 1). The words of a reply are a text part, so that any page shows them; a
 * reply that is more than words is also a data part, `data-choices` or `data-image`, with the reply as its data.
 */
export function toUiStream({ id, outcome, pushed, replies }: ChatAnswer): string {
  const parts: readonly UiPart[] = [
    { type: 'start', messageId: `answer-${id}`, messageMetadata: { outcome } },
    ...[...pushed, ...replies].flatMap(uiPartsOf),
  ];
  return toUiEvents(parts) + endOfUiStream();
}

export function toUiEvents(parts: readonly UiPart[]): string {
  return parts.map((part) => `data: ${wellFormedJson(part)}\n\n`).join('');
}

export function endOfUiStream(): string {
  return `${toUiEvents([{ type: 'finish' }])}data: [DONE]\n\n`;
}

export function uiPartsOf({ id, reply }: SentReply): readonly UiPart[] {
  const text = uiWordsOf(reply);
  const words: readonly UiPart[] = text
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

export function uiWordsOf(reply: Reply): string | undefined {
  return reply.type === 'text' || reply.type === 'choices' ? reply.text : undefined;
}
