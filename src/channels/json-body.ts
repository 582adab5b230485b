import { MessageError } from '../errors.ts';

/** A body is nested less deep than what a message may carry in its `raw`, which is 32 levels. */
const MAX_DEPTH = 24;

/*
 * A body takes a hundred times as long as another one of the same length if it consists of small values, and a key of an
 * object takes ten times as long as an item of a list. No platform sends nearly this number of them.
 */
const MAX_VALUES = 10_000;
const MAX_KEYS = 4000;

/**
 * The value of a body in JSON. A body that is nested too deep or has too many values or keys is refused before it is parsed;
 * keys named `__proto__` are left out, as only an attacker sends them. Takes linear time.
 * @throws MessageError `bad_body`, without a word of the body
 */
export function parseJsonBody(body: Uint8Array): unknown {
  return parseJson(decodeUtf8(body));
}

/** The same for a text that stands in something else: a field of a form. */
export function parseJson(text: string): unknown {
  checkSize(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The error of JSON.parse quotes the body.
    throw badBody('well-formed JSON');
  }
  if (mayReachPrototype(text)) removePrototypes(value);
  return value;
}

const UTF8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true });

/** @param bad what is thrown of a body that is not UTF-8 */
export function decodeUtf8(
  body: Uint8Array,
  bad: (expected: string) => MessageError = badBody,
): string {
  try {
    return UTF8.decode(body);
  } catch {
    throw bad('UTF-8');
  }
}

/** Any character of the name may be written as an escape. */
function mayReachPrototype(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u00');
}

/** This walk replaces a reviver of JSON.parse, which takes more time for each value than the parsing. */
function removePrototypes(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__');
  for (const item of Object.values(value) as unknown[]) removePrototypes(item);
}

/**
 * Refuses JSON that is nested too deep, or has too many values or keys. It walks the text once and counts quotes, brackets,
 * commas and colons. In a text that is not well-formed it may count wrongly, but the parser refuses such a text anyway.
 * @param maxValues the maximum of values; the text as a whole counts as one
 * @throws what `bad` gives
 */
export function checkSize(text: string, maxValues = MAX_VALUES, bad = badBody): void {
  let depth = 0;
  let values = 0;
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at + 1);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > MAX_DEPTH) throw bad(`at most ${MAX_DEPTH} levels`);
        values += 1;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        if (values > maxValues) throw bad(`at most ${maxValues} values`);
        break;
      case COLON:
        keys += 1;
        if (keys > MAX_KEYS) throw bad(`at most ${MAX_KEYS} keys`);
        break;
      default:
    }
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at;
    if (unit === BACKSLASH) at += 1;
  }
  return text.length;
}

export function badBody(expected: string): MessageError {
  return new MessageError(
    'bad_body',
    `The body of a request whose sender is proven was refused and nothing is stored: expected ${expected}.`,
  );
}
