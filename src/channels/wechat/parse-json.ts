import {
  type Fields,
  type Value,
  MAX_DEPTH,
  MAX_ELEMENTS,
  badBody,
  decodeUtf8,
  parseXml,
} from './parse.ts';

/** The fields of a push in whichever format it is: an account has one of the two, and some have no choice. */
export function parseFields(body: Uint8Array): Fields {
  return isJson(body) ? parseJson(body) : parseXml(body);
}

/** Whether the first byte that is no space opens an object. */
export function isJson(body: Uint8Array): boolean {
  for (const byte of body) if (byte > 0x20) return byte === 0x7b;
  return false;
}

/** Strings, which are left alone, or numbers. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The fields of a push in JSON, as strings: a MsgId is a number there that a double cannot hold.
 * @throws MessageError `bad_body`, without a word of the body
 */
export function parseJson(body: Uint8Array): Fields {
  const json = decodeUtf8(body);
  let root: unknown;
  try {
    JSON.parse(json);
    const quoted = json.replace(STRING_OR_NUMBER, (found) =>
      found.startsWith('"') ? found : `"${found}"`,
    );
    root = JSON.parse(quoted);
  } catch {
    throw badBody('well-formed JSON');
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw badBody('an object of JSON');
  }
  return fieldsOf(root, { count: 0 }, 1);
}

interface Budget {
  count: number;
}

function fieldsOf(object: object, budget: Budget, depth: number): Fields {
  if (depth > MAX_DEPTH) throw badBody(`at most ${MAX_DEPTH} levels`);
  const fields = Object.create(null) as Fields;
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    if (name === '__proto__') throw badBody('names that do not reach a prototype');
    const kept = toValue(value, budget, depth);
    if (kept === undefined) continue;
    fields[name] = name === 'item' && !Array.isArray(kept) ? [kept] : kept;
  }
  return fields;
}

function toValue(value: unknown, budget: Budget, depth: number): Value | undefined {
  budget.count += 1;
  if (budget.count > MAX_ELEMENTS) throw badBody(`at most ${MAX_ELEMENTS} values`);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value === null || typeof value !== 'object') return undefined;
  if (!Array.isArray(value)) return fieldsOf(value, budget, depth + 1);
  if (depth >= MAX_DEPTH) throw badBody(`at most ${MAX_DEPTH} levels`);
  return value
    .map((item: unknown) => toValue(item, budget, depth + 1))
    .filter((item) => item !== undefined);
}
