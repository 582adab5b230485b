import { badBody, decodeUtf8 } from '../json-body.ts';

/** The fields of a form by name. If two have the same name, the first one counts. */
export type Form = ReadonlyMap<string, string>;

/** The maximum of fields. A command has about fifteen. */
const MAX_FIELDS = 100;

/**
 * The fields of a form as browsers write them. URLSearchParams would take some hundred nanoseconds for each plus and each
 * escape, and a hostile form may consist of them.
 * @throws MessageError `bad_body`
 */
export function parseForm(body: Uint8Array): Form {
  const form = new Map<string, string>();
  let fields = 0;
  for (let start = 0; start < body.length; fields += 1) {
    if (fields >= MAX_FIELDS) throw badBody(`at most ${MAX_FIELDS} fields of a form`);
    const end = indexOf(body, AMPERSAND, start, body.length);
    const equals = indexOf(body, EQUALS, start, end);
    const name = decoded(body.subarray(start, equals));
    const isNew = end > start && name !== '__proto__' && !form.has(name);
    if (isNew) form.set(name, decoded(body.subarray(Math.min(equals + 1, end), end)));
    start = end + 1;
  }
  return form;
}

function indexOf(bytes: Uint8Array, byte: number, from: number, end: number): number {
  const at = bytes.subarray(from, end).indexOf(byte);
  return at === -1 ? end : from + at;
}

function decoded(written: Uint8Array): string {
  const bytes = new Uint8Array(written.length);
  let length = 0;
  for (let at = 0; at < written.length; at += 1) {
    const byte = written[at] as number;
    if (byte === PLUS) bytes[length] = SPACE;
    else if (byte === PERCENT && digitAt(written, at + 1) >= 0 && digitAt(written, at + 2) >= 0) {
      bytes[length] = digitAt(written, at + 1) * 16 + digitAt(written, at + 2);
      at += 2;
    } else bytes[length] = byte;
    length += 1;
  }
  return decodeUtf8(bytes.subarray(0, length));
}

/** The value of a hexadecimal digit, or -1. */
function digitAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const SPACE = 0x20;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const PLUS = 0x2b;
const EQUALS = 0x3d;
