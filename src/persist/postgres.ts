import { type KeysOf, checkOptions } from '../internal/closed.ts';
import { ConflictError, PersistError } from '../errors.ts';
import { checkKey } from '../openid.ts';
import { toListPage } from './page.ts';
import type { LoadedRecord, Persister, Revision, StoredRecord } from './persister.ts';
import { type PostgresClient, type Statement, toSession } from './postgres/client.ts';
import { asPersistError, isBrokenConnection } from './postgres/errors.ts';
import { type TableOptions, namesOf } from './postgres/schema.ts';
import { statementsFor } from './postgres/statements.ts';

export type { PgClient, PgQuery, PostgresClient, PostgresJsClient } from './postgres/client.ts';
export { type TableOptions, createSchema, schemaSql } from './postgres/schema.ts';

/** Options of `postgres()`: its table, and how statements are sent. */
export interface PostgresOptions extends TableOptions {
  /**
   * Whether statements are prepared once for each connection. Set `false` behind a pooler that assigns connections by
   * transaction and does not support prepared statements, such as PgBouncer before 1.21 or without
   * `max_prepared_statements`. Then every call costs the server a parse and a plan, and with `postgres` a second round trip.
   * Default: true.
   */
  readonly prepare?: boolean | undefined;
}

const KEYS = { table: null, schema: null, prepare: null } satisfies KeysOf<PostgresOptions>;

/**
 * Keeps records in a table of PostgreSQL 12 or later, for any number of processes and machines, over your client: a `Pool`
 * of `pg`, or the `sql` function of `postgres`.
 *
 * ```ts
 * const pool = new Pool({ connectionString });
 * pool.on('error', report); // without it, an idle connection that breaks ends the process
 * await createSchema(pool);
 * const store = createContextStore({ persister: postgres(pool) });
 * ```
 *
 * - **Round trips.** Every call is one statement, and one round trip after the connection has prepared it.
 * - **Durability.** When a save resolves, it is on the server's disk, and on synchronous standbys, as your
 *   `synchronous_commit` says. Taking and releasing a lease does not wait for the disk.
 * - **Several processes.** Leases and due times are by the server's clock. The lease of a process that dies expires; `due`
 *   deletes expired leases without a record.
 * - **Connections.** The client decides on their number, timeouts and TLS; `close()` leaves it open. What it needs, and what
 *   happens at a failover, is in docs/persisters.md.
 *
 * Its errors have no body, no openid in the text, and no text of the client or the server, except codes. `unavailable` and
 * `timeout` are retryable; `schema_missing`, `refused` and `closed` are not.
 *
 * @throws UsageError `bad_client`, `bad_table`
 */
export function postgres(client: PostgresClient, options: PostgresOptions = {}): Persister {
  checkOptions('postgres()', options, KEYS);
  const session = toSession(client, options.prepare ?? true);
  const statements = statementsFor(namesOf(options));
  let closed = false;

  const run = async (
    statement: Statement,
    values: unknown[],
    openid?: string,
  ): Promise<unknown[][]> => {
    if (closed) {
      throw new PersistError('closed', 'The PostgreSQL persister is closed; make a new one.');
    }
    try {
      return await session.run(statement, values).catch((error: unknown) => {
        if (!statement.mayRepeat || !isBrokenConnection(error)) throw error;
        return session.run(statement, values);
      });
    } catch (error) {
      throw asPersistError(error, openid);
    }
  };

  const save = async (
    { openid, body, wakeAt }: StoredRecord,
    expected: Revision | undefined,
    owner: string | null,
  ): Promise<Revision> => {
    const values = [keyOf(openid), toText(body), wakeAt, owner];
    const [saved] =
      expected === undefined
        ? await run(statements.insert, values, openid)
        : await run(statements.update, [...values, expected], openid);
    if (saved === undefined) throw new ConflictError(openid);
    return Number(saved[0]);
  };

  return {
    async load(openid) {
      const [row] = await run(statements.load, [keyOf(openid)], openid);
      return row && toRecord(openid, row);
    },
    save: (record, expected) => save(record, expected, null),
    async delete(openid, expected) {
      const rows = await run(statements.delete, [keyOf(openid), expected ?? null], openid);
      return rows.length > 0;
    },
    async move(from, expected, { openid, body, wakeAt }) {
      const values = [keyOf(from), expected, keyOf(openid), toText(body), wakeAt];
      const [moved] = await run(statements.move, values, openid);
      if (moved === undefined) throw new ConflictError(from);
      return Number(moved[0]);
    },
    async due(until, limit) {
      const rows = await run(statements.due, [until, limit]);
      return rows.map(([key, wakeAt]) => ({ openid: openidOf(key), wakeAt: Number(wakeAt) }));
    },
    async list(cursor = '', limit) {
      const rows = await run(statements.list, [Buffer.from(cursor), limit]);
      const openids = rows.map(([key]) => openidOf(key));
      return toListPage(openids, limit);
    },
    async now() {
      const [row] = await run(statements.now, []);
      return Number(row?.[0]);
    },
    async close() {
      closed = true;
    },
    lease: {
      async take(openid, owner, ttlMs) {
        const [row] = await run(statements.take, [keyOf(openid), owner, ttlMs], openid);
        const [heldForMs, ...found] = row ?? [];
        if (heldForMs !== null) {
          return { taken: false, heldForMs: Math.max(0, Math.ceil(Number(heldForMs))) };
        }
        const [body] = found;
        return { taken: true, record: body === null ? undefined : toRecord(openid, found) };
      },
      save,
      async release(openid, owner) {
        await run(statements.release, [keyOf(openid), owner], openid);
      },
    },
  };
}

function keyOf(openid: string): Buffer {
  checkKey(openid);
  return Buffer.from(openid);
}

function openidOf(key: unknown): string {
  return Buffer.from(String(key), 'hex').toString();
}

/** Numbers arrive as text, or as the result of the parsers of the client. */
function toRecord(openid: string, [text, revision, wakeAt]: unknown[]): LoadedRecord {
  const body = fromText(String(text));
  return { openid, body, wakeAt: Number(wakeAt), revision: Number(revision) };
}

/** The beginning of a body that the table has as base64 of its code units. */
const PACKED = '\u0001';

/** A text of PostgreSQL cannot have a zero character or half a surrogate pair. No JSON has them. */
function toText(body: string): string {
  const isText = body.isWellFormed() && !body.includes('\0') && !body.startsWith(PACKED);
  return isText ? body : PACKED + Buffer.from(body, 'utf16le').toString('base64');
}

function fromText(text: string): string {
  return text.startsWith(PACKED)
    ? Buffer.from(text.slice(PACKED.length), 'base64').toString('utf16le')
    : text;
}
