/** The content of an element: text, a number, its elements, or a list of elements of the same name. */
export type Content = string | number | Elements | readonly Content[];
export interface Elements {
  readonly [name: string]: Content | undefined;
}

/** Elements as XML: texts in CDATA, numbers bare; what is undefined is left out. Names are taken as they are. */
export function writeXml(elements: Elements): string {
  let xml = '';
  for (const name of Object.keys(elements)) {
    const content = elements[name];
    if (content !== undefined) xml += writeElement(name, content);
  }
  return xml;
}

function writeElement(name: string, content: Content): string {
  if (isList(content)) return content.map((item) => writeElement(name, item)).join('');
  return `<${name}>${writeContent(content)}</${name}>`;
}

function writeContent(content: string | number | Elements): string {
  if (typeof content === 'string') return cdata(content);
  return typeof content === 'number' ? String(content) : writeXml(content);
}

// `Array.isArray` does not tell a readonly list from an object.
function isList(content: Content): content is readonly Content[] {
  return Array.isArray(content);
}

/** `]]>` is split over two sections, or a user's words could end the section and continue as elements. */
function cdata(text: string): string {
  const safe = removeIllegalCharacters(text).replaceAll(']]>', ']]]]><![CDATA[>');
  return `<![CDATA[${safe}]]>`;
}

const NAME = /^[A-Za-z_][\w.-]{0,63}$/;

/** Whether a value can be written: texts, finite numbers, objects and lists of these, under names of elements. */
export function isElements(value: unknown): value is Elements {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, content]) => NAME.test(name) && isContent(content));
}

function isContent(value: unknown): value is Content {
  if (Array.isArray(value)) return value.every(isContent);
  return typeof value === 'string' || Number.isFinite(value) || isElements(value);
}

const PLAIN = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]*$/;

/**
 * Text without what XML 1.0 cannot hold, neither raw nor as a reference: control characters, U+FFFE, U+FFFF and halves
 * of surrogate pairs.
 */
export function removeIllegalCharacters(text: string): string {
  // Nearly every text is without any of them, and without the surrogate pairs that take a closer look.
  if (PLAIN.test(text)) return text;
  return text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
}
