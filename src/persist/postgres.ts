/**
 * Keeps records in a table of PostgreSQL 12 or later, shared by as many processes and machines as there are.
 */

import { ConflictError, PersistError } from '../errors.ts';
import { checkOpenid } from '../message.ts';
import type { LoadedRecord, Persister, Revision, StoredRecord } from './persister.ts';
import { type PostgresClient, type Statement, toSession } from './postgres/client.ts';
import { asPersistError, isBrokenConnection } from './postgres/errors.ts';
import { type TableOptions, namesOf } from './postgres/schema.ts';
import { statementsFor } from './postgres/statements.ts';

export type { PgClient, PgQuery, PostgresClient, PostgresJsClient } from './postgres/client.ts';
export { type TableOptions, createSchema, schemaSql } from './postgres/schema.ts';

export interface PostgresOptions extends TableOptions {
  /**
   * Whether statements are prepared once per connection. Say `false` behind a pooler that hands out connections by
   * transaction and does not follow prepared statements, such as PgBouncer before 1.21 or without
   * `max_prepared_statements`. It costs the server a parse and a plan at every call, and `postgres` a second round trip.
   * Default: true.
   */
  readonly prepare?: boolean;
}

/**
 * A persister over a client that is passed in: a `Pool` of `pg`, or the `sql` function of `postgres`.
 *
 * ```ts
 * const pool = new Pool({ connectionString });
 * pool.on('error', report); // else an idle connection that breaks ends the process
 * await createSchema(pool);
 * const store = createContextStore({ persister: postgres(pool) });
 * ```
 *
 * - **Round trips.** Every call is one statement, and one round trip once the connection has prepared it.
 * - **Durability.** A save is on the server's disk when it resolves, and on its standbys where they are synchronous:
 *   as `synchronous_commit` says, which is left as it is. Turn it off for a role and a crash of the server may lose the
 *   last moments, never half a record. Taking and releasing a lease does not wait for the disk.
 * - **Several processes.** Leases and due times go by the server's clock. A process that dies leaves its lease to run out; `due`
 *   clears away what is left of one without a record.
 * - **Connections.** They are the client's: its size, its timeouts, its TLS. The client must not be in a transaction of
 *   yours, and its default isolation has to be READ COMMITTED: under a stricter one, calls at odds are `unavailable`
 *   instead of conflicts. A single `Client` of `pg` never connects again; pass a `Pool`. Set `statement_timeout` in the
 *   client below the store's own time limit, so that a call that was given up does not go on in the server. `close()`
 *   leaves the client open.
 * - **Failover.** Connections that were idle when the server went are found broken one by one. A call that reads, or that
 *   takes or gives back a lease, is made once more then, over another one; a save and a delete are not: whether they came
 *   through is not known, so that is for the store to find out. `postgres` (3.4.9) gives the error of a connection that
 *   was cut off during a call to the next call over it, too: one more save may be `unavailable`, which was never sent.
 * - **Limits.** A body is up to 1 GB. The database has to be encoded in UTF-8.
 * - **Upkeep.** Each save leaves an old version of its row for autovacuum. On a busy table have it come sooner: `ALTER
 *   TABLE colloquy_context SET (autovacuum_vacuum_scale_factor = 0.02)`. A transaction that is left open anywhere in the
 *   database keeps it from cleaning up. Logical replication leaves sequences behind: before you switch over to a copy
 *   made by it, set `colloquy_context_revision` there beyond every revision, or revisions come back.
 *
 * Its errors hold no body, no openid in the text, and nothing that the client or the server said, except for codes:
 * `unavailable` and `timeout` are retryable; `schema_missing`, `refused` and `closed` are not.
 *
 * @throws UsageError `bad_client`, `bad_table`
 */
export function postgres(client: PostgresClient, options: PostgresOptions = {}): Persister {
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
  checkOpenid(openid);
  return Buffer.from(openid);
}

function openidOf(key: unknown): string {
  return Buffer.from(String(key), 'hex').toString();
}

/** Numbers come as text or as whatever the parsers that a client was given make of them. */
function toRecord(openid: string, [text, revision, wakeAt]: unknown[]): LoadedRecord {
  const body = fromText(String(text));
  return { openid, body, wakeAt: Number(wakeAt), revision: Number(revision) };
}

/** Begins a body that is not itself in the table, but as base64 of its code units. */
const PACKED = '\u0001';

/** A text of PostgreSQL holds any body but one with a zero character or half a surrogate pair; no JSON has them. */
function toText(body: string): string {
  const isText = body.isWellFormed() && !body.includes('\0') && !body.startsWith(PACKED);
  return isText ? body : PACKED + Buffer.from(body, 'utf16le').toString('base64');
}

function fromText(text: string): string {
  return text.startsWith(PACKED)
    ? Buffer.from(text.slice(PACKED.length), 'base64').toString('utf16le')
    : text;
}
