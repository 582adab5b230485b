import { UsageError } from '../../errors.ts';

/** A statement with parameters, and the name it is prepared under. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Whether to do it twice comes to the same as to do it once. */
  readonly mayRepeat: boolean;
}

/** What is used of a client of `pg`: a `Pool`, or a `Client` that is connected. */
export interface PgClient {
  query(query: PgQuery): Promise<{ readonly rows: unknown[][] }>;
}

export interface PgQuery {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
  readonly rowMode: 'array';
}

/** What is used of the `sql` function of `postgres`. */
export interface PostgresJsClient {
  unsafe(
    text: string,
    values?: unknown[],
    options?: { readonly prepare: boolean },
  ): PromiseLike<unknown> & { values(): PromiseLike<unknown[][]> };
}

/** A client of the developer's own: it is used here, and made, configured and ended elsewhere. */
export type PostgresClient = PgClient | PostgresJsClient;

/** One way to speak to the server, whichever client it goes through. */
export interface Session {
  /** The rows by position, as the settings of a client may rename columns. */
  run(statement: Statement, values: unknown[]): Promise<unknown[][]>;
  /** Several statements without values, as one transaction. */
  runScript(text: string): Promise<void>;
}

/** @throws UsageError `bad_client` for what is none of the two */
export function toSession(client: PostgresClient, prepare: boolean): Session {
  if (isFunctionOf(client, 'unsafe')) return overPostgresJs(client as PostgresJsClient, prepare);
  if (isFunctionOf(client, 'query')) return overPg(client as PgClient, prepare);
  throw new UsageError(
    'bad_client',
    'Expected a Pool or Client of `pg`, or the sql function of `postgres`, and got neither.',
  );
}

function overPg(client: PgClient, prepare: boolean): Session {
  return {
    async run({ name, text }, values) {
      const query: PgQuery = { text, values, rowMode: 'array' };
      const { rows } = await client.query(prepare ? { name, ...query } : query);
      return rows;
    },
    async runScript(text) {
      await client.query({ text, rowMode: 'array' });
    },
  };
}

function overPostgresJs(sql: PostgresJsClient, prepare: boolean): Session {
  return {
    run: async ({ text }, values) => sql.unsafe(text, values, { prepare }).values(),
    async runScript(text) {
      await sql.unsafe(text);
    },
  };
}

function isFunctionOf(client: unknown, name: string): boolean {
  return typeof (client as Record<string, unknown> | null | undefined)?.[name] === 'function';
}
