import { createHash } from 'node:crypto';
import type { DueEntry, LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { UsageError } from '../../errors.ts';
import { corruptRecord } from './faults.ts';

/**
 * The format of keys and values. A change to the format in this file needs a new number, and code that converts the old
 * format.
 */
const FORMAT = 2;

/**
 * Records are spread over a fixed number of shards. All keys of a shard have its number as their hash tag, so that they
 * are in one slot of a cluster and a script may use them together:
 *
 *     prefix:{7}:record:OPENID   a string: revision, lease, time in the index; wakeAt, stamp; body
 *     prefix:{7}:due             a sorted set: openids by their time in the index, which is wakeAt or earlier
 *     prefix:{7}:revision        the last revision of the records that were deleted in the shard
 *     prefix:{7}:list       for a minute, a copy of `due` in the order of the openids, from which pages are taken
 *     prefix:layout              a hash: format and number of shards, number of openings
 *
 * The openid is last and its shard first, so that no part of an openid can be another key or a hash tag.
 *
 * The parts of a record that change in place are first and have a fixed length. A lease is the epoch ms at which it
 * expires, in 13 digits, and a name of 22 characters for its owner. An openid with a lease and without a record has a key
 * that ends after the lease, with the revision 0; Redis drops it when the lease expires.
 *
 * Format 1 had separate keys for leases, had every record at its wakeAt in the index, and kept the last revision of the
 * shard with every save; a record was revision, stamp, wakeAt, body. The first process that opens such a prefix by this
 * format converts it; a record is converted by its next save, and read in format 1 until then. For a process that still
 * uses format 1, a record of format 2 is corrupt; it leaves the record unchanged.
 */
export class Keys {
  readonly layout: string;
  /** The signature that `layout` has to have. */
  readonly signature: string;
  /** The signature of a prefix of format 1. */
  readonly formerSignature: string;
  readonly shards: readonly Shard[];

  constructor(prefix: string, count: number) {
    this.layout = `${prefix}:layout`;
    this.signature = `format ${FORMAT}, ${count} shards`;
    this.formerSignature = `format ${FORMAT - 1}, ${count} shards`;
    this.shards = Array.from({ length: count }, (_, index) => new Shard(`${prefix}:{${index}}`));
  }

  shardOf(openid: string): number {
    return hash(openid) % this.shards.length;
  }
}

export class Shard {
  readonly due: string;
  readonly revision: string;
  readonly list: string;
  readonly #records: string;

  constructor(base: string) {
    this.due = `${base}:due`;
    this.revision = `${base}:revision`;
    this.list = `${base}:list`;
    this.#records = `${base}:record:`;
  }

  record(openid: string): string {
    return this.#records + openid;
  }
}

/** Whether a version of this library has made a layout. */
function isSignature(text: string | undefined): text is string {
  return text !== undefined && /^format \d{1,4}, \d{1,4} shards$/.test(text);
}

/** FNV-1a over UTF-16 code units, with the last mix of MurmurHash3, so that the low bits are as random as the high ones. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Revisions have this width, so that a script can compare them as text. */
const REVISION_DIGITS = 16;
/** The revision of no record. */
const NONE = '0'.repeat(REVISION_DIGITS);
/** No lease: one that expired long ago. */
const FREE = `${'0'.repeat(13)}${'-'.repeat(22)}`;
const LEASED_LENGTH = REVISION_DIGITS + FREE.length;
/** The length of the longest number. */
const TIME_LENGTH = 24;
const SPACE = 0x20;

/** A revision as it is stored. */
export function formatRevision(revision: Revision | undefined): string {
  return revision === undefined ? NONE : String(revision).padStart(REVISION_DIGITS, '0');
}

/** The name of an owner, with the same length for all of them. */
export function formatOwner(owner: string): string {
  return createHash('sha256').update(owner).digest('base64url').slice(0, 22);
}

/** About thirty years. */
const LONGEST_LEASE_MS = 10 ** 12;

/** For how many milliseconds a lease is taken. */
export function formatLeaseMs(ttlMs: number): string {
  return String(Math.min(Math.max(1, Math.ceil(ttlMs)), LONGEST_LEASE_MS));
}

/**
 * A record as it is stored, except that a script sets its revision, lease and time in the index.
 * @param stamp a name for the call that saves it
 */
export function formatRecord(
  { wakeAt, body }: StoredRecord,
  expected: Revision | undefined,
  stamp: string,
): string {
  const at = String(wakeAt);
  return `${formatRevision(expected)}${FREE}${at.padEnd(TIME_LENGTH)} ${at} ${stamp}\n${body}`;
}

/** @throws PersistError `corrupt` */
export function parseRecord(openid: string, stored: unknown): LoadedRecord | undefined {
  if (stored === null || stored === undefined) return undefined;
  const text = textOf(stored);
  const revision = Number(text.slice(0, REVISION_DIGITS));
  if (revision === 0 && text.length === LEASED_LENGTH) return undefined;
  const end = text.indexOf('\n');
  const isFormer = text.charCodeAt(REVISION_DIGITS) === SPACE;
  const at = isFormer
    ? text.indexOf(' ', REVISION_DIGITS + 1) + 1
    : LEASED_LENGTH + TIME_LENGTH + 1;
  if (!(revision > 0) || at > end || text.charCodeAt(at - 1) !== SPACE) {
    throw corruptRecord('is not a record of it', openid);
  }
  // A stamp may be behind it.
  const wakeAt = Number.parseFloat(text.slice(at, end));
  return { openid, body: text.slice(end + 1), wakeAt, revision };
}

/** @param answer openids and scores, alternating */
export function parseDue(answer: unknown): DueEntry[] {
  const flat = answer as readonly unknown[];
  const entries: DueEntry[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    entries.push({ openid: textOf(flat[index]), wakeAt: parseScore(textOf(flat[index + 1])) });
  }
  return entries;
}

/** @param answer openids */
export function parseOpenids(answer: unknown): string[] {
  return (answer as readonly unknown[]).map(textOf);
}

/** A place between two openids of a list: the number of the shard, and the openid in it that was given last. */
interface ListPlace {
  readonly index: number;
  /** Empty before the first one. */
  readonly after: string;
}

export function formatCursor({ index, after }: ListPlace): string {
  return `${index}:${after}`;
}

/** @throws UsageError `bad_option` */
export function parseCursor(cursor: string | undefined, shards: number): ListPlace {
  if (cursor === undefined) return { index: 0, after: '' };
  const [, digits, after = ''] = /^(\d{1,4}):(.*)$/su.exec(cursor) ?? [];
  const index = Number(digits);
  if (index < shards) return { index, after };
  throw new UsageError(
    'bad_option',
    'A cursor is the `next` of a page of the same prefix in Redis.',
  );
}

/** A client may be configured to answer with buffers. */
function textOf(answer: unknown): string {
  return (answer as string | Buffer).toString();
}

function parseScore(score: string): number {
  if (score === 'inf') return Number.POSITIVE_INFINITY;
  return score === '-inf' ? Number.NEGATIVE_INFINITY : Number(score);
}
export function wrongLayout(wanted: string, found: string | undefined): Error {
  if (!isSignature(found)) return corruptRecord('has another layout');
  return new UsageError(
    'wrong_shards',
    `Redis has ${found} under this prefix, and the options say ${wanted}. Open it with the number of shards that it has, or choose another prefix: records do not move.`,
    { details: { wanted, found } },
  );
}
