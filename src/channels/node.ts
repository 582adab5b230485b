import { type KeysOf, checkOptions } from '../internal/closed.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyAlreadyRead } from './body.ts';
import { closeAfterUnread, end, hasNoBody, sendResponse } from './node-response.ts';
import { empty } from './response.ts';
import type { Answer } from './reception.ts';
import { type RawHandler, rawHandlerOf } from './raw-handler.ts';
import { NodeRequest, hasUrl, headersOf, signalOf, urlOf } from './node-request.ts';
import { type Report, createReport } from './report.ts';

/** Options of `toNodeListener()`. */
export interface NodeListenerOptions {
  /**
   * Receives errors: a body that other code has read, a handler that rejects. Default: that of `createWebhook`, and for
   * other handlers a process warning.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const KEYS = { onError: null } satisfies KeysOf<NodeListenerOptions>;

/**
 * A listener for `http.createServer`, or a handler for Express and its like, mounted at any path and before any body
 * parser. The bytes of the body reach the handler as they came, as a stream, so that its limits hold. A response whose body is a
 * stream is sent as it comes, no faster than the client takes it, and the stream is cancelled when the client hangs up.
 * @example
 * const listener = toNodeListener(createWebhook(runner, jsonWebhook({ secret: 'shared' })));
 * const server = createServer(listener).listen(0, () => server.close());
 * @throws UsageError `bad_option`
 */
export function toNodeListener(
  handler: (request: Request) => Promise<Response>,
  options: NodeListenerOptions = {},
): (req: IncomingMessage, res: ServerResponse) => void {
  checkOptions('toNodeListener()', options, KEYS);
  const raw = rawHandlerOf(handler);
  const report = (options.onError === undefined && raw?.report) || createReport(options.onError);

  async function respond(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const request = toRequest(req, bodyOf(req), signalOf(res));
      if (request === undefined) sendAnswer(req, res, empty(400));
      else await sendResponse(req, res, await handler(request));
    } catch (error) {
      report(error);
      if (!res.headersSent && !res.destroyed) sendAnswer(req, res, empty(500));
    }
  }

  return (req, res) => {
    if (raw === undefined) respond(req, res).catch(report);
    else respondDirectly(raw.exchange, req, res, report);
  };
}

/** The same without a Request, a Response and their streams. */
function respondDirectly(
  exchange: RawHandler['exchange'],
  req: IncomingMessage,
  res: ServerResponse,
  report: Report,
): void {
  const send = (answer: Answer): void => {
    try {
      if (!res.headersSent) sendAnswer(req, res, answer);
    } catch (error) {
      report(error);
    }
  };
  let incoming: NodeRequest;
  try {
    const body = bodyOf(req);
    if (!hasUrl(req) || req.method === 'TRACE') return send(empty(400));
    incoming = new NodeRequest(req, res, body);
  } catch (error) {
    report(error);
    return send(empty(500));
  }
  void exchange(incoming).then(send);
}

function sendAnswer(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, body }: Answer,
): void {
  closeAfterUnread(req, res);
  if (body === '') {
    res.statusCode = status;
    for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value);
    end(req, res, body);
    return;
  }
  const given: Record<string, string | number> = {};
  let isTyped = false;
  let isMeasured = false;
  for (const name in headers) {
    given[name] = headers[name] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'content-type') isTyped = true;
    else if (lower === 'content-length') isMeasured = true;
  }
  // As a Response of a text has it.
  if (!isTyped) given['content-type'] = 'text/plain;charset=UTF-8';
  if (!isMeasured) given['content-length'] = Buffer.byteLength(body);
  res.writeHead(status, given);
  end(req, res, body);
}

/** The bytes that other code kept of a body; the request where the body is still to be read; undefined without a body. */
type Body = Uint8Array<ArrayBuffer> | IncomingMessage | undefined;

function bodyOf(req: IncomingMessage & { body?: unknown; rawBody?: unknown }): Body {
  if (hasNoBody(req)) return undefined;
  for (const kept of [req.rawBody, req.body]) {
    if (kept instanceof Uint8Array) return new Uint8Array(kept);
  }
  if (req.readableDidRead || req.readableEnded) throw bodyAlreadyRead();
  return req;
}

/** The body as it comes. Giving up does not end the request: that would end the socket, and the answer with it. */
async function* chunksOf(req: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } finally {
    // The rest is thrown away as it comes, so that the answer can travel and the connection stays in use.
    req.resume();
  }
}

/** `undefined` for what Node.js lets through and a Request cannot hold: a TRACE. */
function toRequest(req: IncomingMessage, body: Body, signal: AbortSignal): Request | undefined {
  const url = urlOf(req);
  if (url === undefined) return undefined;
  try {
    const init = { method: req.method ?? 'GET', headers: headersOf(req), signal };
    if (body === undefined) return new Request(url, init);
    return new Request(url, {
      ...init,
      body: body instanceof Uint8Array ? body : ReadableStream.from(chunksOf(body)),
      duplex: 'half',
    });
  } catch {
    return undefined;
  }
}
