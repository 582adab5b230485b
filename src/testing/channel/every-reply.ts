import type { ChannelLimits } from '../../channels/channel.ts';
import { textSize } from '../../channels/text-parts.ts';
import type { Reply } from '../../reply.ts';
import { mustBe } from '../contract.ts';
import type { ChannelHarness } from './harness.ts';

/** What a reader sees as one character, and UTF-16 or a code point does not. */
const GRAPHEMES = ['👩‍👩‍👧‍👦', 'é', '👍🏽', '🇨🇳', '微', 'x'];
const DEFAULT_LIMIT = { max: 5000, unit: 'utf16' } as const;

/** A text without spaces, `times` as long as the limit. */
export function longText({ max }: NonNullable<ChannelLimits['text']>, times: number): string {
  const line = GRAPHEMES.join('');
  return line.repeat(Math.ceil((max * times) / line.length));
}

/** Replies of every kind, short, long, empty and strange. */
export function everyReply(limit: NonNullable<ChannelLimits['text']>): readonly Reply[] {
  const long = longText(limit, 2);
  const url = 'https://a.example/b?c=1&d=<2>|3';
  return [
    { type: 'text', text: 'hi' },
    { type: 'text', text: '' },
    { type: 'text', text: ' \n' },
    { type: 'text', text: ']]></Content> <b>&amp; \u0000\u0007\ud800 *_`' },
    { type: 'text', text: long },
    { type: 'image', url },
    { type: 'image', mediaId: 'm', alt: long },
    { type: 'voice', url },
    { type: 'voice', mediaId: 'm' },
    { type: 'video', url, title: long, description: long },
    { type: 'video', mediaId: 'm' },
    { type: 'music', url, title: 'a', description: 'b' },
    { type: 'news', articles: [{ title: 'a', url, description: 'b', imageUrl: url }] },
    { type: 'news', articles: Array.from({ length: 8 }, () => ({ title: long, url })) },
    { type: 'choices', text: 'Which?', options: [{ value: 'a', label: 'A' }, { value: 'b' }] },
    { type: 'choices', text: '', options: [{ value: 'a' }] },
    { type: 'choices', text: long, options: twenty((index) => ({ value: `${long}${index}` })) },
    { type: 'choices', text: 'a', options: twenty((index) => ({ value: `${index}`, label: ' ' })) },
    { type: 'handoff' },
    { type: 'handoff', to: 'kitchen' },
    { type: 'raw', channel: 'another', payload: { a: 1 } },
    { type: 'raw', channel: 'another', payload: null },
  ];
}

function twenty<T>(make: (index: number) => T): readonly T[] {
  return Array.from({ length: 20 }, (_, index) => make(index));
}

export function limitOf({ channel }: ChannelHarness): NonNullable<ChannelLimits['text']> {
  return channel.limits?.text ?? DEFAULT_LIMIT;
}

export function mustFit(texts: readonly string[], { channel }: ChannelHarness, what: string): void {
  for (const text of texts) {
    mustBe(text.isWellFormed(), `a text of ${what} is cut between two characters`);
    const { text: limit } = channel.limits ?? {};
    if (limit === undefined) continue;
    const size = textSize(text, limit.unit);
    mustBe(
      size <= limit.max,
      `a text of ${what} is ${size} ${limit.unit} long, and the limit ${limit.max}`,
    );
  }
}

/** Where a text was cut, it was cut where a reader sees the end of a character. */
export function mustCutAtGraphemes(parts: readonly string[], whole: string): void {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(whole);
  const borders = new Set(Array.from(segments, ({ index }) => index)).add(whole.length);
  let at = 0;
  for (const part of parts) {
    at += part.length;
    const rule = `a text is cut inside of what a reader sees as one character, at ${at}`;
    mustBe(borders.has(at), rule);
  }
}
