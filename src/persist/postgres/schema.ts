import { UsageError } from '../../errors.ts';
import { type PostgresClient, toSession } from './client.ts';
import { asPersistError } from './errors.ts';

/** Where the records are. */
export interface TableOptions {
  /** Any name of up to 54 bytes, taken as it is: `"Chats"` and `"chats"` are two. Default: `colloquy_context`. */
  readonly table?: string;
  /** The schema it is in. Default: the first one on the connection's search path. */
  readonly schema?: string;
}

/** The names of what `createSchema` makes, quoted for SQL. */
export interface Names {
  readonly schema: string | undefined;
  readonly table: string;
  readonly sequence: string;
  readonly index: string;
}

/** The longest identifier; PostgreSQL cuts off the rest of it without an error, and two names become one. */
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
 * Makes the table, its index and its sequence where they are missing; what is there already is left as it is. Run it at
 * every start or once in a migration: several processes may do so at the same time. It needs the right to create, which
 * the role that a server runs under may well lack: then run `schemaSql()` under another.
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
 * nor commits: sent as one query without parameters, it is one.
 */
export function schemaSql(options: TableOptions = {}): string {
  const { schema, table, sequence, index } = namesOf(options);
  return `
-- One process at a time: IF NOT EXISTS alone lets two of them collide. No notices of what is there already.
SELECT pg_advisory_xact_lock(${LOCK}), set_config('client_min_messages', 'warning', true);
${schema === undefined ? '' : createNamespace(schema)}
-- One for all records, so that a revision never comes back. Without a cache, so that a later one is greater.
CREATE SEQUENCE IF NOT EXISTS ${sequence} AS bigint MAXVALUE ${Number.MAX_SAFE_INTEGER} CACHE 1 NO CYCLE;

CREATE TABLE IF NOT EXISTS ${table} (
  -- UTF-8. Bytes may be zero and compare as bytes, whatever the collation: convert_from(openid, 'UTF8') reads them.
  openid      bytea PRIMARY KEY,
  -- The next three are null in a row that is there for its lease alone.
  body        text,
  revision    bigint,
  -- Epoch milliseconds.
  wake_at     double precision,
  lease_owner text,
  lease_until timestamptz,
  -- Only over what is always written together: a row is checked before it is known to be the latest version.
  CHECK (num_nulls(body, revision, wake_at) IN (0, 3)),
  CHECK (num_nulls(lease_owner, lease_until) IN (0, 2))
  -- Room in each page, so that a lease is taken and extended without a new entry in an index.
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS ${index} ON ${table} (wake_at, openid);
`;
}

/** The letters of "colloquy" as a number. */
const LOCK = '7165064745151722873';

/** CREATE SCHEMA IF NOT EXISTS wants the right to create one even where there is one. */
function createNamespace(schema: string): string {
  const body = `BEGIN IF to_regnamespace(${quoteText(schema)}) IS NULL THEN CREATE SCHEMA ${schema}; END IF; END`;
  return `DO ${quoteText(body)};\n`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A literal, which means the same whether or not the server takes backslashes in plain ones for escapes. */
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
    `The name of a ${what} is a non-empty string of at most ${maxBytes} bytes without a zero character.`,
  );
}
