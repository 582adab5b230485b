import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyAlreadyRead } from './body.ts';
import { createReport } from './report.ts';

export interface NodeListenerOptions {
  /** Told of a body that was read by somebody else and of a handler that rejects. Otherwise a process warning. */
  readonly onError?: (error: unknown) => void;
}

/**
 * A listener for `http.createServer`, or a handler for Express and its like, mounted at any path and before any body
 * parser. The bytes of the body reach the handler as they came, as a stream, so that its limits hold.
 */
export function toNodeListener(
  handler: (request: Request) => Promise<Response>,
  options: NodeListenerOptions = {},
): (req: IncomingMessage, res: ServerResponse) => void {
  const report = createReport(options.onError);

  async function respond(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let response = new Response(null, { status: 500 });
    let bytes = new Uint8Array();
    try {
      const body = bodyOf(req);
      const request = toRequest(req, body, signalOf(res));
      response = request ? await handler(request) : new Response(null, { status: 400 });
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      report(error);
      response = new Response(null, { status: 500 });
    }
    // A host may have answered in the meantime: a timeout of its own.
    if (res.headersSent) return;
    res.statusCode = response.status;
    for (const [name, value] of response.headers) {
      if (name !== 'set-cookie') res.setHeader(name, value);
    }
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) res.setHeader('set-cookie', cookies);
    res.end(bytes);
  }

  return (req, res) => {
    respond(req, res).catch(report);
  };
}

type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;

function bodyOf(req: IncomingMessage & { body?: unknown; rawBody?: unknown }): Body {
  if (req.method === 'GET' || req.method === 'HEAD') return undefined;
  for (const kept of [req.rawBody, req.body]) {
    if (kept instanceof Uint8Array) return new Uint8Array(kept);
  }
  if (req.readableDidRead || req.readableEnded) throw bodyAlreadyRead();
  return streamOf(req);
}

/** Not `Readable.toWeb`: that one destroys the socket when reading is given up, and the answer with it. */
function streamOf(req: IncomingMessage): ReadableStream<Uint8Array> {
  let detach: (() => void) | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        detach ??= attach(req, controller);
        req.resume();
      },
      cancel() {
        detach?.();
        // The rest is thrown away as it comes, so that the answer can travel and the connection stays in use.
        req.resume();
      },
    },
    // Nothing is read before the handler asks for it.
    { highWaterMark: 0 },
  );
}

function attach(
  req: IncomingMessage,
  controller: ReadableStreamDefaultController<Uint8Array>,
): () => void {
  const onData = (chunk: Buffer): void => {
    req.pause();
    controller.enqueue(chunk);
  };
  const onEnd = (): void => controller.close();
  const onClose = (): void => {
    if (!req.readableEnded) controller.error(new Error('The client hung up.'));
  };
  req.on('data', onData).on('end', onEnd).on('close', onClose);
  return () => req.off('data', onData).off('end', onEnd).off('close', onClose);
}

/** Aborted when the client hangs up before it has its answer. */
function signalOf(res: ServerResponse): AbortSignal {
  const hungUp = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) hungUp.abort();
  });
  return hungUp.signal;
}

/** `undefined` for what Node.js lets through and a Request cannot hold: a TRACE, a Host with a password. */
function toRequest(req: IncomingMessage, body: Body, signal: AbortSignal): Request | undefined {
  try {
    const path = req.url ?? '/';
    const base = `http://${req.headers.host ?? 'localhost'}`;
    const url = path.startsWith('/') ? new URL(base + path) : new URL(path, base);
    const headers = new Headers();
    for (let at = 0; at + 1 < req.rawHeaders.length; at += 2) {
      headers.append(req.rawHeaders[at] ?? '', req.rawHeaders[at + 1] ?? '');
    }
    const method = req.method ?? 'GET';
    const init = { method, headers, signal };
    return new Request(url, body ? { ...init, body, duplex: 'half' } : init);
  } catch {
    return undefined;
  }
}
