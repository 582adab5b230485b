import { ColloquyError, PersistError } from '../../errors.ts';

/** The codes of LMDB for a file that is not a database, is damaged, or has the format of another LMDB version. */
const DAMAGED: ReadonlySet<unknown> = new Set([
  -30_797, // MDB_PAGE_NOTFOUND
  -30_796, // MDB_CORRUPTED
  -30_794, // MDB_VERSION_MISMATCH
  -30_793, // MDB_INVALID
]);

/** The cause of `error`, where it only says that a commit of several calls has failed. */
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

/** The error that a call throws for `cause`. */
export function toCallError(cause: unknown, openid: string | undefined): ColloquyError {
  if (ColloquyError.is(cause)) return cause;
  const details = { reason: reasonOf(cause) };
  if (isDamaged(cause)) {
    return new PersistError(
      'corrupt',
      'The files of the database are damaged. Nothing was saved; replace them by a backup.',
      { openid, details, cause },
    );
  }
  return new PersistError(
    'unavailable',
    `The database refused the call, and nothing was saved (${reasonOf(cause)}). Check that its disk works and has room; then the same call may succeed.`,
    { retryable: true, openid, details, cause },
  );
}

/** The error for a database in `path` that cannot be opened. */
export function toOpenError(cause: unknown, path: string): ColloquyError {
  if (ColloquyError.is(cause)) return cause;
  if (isDamaged(cause)) return toForeignError(path, cause);
  return new PersistError(
    'unavailable',
    `The database in "${path}" could not be opened (${reasonOf(cause)}). It must be a directory on a local disk, or a path where one can be created, that this process may read and write.`,
    { details: { path, reason: reasonOf(cause) }, cause },
  );
}

/** The error for files in `path` that are not a database. */
export function toForeignError(path: string, cause?: unknown): PersistError {
  return new PersistError(
    'corrupt',
    `The files in "${path}" are not a database of this kind, or are damaged. Choose another directory, or replace them by a backup.`,
    { details: { path }, cause },
  );
}

function isDamaged(cause: unknown): boolean {
  return DAMAGED.has((cause as { code?: unknown } | undefined)?.code);
}

/** The message of the system or of LMDB, which quotes no key and no value. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'no reason given';
}
