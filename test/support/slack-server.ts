import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A call of the Web API. */
export interface SlackCall {
  readonly method: string;
  readonly [parameter: string]: unknown;
}

/**
 * Slack for one app with Socket Mode, over HTTP and WebSockets, as far as a bot needs it
 * (https://docs.slack.dev/apis/events-api/using-socket-mode): it gives envelopes by one of the connections, and an event again that
 * was not acknowledged when its connection ended.
 */
export interface SlackServer {
  readonly url: string;
  readonly calls: readonly SlackCall[];
  /** What users saw, in order. */
  readonly shown: readonly SlackCall[];
  /** The ids of the envelopes that are not acknowledged. */
  readonly waiting: readonly string[];
  /** Number of connections. */
  readonly connections: number;
  /** How many there have been, and the most at a time. */
  readonly opened: number;
  readonly mostConnections: number;
  /** What the next calls of `apps.connections.open` are answered with. */
  readonly faults: {
    readonly status: number;
    readonly body: object;
    readonly retryAfter?: string;
  }[];
  /** Whether a connection is greeted. */
  greets: boolean;
  /** A user writes to the app. */
  say(text: string, user?: string): void;
  /** Gives an envelope that is no event: Slack does not give it again. */
  give(type: string, payload: object): void;
  /** Gives all that is not acknowledged again, as after three seconds. */
  repeat(): void;
  /** Says that the newest connection ends soon, and why. */
  disconnect(reason: string): void;
  /** Ends all connections without a word. */
  cut(): void;
  close(): Promise<void>;
}

interface Envelope {
  readonly envelope_id: string;
  readonly type: string;
  readonly payload: object;
}

export async function startSlackServer(appToken: string): Promise<SlackServer> {
  const calls: SlackCall[] = [];
  const shown: SlackCall[] = [];
  const faults: SlackServer['faults'] = [];
  const sockets: WebSocket[] = [];
  const waiting = new Map<string, Envelope>();
  let number = 0;
  let opened = 0;
  let mostConnections = 0;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const method = (request.url ?? '').slice(1);
      const send = (body: object, status = 200, headers: Record<string, string> = {}): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(body));
      };
      const body = JSON.parse(Buffer.concat(chunks).toString()) as object;
      if (method !== 'apps.connections.open') {
        calls.push({ method, ...body });
        if (method === 'chat.postMessage') shown.push({ method, ...body });
        return send({ ok: true, ts: '1.1', channel: 'D1' });
      }
      const fault = faults.shift();
      if (fault !== undefined) {
        const { status, retryAfter } = fault;
        return send(
          fault.body,
          status,
          retryAfter === undefined ? {} : { 'retry-after': retryAfter },
        );
      }
      if (request.headers.authorization !== `Bearer ${appToken}`) {
        return send({ ok: false, error: 'invalid_auth' });
      }
      number += 1;
      send({ ok: true, url: `ws://127.0.0.1:${port}/link/?ticket=${number}` });
    });
  });
  const webSockets = new WebSocketServer({ server });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  webSockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const { envelope_id: id } = JSON.parse(data.toString()) as { envelope_id: string };
      waiting.delete(id);
    });
    socket.on('close', () => void sockets.splice(sockets.indexOf(socket), 1));
    if (!state.greets) return;
    socket.send(JSON.stringify({ type: 'hello', num_connections: sockets.length + 1 }));
    sockets.push(socket);
    opened += 1;
    mostConnections = Math.max(mostConnections, sockets.length);
    state.repeat();
  });

  const send = (envelope: Envelope): void =>
    sockets.at(-1)?.send(JSON.stringify({ accepts_response_payload: false, ...envelope }));
  const state: SlackServer = {
    url: `http://127.0.0.1:${port}`,
    calls,
    shown,
    faults,
    greets: true,
    get waiting() {
      return [...waiting.keys()];
    },
    get connections() {
      return sockets.length;
    },
    get opened() {
      return opened;
    },
    get mostConnections() {
      return mostConnections;
    },
    say(text, user = 'U1') {
      number += 1;
      const event = { type: 'message', channel: `D${user}`, channel_type: 'im', user, text };
      const payload = {
        type: 'event_callback',
        team_id: 'T1',
        event_id: `Ev${number}`,
        event: { ...event, ts: `1700000000.${number}` },
      };
      const envelope = { envelope_id: `e${number}`, type: 'events_api', payload };
      waiting.set(envelope.envelope_id, envelope);
      send(envelope);
    },
    give(type, payload) {
      number += 1;
      send({ envelope_id: `e${number}`, type, payload });
    },
    repeat() {
      for (const envelope of waiting.values()) send(envelope);
    },
    disconnect(reason) {
      sockets.at(-1)?.send(JSON.stringify({ type: 'disconnect', reason }));
    },
    cut() {
      for (const socket of webSockets.clients) socket.terminate();
    },
    async close() {
      for (const socket of webSockets.clients) socket.terminate();
      webSockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
