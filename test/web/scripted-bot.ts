import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type {
  ChatAnswer,
  ChatError,
  ChatEvent,
  ChatRequest,
  ChatWelcome,
  SaidMessage,
} from '../../src/channels/web/protocol.ts';
import type { Reply } from '../../src/reply.ts';
import { chatScript } from './chat-script.ts';
import { type PageOptions, pageWith } from './page-with.ts';

/** What a scripted bot does with a POST: it answers, or with a status and headers it does not. */
export type Behaviour = (request: ChatRequest) => Response | Promise<Response>;

export type Streaming = 'open' | 'held' | 'refused' | 'short';

/** A page with the element, and the server of a bot that does what a test tells it: for what the real one seldom does. */
export interface ScriptedBot {
  readonly url: string;
  /** All that was posted, in order. */
  readonly posted: readonly ChatRequest[];
  /** The number of streams that are open. */
  readonly streams: number;
  /** From now on, it does this. */
  behave(behaviour: Behaviour): void;
  /** What becomes of streams from now on: one that is held says nothing before it is let go, a short one ends at once. */
  streaming(how: Streaming): void;
  /** Sends an event to all streams. */
  send(event: ChatEvent): void;
  /** Ends all streams. */
  cut(): void;
}

export async function scriptResponse(): Promise<Response> {
  return new Response(await chatScript(), { headers: { 'content-type': 'text/javascript' } });
}

export function json(
  body: ChatWelcome | ChatAnswer | ChatError,
  init: ResponseInit = {},
): Response {
  return Response.json(body, init);
}

export const WELCOME: ChatWelcome = { type: 'welcome', isNew: false, user: 'u', replies: [] };

/** The answer of a turn. */
export function answerTo(id: string, replies: readonly Reply[], outcome = 'replied'): ChatAnswer {
  const sent = replies.map((reply, index) => ({ id: `${id}/${index}`, reply }));
  return { type: 'answer', id, outcome, pushed: [], replies: sent };
}

/** Answers each message with what `says` makes of its words. */
export function saying(says: (words: string) => readonly Reply[]): Behaviour {
  return (request) => {
    if (request.type === 'hello') return json(WELCOME);
    if (request.type === 'ack') return new Response(null, { status: 204 });
    return json(answerTo(request.id, says(wordsOf(request.message))));
  };
}

export const ECHO: Behaviour = saying((words) => [{ type: 'text', text: `You said “${words}”.` }]);

export function wordsOf(message: SaidMessage): string {
  if (message.type === 'message.text') return message.text;
  return message.type === 'message.action' ? message.value : `[${message.type}]`;
}

export async function startScriptedBot(
  first: Behaviour = ECHO,
  page: PageOptions = {},
): Promise<ScriptedBot> {
  let behaviour = first;
  const posted: ChatRequest[] = [];
  const streams = new Set<ServerResponse>();
  let streaming: Streaming = 'open';
  let held: ServerResponse[] = [];
  const write = (stream: ServerResponse, event: ChatEvent): void =>
    void stream.write(`data: ${JSON.stringify(event)}\n\n`);
  const open = (res: ServerResponse): void => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    write(res, { type: 'open', isTyping: false, beatMs: 60_000 });
    streams.add(res);
    res.on('close', () => streams.delete(res));
  };
  const respond = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = req.url ?? '';
    if (path !== '/chat') {
      await give(res, path === '/chat/chat.js' ? await scriptResponse() : pageWith(page));
    } else if (req.method === 'GET') {
      if (streaming === 'refused') res.writeHead(502).end();
      else if (streaming === 'held') held.push(res);
      else open(res);
      if (streaming === 'short') res.end();
    } else {
      const parts: Buffer[] = [];
      for await (const part of req) parts.push(part as Buffer);
      const request = JSON.parse(Buffer.concat(parts).toString()) as ChatRequest;
      posted.push(request);
      await give(res, await behaviour(request));
    }
  };
  const server = createServer((req, res) => void respond(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    posted,
    get streams() {
      return streams.size;
    },
    behave: (next) => void (behaviour = next),
    streaming(how) {
      streaming = how;
      if (how === 'open') held.forEach(open);
      held = [];
    },
    send: (event) => streams.forEach((stream) => write(stream, event)),
    cut: () => streams.forEach((stream) => stream.destroy()),
  };
}

async function give(res: ServerResponse, response: Response): Promise<void> {
  if (response.status === 599) return void res.destroy();
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(await response.text());
}
