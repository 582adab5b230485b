import { PersistError } from '../../errors.ts';
import { given } from '../../internal/given.ts';

/** A kind of errors, and what to do about it. */
interface Kind {
  readonly code: 'unavailable' | 'timeout' | 'schema_missing' | 'refused';
  readonly advice: string;
}

const NOT_KNOWN = 'Whether a write took effect is not known until the record is read again.';
const UNAVAILABLE: Kind = {
  code: 'unavailable',
  advice: `could not be reached, or could not serve the call now. ${NOT_KNOWN}`,
};
const TIMEOUT: Kind = {
  code: 'timeout',
  advice: `gave the call up, as it took longer than statement_timeout, lock_timeout or query_timeout allow. ${NOT_KNOWN}`,
};
const SCHEMA_MISSING: Kind = {
  code: 'schema_missing',
  advice:
    'has no such table, or one of another shape. Run createSchema() with the same `table` and `schema`, and check the search path if `schema` is not given.',
};
const NOT_PREPARED: Kind = {
  code: 'refused',
  advice:
    'does not know the prepared statement. A pooler assigns connections by transaction and does not support prepared statements: pass `prepare: false`.',
};
const REFUSED: Kind = {
  code: 'refused',
  advice: 'refused the call. See its SQLSTATE, and the log of the server.',
};

/** By the beginning of the SQLSTATE; the first one that matches counts. */
const BY_STATE: readonly (readonly [prefix: string, kind: Kind])[] = [
  ['42P01', SCHEMA_MISSING], // undefined_table: also the sequence
  ['42703', SCHEMA_MISSING], // undefined_column
  ['3F000', SCHEMA_MISSING], // invalid_schema_name
  ['26000', NOT_PREPARED], // invalid_sql_statement_name
  ['42P05', NOT_PREPARED], // duplicate_prepared_statement
  ['57014', TIMEOUT], // query_canceled
  ['55P03', TIMEOUT], // lock_not_available
  ['08', UNAVAILABLE], // connection exceptions; poolers use them, too
  ['25006', UNAVAILABLE], // read_only_sql_transaction: a standby, in the middle of a failover
  ['40', UNAVAILABLE], // rolled back: serialization_failure, deadlock_detected
  ['53', UNAVAILABLE], // too_many_connections, disk_full, out_of_memory
  ['57', UNAVAILABLE], // admin_shutdown, crash_shutdown, cannot_connect_now
  ['58', UNAVAILABLE], // io_error
  ['XX000', UNAVAILABLE], // internal_error: the answer of some poolers when they are full
];

/**
 * Our error for an error of the client or the server. Its texts are dropped: clients add the values of the statement to
 * their errors, servers quote keys and values in `detail` and in the message, and connection errors name users and hosts.
 * Codes and the server's own names are kept, under `details`.
 */
export function asPersistError(error: unknown, openid?: string): PersistError {
  const facts = factsOf(error);
  const { code, advice } = kindOf(facts, error);
  const retryable = code === 'unavailable' || code === 'timeout';
  const name = facts.sqlstate === undefined ? facts.code : `SQLSTATE ${facts.sqlstate}`;
  const message = `PostgreSQL ${advice}${name === undefined ? '' : ` (${name})`}`;
  return new PersistError(code, message, { retryable, openid, details: { ...facts } });
}

/** The message of `pg` for a connection that ended during the call; there is no code for it. */
const ENDED = /^Connection terminated/;
/** The codes of `postgres`, and of the operating system, for the same. */
const BROKEN: ReadonlySet<unknown> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
]);

/**
 * Whether the connection of the call broke: another connection may work. A server that cannot be reached does not
 * count.
 */
export function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return BROKEN.has((error as { code?: unknown }).code) || ENDED.test(error.message);
}

interface Facts {
  /** The server's code: see "PostgreSQL Error Codes" in its manual. */
  readonly sqlstate?: string;
  /** The code of the client or the operating system, where the server gave none. */
  readonly code?: string;
  readonly severity?: string;
  /** The function of the server that refused. */
  readonly routine?: string;
  readonly constraint?: string;
}

function factsOf(error: unknown): Facts {
  const raw = (error ?? {}) as Readonly<Record<string, unknown>>;
  const pick = (name: string): string | undefined => {
    const value = raw[name];
    return typeof value === 'string' && /^\w{1,63}$/.test(value) ? value : undefined;
  };
  const code = pick('code');
  const severity = pick('severity');
  // EPIPE looks like a SQLSTATE; only errors of the server have a severity.
  if (severity === undefined) return given({ code });
  const constraint = pick('constraint') ?? pick('constraint_name');
  return given({ sqlstate: code, severity, routine: pick('routine'), constraint });
}

function kindOf({ sqlstate }: Facts, error: unknown): Kind {
  if (sqlstate !== undefined) {
    return BY_STATE.find(([prefix]) => sqlstate.startsWith(prefix))?.[1] ?? REFUSED;
  }
  // All versions of `pg` have only this message for it.
  const isTimeout = error instanceof Error && error.message === 'Query read timeout';
  return isTimeout ? TIMEOUT : UNAVAILABLE;
}
