import { ColloquyError, PersistError } from '../../errors.ts';

/** What LMDB says of a file that is no database, was damaged, or was made by a version of it with another format. */
const DAMAGED: ReadonlySet<unknown> = new Set([
  -30_797, // MDB_PAGE_NOTFOUND
  -30_796, // MDB_CORRUPTED
  -30_794, // MDB_VERSION_MISMATCH
  -30_793, // MDB_INVALID
]);

/** Why `error` came, where it is only the news that a commit that several calls share has failed. */
export async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: unknown };
  if (commitError === undefined) return error;
  try {
    await (commitError as Promise<unknown>);
    return error;
  } catch (cause) {
    return cause;
  }
}

/** What a call throws for `cause`. */
export function toCallError(cause: unknown, openid: string | undefined): ColloquyError {
  if (ColloquyError.is(cause)) return cause;
  const details = { reason: reasonOf(cause) };
  if (isDamaged(cause)) {
    return new PersistError(
      'corrupt',
      'The files of the database are damaged. Nothing was saved; put a backup in their place.',
      { openid, details, cause },
    );
  }
  return new PersistError(
    'unavailable',
    `The database refused the call, and nothing was saved (${reasonOf(cause)}). See that its disk is well and has room; the same call may succeed then.`,
    { retryable: true, openid, details, cause },
  );
}

/** What is thrown where the database in `path` cannot be opened. */
export function toOpenError(cause: unknown, path: string): ColloquyError {
  if (ColloquyError.is(cause)) return cause;
  if (isDamaged(cause)) return toForeignError(path, cause);
  return new PersistError(
    'unavailable',
    `The database in "${path}" could not be opened (${reasonOf(cause)}). It takes a directory of a local disk, or the path where one can be made, that this process may read and write.`,
    { details: { path, reason: reasonOf(cause) }, cause },
  );
}

/** What is thrown where the files in `path` are not those of a database. */
export function toForeignError(path: string, cause?: unknown): PersistError {
  return new PersistError(
    'corrupt',
    `The files in "${path}" are no database of this kind, or are damaged. Name another directory, or put a backup in their place.`,
    { details: { path }, cause },
  );
}

function isDamaged(cause: unknown): boolean {
  return DAMAGED.has((cause as { code?: unknown } | undefined)?.code);
}

/** The words of the system or of LMDB: they name no key and no value. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'no reason given';
}
