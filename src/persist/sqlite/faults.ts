import { ColloquyError, PersistError } from '../../errors.ts';

/** A kind of errors, and what to do about it. */
interface Kind {
  readonly code: 'unavailable' | 'corrupt' | 'refused' | 'closed';
  readonly advice: string;
}

const UNAVAILABLE: Kind = {
  code: 'unavailable',
  advice:
    'The database refused the call, and nothing was saved. Check that its disk works and has room; then the same call may succeed.',
};
const BUSY: Kind = {
  code: 'unavailable',
  advice:
    'Another connection kept the database locked for too long, and nothing was saved. The same call may succeed later.',
};
const CORRUPT: Kind = {
  code: 'corrupt',
  advice:
    'The file is not a database of SQLite, or is damaged. Nothing was saved; replace it by a backup.',
};
const REFUSED: Kind = {
  code: 'refused',
  advice:
    'The database refused the call. It must be a file that this process may write, and its tables must be those that sqlite() made.',
};
const CLOSED: Kind = {
  code: 'closed',
  advice: 'The connection is closed: open the database again, and make another persister.',
};

/** The primary result codes (https://www.sqlite.org/rescode.html), by name and number. */
const BY_CODE: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>(
  (
    [
      ['PERM', 3, REFUSED],
      ['BUSY', 5, BUSY],
      ['LOCKED', 6, BUSY],
      ['NOMEM', 7, UNAVAILABLE],
      ['READONLY', 8, REFUSED],
      ['IOERR', 10, UNAVAILABLE],
      ['CORRUPT', 11, CORRUPT],
      ['FULL', 13, UNAVAILABLE],
      ['CANTOPEN', 14, UNAVAILABLE],
      ['PROTOCOL', 15, BUSY],
      ['AUTH', 23, REFUSED],
      ['NOTADB', 26, CORRUPT],
    ] as const
  ).flatMap(([name, number, kind]) => [
    [name, kind],
    [number, kind],
  ]),
);

/** What node:sqlite, better-sqlite3 and libsql say of a connection that is closed; none of them has a code for it. */
const NOT_OPEN = /not open|closed/i;

/** Whether another connection has the lock of the database now. */
export function isBusy(fault: unknown): boolean {
  return kindOf(fault) === BUSY;
}

/** The error that a call throws. It quotes nothing of the database and of its values. */
export function toSqliteError(fault: unknown, openid: string | undefined): ColloquyError {
  if (ColloquyError.is(fault)) return fault;
  const { code, advice } = kindOf(fault);
  const reason = reasonOf(fault);
  const details = reason === undefined ? {} : { details: { reason } };
  return new PersistError(code, `${advice}${reason === undefined ? '' : ` (${reason})`}`, {
    retryable: code === 'unavailable',
    openid,
    ...details,
  });
}

function kindOf(fault: unknown): Kind {
  const { errcode } = (fault ?? {}) as { readonly errcode?: unknown };
  // An extended code has the primary one in its last eight bits.
  if (typeof errcode === 'number') return BY_CODE.get(errcode & 0xff) ?? REFUSED;
  const [, name] = /^SQLITE_([A-Z]+)/u.exec(reasonOf(fault) ?? '') ?? [];
  if (name !== undefined) return BY_CODE.get(name) ?? REFUSED;
  return fault instanceof Error && NOT_OPEN.test(fault.message) ? CLOSED : UNAVAILABLE;
}

/** A code: `SQLITE_BUSY` of most packages, `5` of node:sqlite. */
function reasonOf(fault: unknown): string | undefined {
  const { errcode, code } = (fault ?? {}) as {
    readonly errcode?: unknown;
    readonly code?: unknown;
  };
  if (typeof errcode === 'number') return `SQLite ${errcode}`;
  return typeof code === 'string' && /^\w{1,63}$/u.test(code) ? code : undefined;
}
