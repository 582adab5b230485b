import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ColloquyError } from 'colloquy';

/** What a bot is configured by: `process.env`, or in a test an object like it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Bot {
  /** Where it listens. */
  readonly url: string;
  /** Answers what has arrived, then frees everything. */
  close(): Promise<void>;
}

/** Runs a bot until the process is told to end, by SIGTERM or Ctrl-C; a start that fails is said in a few lines. */
export async function serve(start: (env: Environment) => Promise<Bot>): Promise<void> {
  try {
    const bot = await start(process.env);
    const told = new Promise((resolve) => {
      // Kept on: Ctrl-C reaches this process several times, from the terminal and from those who started it.
      process.on('SIGTERM', resolve);
      process.on('SIGINT', resolve);
    });
    console.log(`listening on ${bot.url}`);
    await told;
    await bot.close();
    console.log('stopped');
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * The settings that a bot cannot do without.
 * @param needed what each of them is, for whoever has not set it
 * @throws Error that names all that are missing at once, and quotes none that is set
 */
export function readSettings<Name extends string>(
  env: Environment,
  needed: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const settings: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, what] of Object.entries<string>(needed)) {
    const value = env[name] ?? '';
    if (value === '') missing.push(`  ${name}: ${what}`);
    settings[name] = value;
  }
  if (missing.length > 0) {
    throw new Error(`Missing in the environment:\n${missing.join('\n')}`);
  }
  return settings as Record<Name, string>;
}

/** `PORT` and `HOST` of the environment: 8080, and this machine alone. */
export function readAddress({ PORT: port = '8080', HOST: host = '127.0.0.1' }: Environment): {
  readonly port: number;
  readonly host: string;
} {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error('PORT has to be a number from 0 to 65535; 0 takes a free port.');
  }
  return { port: Number(port), host };
}

/** @returns the address that it listens on, with the port that it got */
export async function listen(server: Server, env: Environment): Promise<string> {
  server.listen(readAddress(env));
  // Rejects where the port is taken.
  await once(server, 'listening');
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

const LONGEST_CLOSE_MS = 10_000;

/** Takes no more connections, and resolves when those that are there have had their answers. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // One with a request under way is idle when that was answered; one without an end is not waited for.
  const sweeping = setInterval(() => server.closeIdleConnections(), 100);
  const givingUp = setTimeout(() => server.closeAllConnections(), LONGEST_CLOSE_MS);
  await closed;
  clearInterval(sweeping);
  clearTimeout(givingUp);
}

/**
 * Logs what went wrong. Not the whole error: its cause, which a dialogue or a service threw, may quote what a user said.
 */
export function report(error: unknown): void {
  console.error(ColloquyError.is(error) ? `${error.code}: ${error.message}` : String(error));
}
