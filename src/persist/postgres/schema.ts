import { type KeysOf, checkOptions } from '../../internal/closed.ts';
import { UsageError } from '../../errors.ts';
import { type PostgresClient, toSession } from './client.ts';
import { asPersistError } from './errors.ts';

/** Where the records are. */
export interface TableOptions {
  /** Any name with a maximum of 54 bytes, case-sensitive: `Chats` and `chats` are two tables. Default: `colloquy_context`. */
  readonly table?: string | undefined;
  /** The schema it is in. Default: the first one on the connection's search path. */
  readonly schema?: string | undefined;
}

const KEYS = { table: null, schema: null } satisfies KeysOf<TableOptions>;

/** The names in the database, quoted for SQL. */
export interface Names {
  readonly schema: string | undefined;
  readonly table: string;
  readonly sequence: string;
  readonly index: string;
}

/** The longest identifier. PostgreSQL cuts a longer one without an error, so that two names would be the same. */
const MAX_BYTES = 63;
const REVISION = '_revision';
const WAKE = '_wake_at';

/** @throws UsageError `bad_table` */
export function namesOf({ table = 'colloquy_context', schema }: TableOptions): Names {
  checkName('table', table, MAX_BYTES - REVISION.length);
  if (schema !== undefined) checkName('schema', schema, MAX_BYTES);
  const prefix = schema === undefined ? '' : `${quoteName(schema)}.`;
  return {
    schema: schema === undefined ? undefined : quoteName(schema),
    table: prefix + quoteName(table),
    sequence: prefix + quoteName(table + REVISION),
    // An index is in the schema of its table, and must not be given one.
    index: quoteName(table + WAKE),
  };
}

/**
 * Creates the table, its index and its sequence where they are missing, and changes nothing that exists. Run it at every
 * start or once in a migration; several processes may run it at the same time. It needs the right to create. If the role of
 * your server does not have it, run `schemaSql()` with another role.
 *
 * @throws UsageError `bad_table`, `bad_client`
 * @throws PersistError `unavailable`, `timeout`, `refused`
 */
export async function createSchema(
  client: PostgresClient,
  options: TableOptions = {},
): Promise<void> {
  const script = schemaSql(options);
  try {
    await toSession(client, false).runScript(script);
  } catch (error) {
    throw asPersistError(error);
  }
}

/**
 * The same as text, for a migration tool. It is idempotent, and has to run as one transaction, which it neither begins
 * nor commits: one query without parameters is one transaction.
 */
export function schemaSql(options: TableOptions = {}): string {
  checkOptions('schemaSql()', options, KEYS);
  const { schema, table, sequence, index } = namesOf(options);
  return `
-- One process at a time: with IF NOT EXISTS alone, two of them may collide. No notices about what exists.
SELECT pg_advisory_xact_lock(${LOCK}), set_config('client_min_messages', 'warning', true);
${schema === undefined ? '' : createNamespace(schema)}
-- One for all records, so that no revision is used twice. Without a cache, so that a later one is greater.
CREATE SEQUENCE IF NOT EXISTS ${sequence} AS bigint MAXVALUE ${Number.MAX_SAFE_INTEGER} CACHE 1 NO CYCLE;

CREATE TABLE IF NOT EXISTS ${table} (
  -- UTF-8. Bytes may be zero and do not depend on the collation: convert_from(openid, 'UTF8') reads them.
  openid      bytea PRIMARY KEY,
  -- The next three are null in a row that is only a lease.
  body        text,
  revision    bigint,
  -- Epoch milliseconds.
  wake_at     double precision,
  lease_owner text,
  lease_until timestamptz,
  -- Only for columns that are always written together: a row is checked before it is known to be the latest version.
  CHECK (num_nulls(body, revision, wake_at) IN (0, 3)),
  CHECK (num_nulls(lease_owner, lease_until) IN (0, 2))
  -- Free space in each page, so that a lease is taken and extended without a new entry in an index.
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS ${index} ON ${table} (wake_at, openid);
`;
}

/** The letters of "colloquy" as a number. */
const LOCK = '7165064745151722873';

/** CREATE SCHEMA IF NOT EXISTS requires the right to create one even where the schema exists. */
function createNamespace(schema: string): string {
  const body = `BEGIN IF to_regnamespace(${quoteText(schema)}) IS NULL THEN CREATE SCHEMA ${schema}; END IF; END`;
  return `DO ${quoteText(body)};\n`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A literal that is the same whether or not the server reads backslashes in plain literals as escapes. */
export function quoteText(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

function checkName(what: string, name: unknown, maxBytes: number): void {
  if (
    typeof name === 'string' &&
    name !== '' &&
    name.isWellFormed() &&
    !name.includes('\0') &&
    Buffer.byteLength(name) <= maxBytes
  ) {
    return;
  }
  throw new UsageError(
    'bad_table',
    `The name of a ${what} is a non-empty string with a maximum of ${maxBytes} bytes without a zero character.`,
  );
}
