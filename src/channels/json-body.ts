import { MessageError } from '../errors.ts';

/** A body is nested less deep than what a message may carry in its `raw`, which is 32 levels. */
const MAX_DEPTH = 24;

/**
 * The value of a body in JSON. It is refused before it is parsed where it is nested too deep; keys named `__proto__`
 * are left out, as they mean nothing to anybody but an attacker.
 * @throws MessageError `bad_body`, without a word of the body
 */
export function parseJsonBody(body: Uint8Array): unknown {
  return parseJson(decodeUtf8(body));
}

/** The same for a text that stands in something else: a field of a form. */
export function parseJson(text: string): unknown {
  checkDepth(text);
  try {
    // A reviver is called for every value there is, and hardly any body has need of it.
    const reviver = MAY_REACH_PROTOTYPE.test(text) ? withoutPrototype : undefined;
    return JSON.parse(text, reviver) as unknown;
  } catch {
    // The error of JSON.parse quotes the body.
    throw badBody('well-formed JSON');
  }
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
const MAY_REACH_PROTOTYPE = /__proto__|\\u00[567]/i;

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

/** Walks the text once. Quotes and brackets mean the same in well-formed JSON only, and the rest is refused anyway. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at + 1);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        if (depth > MAX_DEPTH) throw badBody(`at most ${MAX_DEPTH} levels`);
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      default:
    }
  }
}

const QUOTE = 0x22;
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
