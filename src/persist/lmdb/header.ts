import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PersistError } from '../../errors.ts';

const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';
const MAGIC = Buffer.of(0xde, 0xc0, 0xef, 0xbe);
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const HEAD_BYTES = 152;
const LEAST_PAGE_SIZE = 4096;

/**
 * Whether the directory has an LMDB database, or nothing yet. A database begins with two pages that say so. To open any
 * other file would crash the process, and so would the first touch of a page that is not there, because LMDB maps its file.
 * Therefore the file gets its full length. It may lack a few pages that are not in use. Where it was cut, they
 * are empty then, and what needs them is an error.
 * @throws PersistError `unavailable` where one of the files is no file
 */
export function holdsDatabase(directory: string): boolean {
  for (const name of [DATA_FILE, LOCK_FILE]) checkFile(directory, name);
  let file: number;
  try {
    file = openSync(join(directory, DATA_FILE), 'r+');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return true;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    // A process that is killed before it writes them leaves an empty file.
    if (size === 0) return true;
    const first = headAt(file, 0);
    const pageSize = first?.pageSize ?? 0;
    if (first === undefined || pageSize < LEAST_PAGE_SIZE || size < 2 * pageSize) return false;
    const second = headAt(file, pageSize);
    if (second === undefined) return false;
    const whole = (Math.max(first.lastPage, second.lastPage) + 1) * pageSize;
    if (size < whole) {
      // Of a page whose end is missing, the rest would look like a page with other keys.
      ftruncateSync(file, size - (size % pageSize));
      ftruncateSync(file, whole);
    }
    return true;
  } finally {
    closeSync(file);
  }
}

/** What one of the first two pages says of the database; undefined where it is none of LMDB's. */
function headAt(file: number, at: number): { pageSize: number; lastPage: number } | undefined {
  const head = Buffer.alloc(HEAD_BYTES);
  if (readSync(file, head, 0, HEAD_BYTES, at) !== HEAD_BYTES) return undefined;
  if (!head.subarray(MAGIC_AT, MAGIC_AT + MAGIC.length).equals(MAGIC)) return undefined;
  return {
    pageSize: head.readUInt32LE(PAGE_SIZE_AT),
    lastPage: Number(head.readBigUInt64LE(LAST_PAGE_AT)),
  };
}

function checkFile(directory: string, name: string): void {
  const path = join(directory, name);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  throw new PersistError(
    'unavailable',
    `"${path}" is no file, so the database could not be opened. Choose another directory, or remove it.`,
    { details: { path } },
  );
}
