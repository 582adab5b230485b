import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from 'colloquy';

/** A message that the bot sent. */
export interface IlinkSent {
  readonly to_user_id: string;
  readonly client_id: string;
  readonly context_token: string;
  readonly item_list: readonly { readonly type: number; readonly text_item?: { text: string } }[];
}

/** What becomes of a call instead of what should: an answer of another kind, a cut connection, or none until the test ends. */
export type IlinkFault = { readonly status: number; readonly body: unknown } | 'cut' | 'silence';

/**
 * iLink for one login, as its protocol is published (https://github.com/Tencent/openclaw-weixin#backend-api-protocol): a call of
 * `getupdates` gives what is behind its cursor, and waits until there is something; what is before a cursor that was asked with is
 * forgotten. A message is sent only with the token that the last message of its user brought, and a `client_id` is shown once.
 */
export interface IlinkServer {
  readonly url: string;
  /** What users saw, in order. */
  readonly shown: readonly IlinkSent[];
  /** All calls but `getupdates`, in their order. */
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  /** The cursors of all calls of `getupdates`. */
  readonly asked: readonly string[];
  /** Number of calls of `getupdates` that wait now. */
  readonly asking: number;
  /** The numbers of the messages that are not forgotten. */
  readonly waiting: readonly number[];
  /** How often each message was given to the bot. */
  readonly given: ReadonlyMap<number, number>;
  /** What becomes of the next calls of a method. */
  readonly faults: Map<string, IlinkFault[]>;
  /** Whether the login has ended: every call says so. */
  hasEnded: boolean;
  /** How long a call of `getupdates` waits, in milliseconds. */
  waitMs: number;
  /** Is called when a call has come, before anything is done, and when its answer is sent. */
  onFrame: ((frame: 'call' | 'answer', method: string) => Promise<void>) | undefined;
  /** Sends a message, and returns its number. Its fields go over those of a text. */
  send(user: string, fields: object): number;
  /** A user says something. */
  say(text: string, user?: string): number;
  /** The tokens of what a user has said so far are of no use any more. */
  expire(user: string): void;
  /** Ends the call that waits, as after its time. */
  lapse(): void;
  close(): Promise<void>;
}

interface Kept {
  readonly seq: number;
  readonly message: object;
}

export async function startIlinkServer(token: string): Promise<IlinkServer> {
  const calls: Record<string, unknown>[] = [];
  const asked: string[] = [];
  const shown: IlinkSent[] = [];
  const given = new Map<number, number>();
  const faults = new Map<string, IlinkFault[]>();
  const tokens = new Map<string, string>();
  let messages: Kept[] = [];
  let last = 9_007_199_254_740_992;
  const first = last;
  let poll: (() => void) | undefined;

  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const [, method = ''] = /^\/ilink\/bot\/(\w+)$/.exec(request.url ?? '') ?? [];
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body), () => {
        void state.onFrame?.('answer', method);
      });
    };
    await state.onFrame?.('call', method);
    const fault = faults.get(method)?.shift();
    if (fault === 'cut') return void request.socket.destroy();
    if (fault === 'silence') return;
    if (fault !== undefined) return send(fault.status, fault.body);
    if (state.hasEnded || !isProven(request)) {
      return send(200, { ret: -14, errcode: -14, errmsg: 'session timeout' });
    }
    const { base_info: about, ...parameters } = JSON.parse(Buffer.concat(chunks).toString()) as {
      base_info?: { channel_version?: string };
    } & Record<string, unknown>;
    if (about?.channel_version === undefined) return send(200, { ret: -2 });
    if (method === 'getupdates') {
      return getUpdates(String(parameters['get_updates_buf']), request, (body) => send(200, body));
    }
    calls.push({ method, ...parameters });
    if (method === 'getconfig') return send(200, { ret: 0, typing_ticket: 'ticket' });
    if (method === 'sendtyping') return send(200, { ret: 0 });
    const sent = parameters['msg'] as IlinkSent;
    if (sent.context_token !== tokens.get(sent.to_user_id)) return send(200, { ret: -2 });
    if (shown.every(({ client_id: id }) => id !== sent.client_id)) shown.push(sent);
    send(200, {});
  }

  function isProven({ method, headers }: IncomingMessage): boolean {
    const uin = Buffer.from(String(headers['x-wechat-uin']), 'base64').toString();
    return (
      method === 'POST' &&
      headers['authorizationtype'] === 'ilink_bot_token' &&
      headers['authorization'] === `Bearer ${token}` &&
      /^\d{1,10}$/.test(uin)
    );
  }

  function getUpdates(cursor: string, request: IncomingMessage, send: (body: object) => void) {
    const from = cursor === '' ? first : Number(Buffer.from(cursor, 'base64').toString());
    asked.push(cursor);
    messages = messages.filter(({ seq }) => seq > from);
    const give = (): void => {
      const all = messages.slice(0, 20);
      for (const { seq } of all) given.set(seq, (given.get(seq) ?? 0) + 1);
      const next = Buffer.from(String(all.at(-1)?.seq ?? from)).toString('base64');
      const msgs = all.map(({ message }) => message);
      send({ ret: 0, msgs, get_updates_buf: next, longpolling_timeout_ms: state.waitMs });
    };
    if (messages.length > 0) return give();
    const cancel = systemClock.wake(systemClock.now() + state.waitMs, () => end());
    const end = (): void => {
      cancel();
      if (poll === end) poll = undefined;
      give();
    };
    poll = end;
    request.socket.once('close', () => {
      cancel();
      if (poll === end) poll = undefined;
    });
  }

  const state: IlinkServer = {
    url: `http://127.0.0.1:${port}`,
    shown,
    calls,
    asked,
    given,
    faults,
    hasEnded: false,
    waitMs: 35_000,
    onFrame: undefined,
    get asking() {
      return poll === undefined ? 0 : 1;
    },
    get waiting() {
      return messages.map(({ seq }) => seq);
    },
    send(user, fields) {
      // Numbers that JavaScript holds exactly only where they are even: two neighbours have the same `message_id`.
      last += 2;
      const number = last;
      const contextToken = `token of ${number}`;
      tokens.set(user, contextToken);
      const message = {
        seq: number - first,
        message_id: number - (number % 4),
        from_user_id: user,
        to_user_id: 'bot@im.bot',
        create_time_ms: 1_774_158_905_000,
        message_type: 1,
        message_state: 2,
        context_token: contextToken,
        ...fields,
      };
      messages.push({ seq: number, message });
      poll?.();
      return number;
    },
    say(text, user = 'ann@im.wechat') {
      return state.send(user, { item_list: [{ type: 1, text_item: { text } }] });
    },
    expire: (user) => void tokens.delete(user),
    lapse: () => poll?.(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
