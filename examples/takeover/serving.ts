import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ColloquyError } from 'colloquy';

/** The settings of a bot: `process.env`, or in a test an object like it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Bot {
  /** The address on which the bot listens. */
  readonly url: string;
  /** Answers the requests that have arrived, then frees everything. */
  close(): Promise<void>;
}

/** Runs a bot until SIGTERM or Ctrl-C. If the start fails, it prints why in a few lines. */
export async function serve(start: (env: Environment) => Promise<Bot>): Promise<void> {
  try {
    const bot = await start(process.env);
    const stopped = new Promise((resolve) => {
      // Not `once`: Ctrl-C reaches this process several times, from the terminal and from its parent processes.
      process.on('SIGTERM', resolve);
      process.on('SIGINT', resolve);
    });
    console.log(`listening on ${bot.url}`);
    await stopped;
    await bot.close();
    console.log('stopped');
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
}

/**
 * The settings that a bot needs.
 * @param needed describes each of them, for the error text
 * @throws Error that names all missing settings at once, and quotes no value
 */
export function readSettings<Name extends string>(
  env: Environment,
  needed: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const names = Object.keys(needed) as Name[];
  const missing = names.filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) {
    const lines = missing.map((name) => `\n  ${name}: ${needed[name]}`);
    throw new Error(`Missing in the environment:${lines.join('')}`);
  }
  return env as Record<Name, string>;
}

/**
 * Listens on `PORT` of `HOST`; by default 8080, and this machine alone.
 * @returns the address, with its real port
 */
export async function listen(server: Server, env: Environment): Promise<string> {
  const { PORT: port = '8080', HOST: host = '127.0.0.1' } = env;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error('PORT has to be a number from 0 to 65535; 0 takes a free port.');
  }
  server.listen({ port: Number(port), host });
  // Rejects if the port is taken.
  await once(server, 'listening');
  return `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
}

const LONGEST_CLOSE_MS = 10_000;

/** Takes no more connections, and resolves when all open requests have their answers. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // A connection with a running request becomes idle after its answer. A request that never ends is not awaited.
  const sweeping = setInterval(() => server.closeIdleConnections(), 100);
  const givingUp = setTimeout(() => server.closeAllConnections(), LONGEST_CLOSE_MS);
  await closed;
  clearInterval(sweeping);
  clearTimeout(givingUp);
}

/** Logs an error without its cause, which may quote what a user said. */
export function report(error: unknown): void {
  if (ColloquyError.is(error)) console.error(`${error.code}: ${error.message}`);
  else console.error(error instanceof Error ? error.message : String(error));
}
