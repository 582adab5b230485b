import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const DATA_FILE = 'data.mdb';
const MAGIC = Buffer.of(0xde, 0xc0, 0xef, 0xbe);
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const HEAD_BYTES = 64;
const LEAST_PAGE_SIZE = 4096;

/**
 * Whether the directory has an LMDB database, or nothing yet. A database begins with two pages that say so. To open any
 * other file would crash the process.
 */
export function holdsDatabase(directory: string): boolean {
  let file: number;
  try {
    file = openSync(join(directory, DATA_FILE), 'r');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return true;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    // A process that is killed before it writes them leaves an empty file.
    if (size === 0) return true;
    const head = Buffer.alloc(HEAD_BYTES);
    const begins = (at: number): boolean =>
      readSync(file, head, 0, HEAD_BYTES, at) === HEAD_BYTES &&
      head.subarray(MAGIC_AT, MAGIC_AT + MAGIC.length).equals(MAGIC);
    if (!begins(0)) return false;
    const pageSize = head.readUInt32LE(PAGE_SIZE_AT);
    return pageSize >= LEAST_PAGE_SIZE && size >= 2 * pageSize && begins(pageSize);
  } finally {
    closeSync(file);
  }
}
