import type { ChannelLimits } from './channel.ts';

/** A text without halves of surrogate pairs, which UTF-8 cannot hold. */
export function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

/** A value as JSON. Halves of surrogate pairs, which JSON can carry and UTF-8 cannot, are replaced. */
export function wellFormedJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'string' ? wellFormed(each) : each,
  );
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
  while (!isWithin(rest, max, unit)) {
    const whole = startOf(rest, max, unit);
    const part = whole.slice(0, borderIn(whole));
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return rest === '' && parts.length > 0 ? parts : [...parts, rest];
}

/** The same of a text for platforms that refuse one of nothing but white space: without such parts, and well-formed. */
export function visiblePartsOf(
  text: string,
  limit: NonNullable<ChannelLimits['text']>,
): readonly string[] {
  return partsOf(wellFormed(text), limit).filter((part) => part.trim() !== '');
}

type Unit = NonNullable<ChannelLimits['text']>['unit'];

export function textSize(text: string, unit: Unit): number {
  if (unit === 'utf16') return text.length;
  if (unit === 'bytes') return Buffer.byteLength(text);
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const graphemes = /* @__PURE__ */ new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const utf8 = /* @__PURE__ */ new TextEncoder();

/** Whether a text is within a limit. What is far over it need not be counted. */
function isWithin(text: string, max: number, unit: Unit): boolean {
  const mostUnits = unit === 'characters' ? 2 * max : max;
  return text.length <= mostUnits && textSize(text, unit) <= max;
}

/** The longest start that splits no grapheme, or no character where the first grapheme alone is too long. */
function startOf(text: string, max: number, unit: Unit): string {
  // No unit is more than a UTF-16 unit and its pair; what is behind need not be looked at.
  const window = text.slice(0, 2 * max + 64);
  const end = endOf(window, max, unit);
  // Only the grapheme at the limit matters: to find all of those before it takes a hundred times as long.
  const border = graphemes.segment(window).containing(end)?.index ?? end;
  return window.slice(0, border || end) || (text.at(0) ?? '');
}

/** How many UTF-16 units of a text the limit holds, in whole characters. */
function endOf(text: string, max: number, unit: Unit): number {
  if (unit === 'bytes') return utf8.encodeInto(text, new Uint8Array(max)).read;
  if (unit === 'utf16') return isInsidePair(text, max) ? max - 1 : max;
  let end = 0;
  for (let count = 0; count < max && end < text.length; count += 1) {
    end += isInsidePair(text, end + 1) ? 2 : 1;
  }
  return end;
}

function isInsidePair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}

function borderIn(part: string): number {
  const half = part.length / 2;
  const segments = graphemes.segment(part);
  for (const border of ['\n', ' ']) {
    let at = part.lastIndexOf(border) + 1;
    while (at > half) {
      // A space is one character with an accent behind it.
      if (at === part.length || segments.containing(at)?.index === at) return at;
      at = part.lastIndexOf(border, at - 2) + 1;
    }
  }
  return part.length;
}
