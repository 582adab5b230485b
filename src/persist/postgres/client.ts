import { UsageError } from '../../errors.ts';

/** A statement with parameters, and the name under which it is prepared. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Whether running it twice has the same result as running it once. */
  readonly mayRepeat: boolean;
}

/** The used part of a client of `pg`: of a `Pool`, or a connected `Client`. */
export interface PgClient {
  /** Runs one statement and gives its `rows`, each as a list of values. */
  query(query: PgQuery): Promise<{ readonly rows: unknown[][] }>;
}

/** A statement as `pg` takes it. */
export interface PgQuery {
  /** The name under which it is prepared; without one, it is not. */
  readonly name?: string;
  /** The SQL. */
  readonly text: string;
  /** What `$1`, `$2`, … stand for. */
  readonly values?: unknown[];
  /** Has each row given as a list of values. */
  readonly rowMode: 'array';
}

/** The used part of the `sql` function of `postgres`. */
export interface PostgresJsClient {
  /** Runs one statement, and prepares it if `prepare` is true; `values` of its result gives each row as a list of values. */
  unsafe(
    text: string,
    values?: unknown[],
    options?: { readonly prepare: boolean },
  ): PromiseLike<unknown> & { values(): PromiseLike<unknown[][]> };
}

/** Your client. You create, configure and close it. */
export type PostgresClient = PgClient | PostgresJsClient;

/** The calls to the server, the same for both clients. */
export interface Session {
  /** The rows as lists of values, because the settings of a client may rename columns. */
  run(statement: Statement, values: unknown[]): Promise<unknown[][]>;
  /** Several statements without values, as one transaction. */
  runScript(text: string): Promise<void>;
}

/** @throws UsageError `bad_client` for a value that is neither of the two */
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
