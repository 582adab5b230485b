import type { DueEntry, LoadedRecord, Revision, StoredRecord } from '../persister.ts';
import { corruptRecord } from './faults.ts';

/**
 * The format of keys and values. What follows from this file is stored: a change to it is a new number, and a way for
 * what is stored under the old one.
 */
const FORMAT = 1;

/**
 * Records are spread over a fixed number of shards. All keys of a shard carry its number as their hash tag, so they are
 * in one slot of a cluster and a script may touch them together:
 *
 *     prefix:{7}:record:OPENID   a string: revision, stamp, wakeAt, body
 *     prefix:{7}:lease:OPENID    a string: the owner; Redis drops it when the lease runs out
 *     prefix:{7}:due             a sorted set: openids by wakeAt
 *     prefix:{7}:revision        the last revision given in the shard
 *     prefix:layout              a hash: format and number of shards, how often it was opened
 *
 * An openid comes last and its shard first, so nothing in it can be taken for another key or for a hash tag.
 */
export class Keys {
  readonly layout: string;
  /** What `layout` has to hold. */
  readonly signature: string;
  readonly shards: readonly Shard[];

  constructor(prefix: string, count: number) {
    this.layout = `${prefix}:layout`;
    this.signature = `format ${FORMAT}, ${count} shards`;
    this.shards = Array.from({ length: count }, (_, index) => new Shard(`${prefix}:{${index}}`));
  }

  shardOf(openid: string): number {
    return hash(openid) % this.shards.length;
  }
}

export class Shard {
  readonly due: string;
  readonly revision: string;
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
    this.due = `${base}:due`;
    this.revision = `${base}:revision`;
  }

  record(openid: string): string {
    return `${this.#base}:record:${openid}`;
  }

  lease(openid: string): string {
    return `${this.#base}:lease:${openid}`;
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

/** A revision as it is kept, '' for none. */
export function formatRevision(revision: Revision | undefined): string {
  return revision === undefined ? '' : String(revision).padStart(REVISION_DIGITS, '0');
}

/**
 * A record as it is kept, after its revision.
 * @param stamp names the call that saves it
 */
export function formatRecord({ wakeAt, body }: StoredRecord, stamp: string): string {
  return ` ${stamp} ${wakeAt}\n${body}`;
}

/** @throws PersistError `corrupt` */
export function parseRecord(openid: string, stored: unknown): LoadedRecord | undefined {
  if (stored === null || stored === undefined) return undefined;
  const text = textOf(stored);
  const end = text.indexOf('\n');
  const [revision, , wakeAt] = text.slice(0, Math.max(end, 0)).split(' ');
  if (revision?.length !== REVISION_DIGITS || wakeAt === undefined) {
    throw corruptRecord('is not a record of it', openid);
  }
  return {
    openid,
    body: text.slice(end + 1),
    wakeAt: Number(wakeAt),
    revision: Number(revision),
  };
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
