import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { MessageError } from '../../errors.ts';
import { removeIllegalCharacters } from './characters.ts';

/** The content of an element: its text, or its elements. `item`, WeChat's word for one of a list, is always an array. */
export type XmlValue = string | XmlFields | XmlValue[];
export interface XmlFields {
  [name: string]: XmlValue;
}

const MAX_ELEMENTS = 200;
const MAX_DEPTH = 8;

const TEXT = '#text';
const CDATA = '#cdata';
type OrderedNode = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  preserveOrder: true,
  // Text stays the text that was sent: `1.0`, `0012e5`, `0x1F` and spaces included.
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreAttributes: true,
  // Kept apart from text, in which `&` means something.
  cdataPropName: CDATA,
  // References are decoded below, where an unknown one is an error and not left as it is.
  processEntities: false,
  maxNestedTags: MAX_DEPTH,
});

/**
 * The elements of a push, as strings. What is not plain, small, well-formed XML in UTF-8 is refused; a DTD is refused
 * unread, so that there are no entities to expand.
 * @throws MessageError `bad_body`, without a word of the body
 */
export function parseXml(body: Uint8Array): XmlFields {
  const xml = decodeUtf8(body).replace(DECLARATION, '');
  checkMarkup(xml);
  let root: unknown;
  try {
    if (XMLValidator.validate(xml) !== true) throw notWellFormed();
    root = parser.parse(xml);
  } catch {
    // The parser's own errors quote the body.
    throw notWellFormed();
  }
  const document = toValue(root as readonly OrderedNode[]);
  const [content, ...others] = typeof document === 'string' ? [] : Object.values(document);
  if (content === undefined || typeof content === 'string' || Array.isArray(content)) {
    throw badBody('one root element with elements in it');
  }
  if (others.length > 0) throw notWellFormed();
  return content;
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw badBody('UTF-8');
  }
}

const DECLARATION = /^<\?xml\s[^<>]*\?>/;
const NAME = String.raw`[\p{L}_][\p{L}\p{N}_.:-]*`;
const TAG = new RegExp(
  String.raw`<(/?)${NAME}(?:\s+${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*/?>`,
  'uy',
);

/**
 * Walks the markup once, in linear time, before the parser sees it: tags, comments and CDATA only, and not too many
 * of them. A `<!DOCTYPE` in a user's text is text: it stands in CDATA.
 */
function checkMarkup(xml: string): void {
  let elements = 0;
  for (let at = xml.indexOf('<'); at !== -1; at = xml.indexOf('<', at)) {
    if (xml.startsWith('<![CDATA[', at)) {
      at = after(xml, ']]>', at + 9);
    } else if (xml.startsWith('<!--', at)) {
      at = after(xml, '-->', at + 4);
    } else if (xml.startsWith('<!', at) || xml.startsWith('<?', at)) {
      throw badBody('no document type and no processing instruction');
    } else {
      TAG.lastIndex = at;
      const tag = TAG.exec(xml);
      if (!tag) throw notWellFormed();
      if (tag[1] === '') elements += 1;
      if (elements > MAX_ELEMENTS) throw badBody(`at most ${MAX_ELEMENTS} elements`);
      at = TAG.lastIndex;
    }
  }
}

function after(xml: string, end: string, from: number): number {
  const at = xml.indexOf(end, from);
  if (at === -1) throw notWellFormed();
  return at + end.length;
}

function toValue(nodes: readonly OrderedNode[]): XmlValue {
  let text = '';
  let fields: XmlFields | undefined;
  for (const node of nodes) {
    for (const [name, content] of Object.entries(node)) {
      if (name === TEXT) text += decodeReferences(content as string);
      else if (name === CDATA) text += (content as readonly OrderedNode[])[0]?.[TEXT] as string;
      else add((fields ??= Object.create(null)), name, toValue(content as readonly OrderedNode[]));
    }
  }
  return fields ?? text;
}

function add(fields: XmlFields, name: string, value: XmlValue): void {
  if (name === '__proto__') throw badBody('names that do not reach a prototype');
  const before = fields[name];
  if (Array.isArray(before)) before.push(value);
  else if (before !== undefined) fields[name] = [before, value];
  else fields[name] = name === 'item' ? [value] : value;
}

const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function decodeReferences(text: string): string {
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
  return badBody('well-formed XML');
}

export function badBody(expected: string): MessageError {
  return new MessageError(
    'bad_body',
    `The body of a signed WeChat push was refused and nothing is stored: expected ${expected}. This channel reads XML in plaintext mode; compare the data format and the mode in the console.`,
  );
}
