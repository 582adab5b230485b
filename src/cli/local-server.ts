import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeListener } from '../channels/node.ts';
import { UsageError } from '../errors.ts';

/** A server that only this machine reaches. */
export interface LocalServer {
  /** The address of its host, without a slash at the end. */
  readonly origin: string;
  /**
   * Takes no more connections, and closes those that it has.
   * @param end ends what answers; what is on its way until then arrives
   */
  close(end: () => void | Promise<void>): Promise<void>;
}

/**
 * Serves a handler to the browsers of this machine.
 * @param port 0 takes a free one
 * @throws UsageError `bad_arguments` if the port is taken
 */
export async function serveHere(
  handler: (request: Request) => Promise<Response>,
  port: number,
): Promise<LocalServer> {
  const server = createServer(toNodeListener(handler));
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const problem = `Port ${port} is in use. Name another one, or none: then it is a free one.`;
    throw new UsageError('bad_arguments', problem, { cause: error });
  }
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(end) {
      const closed = once(server, 'close');
      server.close();
      await end();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** @throws UsageError `bad_arguments` */
export function toPort(text: string): number {
  if (/^\d{1,5}$/u.test(text) && Number(text) < 65_536) return Number(text);
  throw new UsageError('bad_arguments', `--port is a number from 0 to 65535, not '${text}'.`);
}
