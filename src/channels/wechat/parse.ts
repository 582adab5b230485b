import { MessageError } from '../../errors.ts';
import { decodeUtf8 } from '../json-body.ts';
import { removeIllegalCharacters } from './write.ts';

/**
 * The content of an element, or the value of a field in JSON: its text, or its elements. `item`, WeChat's word for one of
 * a list, is always an array. Numbers are texts, as they were written.
 */
export type PushValue = string | PushFields | PushValue[];
export interface PushFields {
  [name: string]: PushValue;
}

/** In XML elements, in JSON values. */
export const MAX_ELEMENTS = 200;
export const MAX_DEPTH = 8;

/**
 * The elements of a push, as strings: `1.0`, `0012e5` and spaces stay what was sent. What is not plain, small, well-formed
 * XML in UTF-8 is refused, in linear time; a document type is refused unread, so that there are no entities to expand.
 * @throws MessageError `bad_body`, without a word of the body
 */
export function parseXml(body: Uint8Array): PushFields {
  const xml = normalized(decodeUtf8(body, badPush));
  const document = new Element('');
  const open = [document];
  let elements = 0;
  for (let at = 0; at < xml.length;) {
    const element = open.at(-1) ?? document;
    const isOutside = element === document;
    if (xml[at] !== '<') {
      const next = xml.indexOf('<', at);
      const end = next === -1 ? xml.length : next;
      const text = xml.slice(at, end);
      if (isOutside && text.trim() !== '') throw notWellFormed();
      element.text += decodeReferences(text);
      at = end;
    } else if (xml[at + 1] === '!' || xml[at + 1] === '?') {
      if (xml.startsWith('![CDATA[', at + 1)) {
        if (isOutside) throw notWellFormed();
        const end = indexOf(xml, ']]>', at + 9);
        element.text += xml.slice(at + 9, end);
        at = end + 3;
      } else if (xml.startsWith('!--', at + 1)) {
        at = indexOf(xml, '-->', at + 4) + 3;
      } else {
        throw badPush('no document type and no processing instruction');
      }
    } else if (!isOutside && isPlainEnd(xml, at, element.name)) {
      at += element.name.length + 3;
      open.pop();
      open.at(-1)?.add(element.name, element.value);
    } else {
      const { name, isEnd, isEmpty, end } = tagAt(xml, at);
      at = end;
      if (isEnd) {
        if (element.name !== name || isOutside || isEmpty) throw notWellFormed();
        open.pop();
        open.at(-1)?.add(name, element.value);
      } else {
        elements += 1;
        if (elements > MAX_ELEMENTS) throw badPush(`at most ${MAX_ELEMENTS} elements`);
        if (open.length > MAX_DEPTH + 1) throw badPush(`at most ${MAX_DEPTH} levels`);
        if (isEmpty) element.add(name, '');
        else open.push(new Element(name));
      }
    }
  }
  const { fields } = document;
  const names = Object.keys(fields ?? {});
  const content = fields?.[names[0] ?? ''];
  if (open.length > 1 || names.length > 1) throw notWellFormed();
  if (content === undefined || typeof content === 'string' || Array.isArray(content)) {
    throw badPush('one root element with elements in it');
  }
  return content;
}

/** Without the declaration, and with line ends as XML has them. */
function normalized(xml: string): string {
  const text = xml.startsWith('<?xml') ? xml.replace(DECLARATION, '') : xml;
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

const DECLARATION = /^<\?xml\s[^<>]*\?>/;
const NAME = String.raw`[\p{L}_][\p{L}\p{N}_.:-]*`;
const TAG = new RegExp(
  String.raw`<(/?)(${NAME})(?:\s+${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(/?)>`,
  'uy',
);
interface Tag {
  readonly name: string;
  /** Whether it ends an element. */
  readonly isEnd: boolean;
  readonly isEmpty: boolean;
  /** Where it is over. */
  readonly end: number;
}

function tagAt(xml: string, at: number): Tag {
  const end = endOfPlainName(xml, at + 1);
  if (end !== -1) {
    return { name: xml.slice(at + 1, end), isEnd: false, isEmpty: false, end: end + 1 };
  }
  TAG.lastIndex = at;
  const [tag = '', slash, name = '', empty] = TAG.exec(xml) ?? [];
  if (tag === '') throw notWellFormed();
  return { name, isEnd: slash === '/', isEmpty: empty === '/', end: at + tag.length };
}

function isPlainEnd(xml: string, at: number, name: string): boolean {
  return xml[at + 1] === '/' && xml.startsWith(name, at + 2) && xml[at + 2 + name.length] === '>';
}

/**
 * Where a name of nothing but Latin letters, digits and underscores ends with its tag, as nearly all do; -1 where it
 * takes a closer look.
 */
function endOfPlainName(xml: string, start: number): number {
  let at = start;
  for (; at < xml.length; at += 1) {
    const code = xml.charCodeAt(at);
    const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (isLetter || code === 0x5f) continue;
    if (at === start || code < 0x30 || code > 0x39) break;
  }
  return at > start && xml.charCodeAt(at) === 0x3e ? at : -1;
}

/** What an object could be made to inherit from. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** An element that is open. */
class Element {
  readonly name: string;
  text = '';
  fields: PushFields | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Elements, or where there are none, text. */
  get value(): PushValue {
    return this.fields ?? this.text;
  }

  add(name: string, value: PushValue): void {
    if (FORBIDDEN.has(name)) throw badPush('names that do not reach a prototype');
    const fields = (this.fields ??= Object.create(null) as PushFields);
    const before = fields[name];
    if (Array.isArray(before)) before.push(value);
    else if (before !== undefined) fields[name] = [before, value];
    else fields[name] = name === 'item' ? [value] : value;
  }
}

function indexOf(xml: string, end: string, from: number): number {
  const at = xml.indexOf(end, from);
  if (at === -1) throw notWellFormed();
  return at;
}

const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([\da-fA-F]{1,6});|#(\d{1,7});|(lt|gt|amp|quot|apos);)?/g,
    (_, hex?: string, decimal?: string, name?: string) => {
      const digits = hex ?? decimal;
      const decoded = digits
        ? characterOf(Number.parseInt(digits, hex ? 16 : 10))
        : NAMED[name ?? ''];
      if (decoded === undefined) throw notWellFormed();
      return decoded;
    },
  );
}

function characterOf(codePoint: number): string | undefined {
  if (codePoint > 0x10ffff) return undefined;
  const character = String.fromCodePoint(codePoint);
  return removeIllegalCharacters(character) === '' ? undefined : character;
}

function notWellFormed(): MessageError {
  return badPush('well-formed XML');
}

export function badPush(expected: string): MessageError {
  return new MessageError(
    'bad_body',
    `The body of a signed push was refused and nothing is stored: expected ${expected}. Compare the options of the channel with those in the console.`,
  );
}
