import { checkSize, decodeUtf8 } from '../json-body.ts';
import {
  type PushFields,
  type PushValue,
  MAX_DEPTH,
  MAX_ELEMENTS,
  badPush,
  parseXml,
} from './parse.ts';

/** The fields of a push in whichever format it is: an account has one of the two, and some have no choice. */
export function parseFields(body: Uint8Array): PushFields {
  return isJson(body) ? parsePushJson(body) : parseXml(body);
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
export function parsePushJson(body: Uint8Array): PushFields {
  const json = decodeUtf8(body, badPush);
  checkSize(json, MAX_ELEMENTS + 1, badPush);
  let root: unknown;
  try {
    JSON.parse(json);
    const quoted = json.replace(STRING_OR_NUMBER, (found) =>
      found.startsWith('"') ? found : `"${found}"`,
    );
    root = JSON.parse(quoted);
  } catch {
    throw badPush('well-formed JSON');
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw badPush('an object of JSON');
  }
  return pushFieldsOf(root, { count: 0 }, 1);
}

interface Budget {
  count: number;
}

function pushFieldsOf(object: object, budget: Budget, depth: number): PushFields {
  if (depth > MAX_DEPTH) throw badPush(`at most ${MAX_DEPTH} levels`);
  const fields = Object.create(null) as PushFields;
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    if (name === '__proto__') throw badPush('names that do not reach a prototype');
    const kept = toValue(value, budget, depth);
    if (kept === undefined) continue;
    fields[name] = name === 'item' && !Array.isArray(kept) ? [kept] : kept;
  }
  return fields;
}

function toValue(value: unknown, budget: Budget, depth: number): PushValue | undefined {
  budget.count += 1;
  if (budget.count > MAX_ELEMENTS) throw badPush(`at most ${MAX_ELEMENTS} values`);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value === null || typeof value !== 'object') return undefined;
  if (!Array.isArray(value)) return pushFieldsOf(value, budget, depth + 1);
  if (depth >= MAX_DEPTH) throw badPush(`at most ${MAX_DEPTH} levels`);
  return value
    .map((item: unknown) => toValue(item, budget, depth + 1))
    .filter((item) => item !== undefined);
}
