import { PersistError } from '../errors.ts';
import { isDictionary } from '../internal/plain.ts';
import type { LoadedRecord, StoredRecord } from '../persist/persister.ts';
import { type Data, type Settled, settle } from './data.ts';
import { type ConversationRecord, NONE } from './record.ts';
import { SeenLog } from './seen.ts';

/** Turns plain data into text and back. */
export interface Codec {
  encode(value: unknown): string;
  decode(text: string): unknown;
}

const TAG = '$';

/**
 * JSON that also round-trips `Date`, `Map`, `Set`, `bigint`, `undefined`, `NaN`, the infinities and `-0`. They stand
 * as `{"$": [kind, value]}`; an object of the user's own with the key `$` is wrapped the same way.
 */
export const jsonCodec: Codec = {
  encode: (value) => JSON.stringify(pack(value)),
  decode: (text) => unpack(JSON.parse(text)),
};

function pack(value: unknown): unknown {
  switch (typeof value) {
    case 'undefined':
      return { [TAG]: ['undefined'] };
    case 'bigint':
      return { [TAG]: ['bigint', value.toString()] };
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [TAG]: ['number', Object.is(value, -0) ? '-0' : String(value)] };
    case 'object':
      return value === null ? null : packObject(value);
    default:
      return value;
  }
}

function packObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(pack);
  if (value instanceof Date) return { [TAG]: ['date', pack(value.getTime())] };
  if (value instanceof Map) return { [TAG]: ['map', [...value].map(pack)] };
  if (value instanceof Set) return { [TAG]: ['set', [...value].map(pack)] };
  const packed: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) packed[key] = pack(item);
  return Object.hasOwn(packed, TAG) ? { [TAG]: ['object', packed] } : packed;
}

function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unpack);
  if (!Object.hasOwn(value, TAG)) return unpackDictionary(value);
  const tagged = (value as Record<string, unknown>)[TAG];
  const [kind, content] = Array.isArray(tagged) ? (tagged as unknown[]) : [];
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'bigint':
      return BigInt(content as string);
    case 'number':
      return Number(content);
    case 'date':
      return new Date(unpack(content) as number);
    case 'map':
      return new Map(unpack(content) as [unknown, unknown][]);
    case 'set':
      return new Set(unpack(content) as unknown[]);
    case 'object':
      return unpackDictionary(content as object);
    default:
      throw new TypeError('unknown tag');
  }
}

function unpackDictionary(value: object): Record<string, unknown> {
  const dictionary: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key !== '__proto__') dictionary[key] = unpack(item);
  }
  return dictionary;
}

/** The format of the envelope around a stored record; a reader refuses one it does not know. */
const FORMAT = 1;

/** The record as its persister keeps it. */
export function sealRecord(record: ConversationRecord, wakeAt: number, codec: Codec): StoredRecord {
  const { openid, data, expiry, savedAt, dialogue, timers, services, seen, outbox, absent } = record;
  const body = codec.encode({
    format: FORMAT,
    openid,
    data,
    savedAt,
    ...(expiry && { expiry }),
    ...(dialogue && { dialogue }),
    ...(timers.length > 0 && { timers }),
    ...(services.length > 0 && { services }),
    ...(seen !== SeenLog.empty && { seen: seen.toList() }),
    ...(outbox.length > 0 && { outbox }),
    ...(absent && { absent }),
  });
  return { openid, body, wakeAt };
}

/**
 * The record that a stored one holds.
 * @throws PersistError `corrupt` for a body that does not decode, of an unknown format, or of another openid.
 */
export function openRecord(stored: LoadedRecord, codec: Codec): ConversationRecord {
  let envelope: Partial<Omit<ConversationRecord, 'seen'>> & {
    readonly format?: unknown;
    readonly seen?: readonly unknown[];
  };
  try {
    envelope = codec.decode(stored.body) as typeof envelope;
  } catch (cause) {
    // What a decoder says may quote the body, and the body is a user's: it stays out of the chain of causes.
    throw corrupt(stored.openid, `does not decode (${nameOf(cause)})`);
  }
  const { format, openid, data, savedAt } = envelope ?? {};
  if (format !== FORMAT) throw corrupt(stored.openid, `has a format other than ${FORMAT}`);
  if (openid !== stored.openid) throw corrupt(stored.openid, 'belongs to another openid');
  if (typeof data !== 'object' || data === null || !isDictionary(data)) {
    throw corrupt(stored.openid, 'lacks its data');
  }
  if (!Number.isFinite(savedAt)) throw corrupt(stored.openid, 'lacks its time');
  const { expiry, dialogue, timers = NONE, services = NONE, seen = NONE, absent } = envelope;
  const { outbox = NONE } = envelope;
  const isWhole = [timers, services, seen, outbox].every(Array.isArray) && isExpiry(expiry);
  if (!isWhole || (absent !== undefined && absent !== 'forgotten')) {
    throw corrupt(stored.openid, 'has a field of another shape');
  }
  return {
    openid,
    revision: stored.revision,
    ...reopen(openid, data),
    expiry,
    savedAt: savedAt as number,
    live: undefined,
    dialogue,
    timers,
    services,
    seen: SeenLog.from(seen),
    outbox,
    ...(absent && { absent }),
  };
}

function isExpiry(expiry: unknown): boolean {
  if (expiry === undefined) return true;
  const { seconds, at } = (expiry ?? {}) as { seconds?: unknown; at?: unknown };
  return typeof seconds === 'number' || typeof at === 'number';
}

function reopen(openid: string, data: Data): Settled {
  try {
    return settle(data, Number.POSITIVE_INFINITY);
  } catch (error) {
    throw corrupt(openid, `holds data that is not plain (${nameOf(error)})`);
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'error';
}

function corrupt(openid: string, what: string): PersistError {
  return new PersistError('corrupt', `The stored record ${what}; it is treated as absent.`, {
    openid,
  });
}
