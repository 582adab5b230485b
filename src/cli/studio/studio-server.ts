import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeListener } from '../../channels/node.ts';
import { UsageError } from '../../errors.ts';
import type { Desk } from '../../studio/server/desk.ts';
import { createStudioHandler } from '../../studio/server/handler.ts';

export interface StudioServer {
  /** The address to open, with the token that lets in. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the page over a desk to the browsers of this machine.
 * @param port 0 takes a free one
 * @throws UsageError `bad_arguments` if the port is taken
 */
export async function serveDesk(desk: Desk, port: number): Promise<StudioServer> {
  const token = randomBytes(24).toString('base64url');
  const handler = createStudioHandler(desk, { token });
  const server = createServer(toNodeListener(handler));
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const problem = `Port ${port} is in use. Name another one, or none: then it is a free one.`;
    throw new UsageError('bad_arguments', problem, { cause: error });
  }
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/?token=${token}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
