import { createHash } from 'node:crypto';
import type { DueEntry, LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { corruptRecord } from './faults.ts';

/**
 * The format of keys and values. What follows from this file is stored: a change to it is a new number, and a way for
 * what is stored under the old one.
 */
const FORMAT = 2;

/**
 * Records are spread over a fixed number of shards. All keys of a shard carry its number as their hash tag, so they are
 * in one slot of a cluster and a script may touch them together:
 *
 *     prefix:{7}:record:OPENID   a string: revision, lease, when it is filed; wakeAt, stamp; body
 *     prefix:{7}:due             a sorted set: openids by the time at which they are filed, wakeAt or earlier
 *     prefix:{7}:revision        the last revision of what was deleted in the shard
 *     prefix:layout              a hash: format and number of shards, how often it was opened
 *
 * An openid comes last and its shard first, so nothing in it can be taken for another key or for a hash tag.
 *
 * What may change in a record where it stands, comes first and is of a fixed length. A lease is the epoch ms at which it runs out, in
 * 13 digits, and a name of 22 characters for its owner. An openid with a lease and without a record has a key that ends
 * after the lease, with the revision 0; Redis drops it when the lease runs out.
 *
 * Format 1 had its leases in keys of their own, kept every record at its wakeAt in the index, and the last revision of the
 * shard with every save; a record was revision, stamp, wakeAt, body. The first to open such a prefix by this format makes it
 * one of this format; a record is written anew with its next turn, and read as it is until then. What is still at work by
 * format 1 finds a record of format 2 corrupt, and leaves it as it is.
 */
export class Keys {
  readonly layout: string;
  /** What `layout` has to hold. */
  readonly signature: string;
  /** What it holds where format 1 is in use. */
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
  readonly #records: string;

  constructor(base: string) {
    this.due = `${base}:due`;
    this.revision = `${base}:revision`;
    this.#records = `${base}:record:`;
  }

  record(openid: string): string {
    return this.#records + openid;
  }
}

/** Whether a layout is one that some version of this library has made. */
export function isSignature(text: string | undefined): text is string {
  return text !== undefined && /^format \d{1,4}, \d{1,4} shards$/.test(text);
}

/** FNV-1a over UTF-16 code units, with the last mix of MurmurHash3, so that its low bits are as good as its high ones. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Revisions are kept at this width, so that a script compares them as text. */
export const REVISION_DIGITS = 16;
/** What stands for the revision of no record. */
const NONE = '0'.repeat(REVISION_DIGITS);
/** No lease: one that ran out long ago. */
const FREE = `${'0'.repeat(13)}${'-'.repeat(22)}`;
const LEASED_LENGTH = REVISION_DIGITS + FREE.length;
/** As long as a number can be. */
const TIME_LENGTH = 24;
const SPACE = 0x20;

/** A revision as it is kept. */
export function formatRevision(revision: Revision | undefined): string {
  return revision === undefined ? NONE : String(revision).padStart(REVISION_DIGITS, '0');
}

/** As long for every owner. */
export function formatOwner(owner: string): string {
  return createHash('sha256').update(owner).digest('base64url').slice(0, 22);
}

/**
 * A record as it is to be kept; a script puts in its revision, and what there is of a lease and of a place in the index.
 * @param stamp names the call that saves it
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
  // A stamp may follow.
  const wakeAt = Number.parseFloat(text.slice(at, end));
  return { openid, body: text.slice(end + 1), wakeAt, revision };
}

/** @param answer openids and scores by turns */
export function parseDue(answer: unknown): DueEntry[] {
  const flat = answer as readonly unknown[];
  const entries: DueEntry[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    entries.push({ openid: textOf(flat[index]), wakeAt: parseScore(textOf(flat[index + 1])) });
  }
  return entries;
}

/** A client may have been told to answer with buffers. */
function textOf(answer: unknown): string {
  return (answer as string | Buffer).toString();
}

function parseScore(score: string): number {
  if (score === 'inf') return Number.POSITIVE_INFINITY;
  return score === '-inf' ? Number.NEGATIVE_INFINITY : Number(score);
}
