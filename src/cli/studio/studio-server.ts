import { randomBytes } from 'node:crypto';
import type { Desk } from '../../studio/server/desk.ts';
import { createStudioHandler } from '../../studio/server/handler.ts';
import { serveHere } from '../local-server.ts';

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
  const server = await serveHere(handler, port);
  return {
    url: `${server.origin}/?token=${token}`,
    close: () => server.close(() => handler.close()),
  };
}
