import type { ChannelLimits } from './channel.ts';

/** A text without halves of surrogate pairs, which UTF-8 cannot hold. */
export function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

/**
 * A text in as few parts as a limit takes. No part ends inside of what a reader sees as one character; it ends after a
 * line where one ends in its second half, or else after a space. All parts together are the text.
 */
export function partsOf(
  text: string,
  { max, unit }: NonNullable<ChannelLimits['text']>,
): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (sizeOf(rest, unit) > max) {
    const whole = startOf(rest, max, unit);
    const part = whole.slice(0, borderIn(whole));
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return rest === '' && parts.length > 0 ? parts : [...parts, rest];
}

type Unit = NonNullable<ChannelLimits['text']>['unit'];

export function sizeOf(text: string, unit: Unit): number {
  if (unit === 'utf16') return text.length;
  if (unit === 'bytes') return Buffer.byteLength(text);
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const graphemes = /* @__PURE__ */ new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The longest start that splits no grapheme, or no character where the first grapheme is too long by itself. */
function startOf(text: string, max: number, unit: Unit): string {
  // No unit is more than a UTF-16 unit and its pair; what is behind need not be segmented.
  const window = text.slice(0, 2 * max + 64);
  const whole = takeWhole(segmentsOf(window), max, unit);
  return whole === '' ? takeWhole(window, max, unit) || (text.at(0) ?? '') : whole;
}

function* segmentsOf(text: string): Iterable<string> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}

function takeWhole(parts: Iterable<string>, max: number, unit: Unit): string {
  let size = 0;
  let start = '';
  for (const part of parts) {
    size += sizeOf(part, unit);
    if (size > max) break;
    start += part;
  }
  return start;
}

function borderIn(part: string): number {
  const half = part.length / 2;
  for (const border of ['\n', ' ']) {
    const at = part.lastIndexOf(border) + border.length;
    if (at > half) return at;
  }
  return part.length;
}
