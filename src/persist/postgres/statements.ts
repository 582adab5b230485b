import { createHash } from 'node:crypto';
import type { Statement } from './client.ts';
import { type Names, quoteText } from './schema.ts';

type Verb =
  'load' | 'insert' | 'update' | 'delete' | 'move' | 'due' | 'list' | 'take' | 'release' | 'now';

/**
 * The statements of the persister, one for each call. Each is one transaction at READ COMMITTED: it waits for a row that
 * another transaction is changing and reads it again, so that the conditions are true for the row that it changes.
 *
 * A lease is by `statement_timestamp()`: the server's clock, and the same moment everywhere in a statement.
 */
export function statementsFor({ table, sequence }: Names): Readonly<Record<Verb, Statement>> {
  const nextRevision = `nextval(${quoteText(sequence)})`;
  const found = (revision: string): string => `WITH found AS MATERIALIZED (
         SELECT openid, coalesce(lease_until > statement_timestamp(), false) AS is_leased FROM ${table}
         WHERE openid = $1 AND body IS NOT NULL AND revision = ${revision}
         FOR UPDATE
       )`;
  // A lease that is held outlives the record.
  const removed = (sources: string): string => `emptied AS (
         UPDATE ${table} AS kept SET body = NULL, revision = NULL, wake_at = NULL
         FROM ${sources} WHERE kept.openid = found.openid AND is_leased
       ), removed AS (
         DELETE FROM ${table} AS kept
         USING ${sources} WHERE kept.openid = found.openid AND NOT is_leased
       )`;
  const texts: Readonly<Record<Verb, string>> = {
    load: `SELECT body, revision, wake_at FROM ${table} WHERE openid = $1 AND body IS NOT NULL`,

    // $4 is the owner whose lease ends with it, or null. A row that is only a lease is filled.
    insert: `INSERT INTO ${table} AS kept (openid, body, wake_at, revision)
       VALUES ($1, $2, $3, ${nextRevision})
       ON CONFLICT (openid) DO UPDATE
         SET body = excluded.body, wake_at = excluded.wake_at, revision = excluded.revision, ${END_LEASE}
         WHERE kept.body IS NULL
       RETURNING revision`,
    update: `UPDATE ${table} AS kept
       SET body = $2, wake_at = $3, revision = ${nextRevision}, ${END_LEASE}
       WHERE openid = $1 AND revision = $5
       RETURNING revision`,

    delete: `${found('coalesce($2, revision)')}, ${removed('found')} SELECT 1 FROM found`,

    // $1 and $2 are the openid that is moved and its revision. Its row is locked first. Without a row in `arrived`, because
    // the target has a record already, it stays unchanged.
    move: `${found('$2')}, arrived AS (
         INSERT INTO ${table} AS kept (openid, body, wake_at, revision)
         SELECT $3::bytea, $4::text, $5::double precision, ${nextRevision} FROM found
         ON CONFLICT (openid) DO UPDATE
           SET body = excluded.body, wake_at = excluded.wake_at, revision = excluded.revision
           WHERE kept.body IS NULL
         RETURNING revision
       ), ${removed('found, arrived')}
       SELECT revision FROM arrived`,

    // Also deletes expired leases without a record, which owners that died left: the index has NULL, too.
    due: `WITH left_over AS MATERIALIZED (
         SELECT openid FROM ${table} WHERE wake_at IS NULL AND lease_until <= statement_timestamp()
         LIMIT 100 FOR UPDATE SKIP LOCKED
       ), swept AS (
         DELETE FROM ${table} AS kept USING left_over WHERE kept.openid = left_over.openid
       )
       SELECT encode(openid, 'hex'), wake_at FROM ${table}
       WHERE wake_at <= $1 ORDER BY wake_at, openid LIMIT $2`,

    // By the primary key: bytes have one order with every collation.
    list: `SELECT encode(openid, 'hex') FROM ${table}
       WHERE openid > $1 AND body IS NOT NULL ORDER BY openid LIMIT $2`,

    // It always writes, even the same values: only then is the answer the current row, and not the row at the beginning of
    // the statement, before an insert of another transaction.
    take: `INSERT INTO ${table} AS kept (openid, lease_owner, lease_until)
       VALUES ($1, $2, statement_timestamp() + $3 * interval '1 millisecond')
       ON CONFLICT (openid) DO UPDATE
         SET lease_owner = CASE WHEN ${HELD_BY_OTHER} THEN kept.lease_owner ELSE excluded.lease_owner END,
             lease_until = CASE WHEN ${HELD_BY_OTHER} THEN kept.lease_until ELSE excluded.lease_until END
       RETURNING
         CASE WHEN lease_owner <> $2 THEN extract(epoch FROM lease_until - clock_timestamp()) * 1000 END,
         CASE WHEN lease_owner = $2 THEN body END, revision, wake_at,
         ${NOT_DURABLE}`,
    release: `WITH held AS MATERIALIZED (
         SELECT openid, body IS NULL AS is_bare FROM ${table}
         WHERE openid = $1 AND lease_owner = $2
         FOR UPDATE
       ), given_back AS (
         UPDATE ${table} AS kept SET lease_owner = NULL, lease_until = NULL
         FROM held WHERE kept.openid = held.openid AND NOT is_bare
       ), removed AS (
         DELETE FROM ${table} AS kept
         USING held WHERE kept.openid = held.openid AND is_bare
       )
       SELECT ${NOT_DURABLE}`,

    now: 'SELECT extract(epoch FROM clock_timestamp()) * 1000',
  };
  return Object.fromEntries(
    Object.entries(texts).map(([verb, text]) => [verb, statement(verb, text)]),
  ) as Record<Verb, Statement>;
}

const END_LEASE = `lease_owner = CASE WHEN kept.lease_owner = $4 THEN NULL ELSE kept.lease_owner END,
             lease_until = CASE WHEN kept.lease_owner = $4 THEN NULL ELSE kept.lease_until END`;

const HELD_BY_OTHER =
  'kept.lease_owner <> excluded.lease_owner AND kept.lease_until > statement_timestamp()';

/** The commit of this statement does not wait for the disk: if a crash undoes a lease, the worst result is a conflict. */
const NOT_DURABLE = "set_config('synchronous_commit', 'off', true)";

/** The same text has the same name in every persister and process, as clients and poolers require. */
function statement(verb: string, text: string): Statement {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { name: `colloquy_${verb}_${hash}`, text, mayRepeat: REPEATABLE.has(verb) };
}

const REPEATABLE: ReadonlySet<string> = new Set(['load', 'due', 'list', 'take', 'release', 'now']);
