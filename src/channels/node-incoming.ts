import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BodyLimits, Received, bodyInterrupted, bodyTimedOut } from './body.ts';
import type { Incoming } from './exchange.ts';

/** A request of Node.js, of which nothing is made that its channel does not ask for. */
export class NodeIncoming implements Incoming {
  readonly method: string;
  readonly url: URL;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #body: Uint8Array | IncomingMessage | undefined;
  #headers: Headers | undefined;
  #signal: AbortSignal | undefined;

  /** @param body where somebody read it before, the bytes that they kept */
  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    url: URL,
    body: Uint8Array | IncomingMessage | undefined,
  ) {
    this.method = req.method ?? 'GET';
    this.url = url;
    this.#req = req;
    this.#res = res;
    this.#body = body;
  }

  get headers(): Headers {
    return (this.#headers ??= headersOf(this.#req));
  }

  get signal(): AbortSignal {
    return (this.#signal ??= signalOf(this.#res));
  }

  async readBody(limits: BodyLimits): Promise<Uint8Array> {
    const body = this.#body;
    if (body !== undefined && !(body instanceof Uint8Array)) return receive(body, limits);
    const received = new Received(limits.maxBytes);
    if (body !== undefined) received.add(body);
    return received.bytes;
  }
}

function receive(
  req: IncomingMessage,
  { maxBytes, deadlineAt, clock }: BodyLimits,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const received = new Received(maxBytes);
    const stop = (): void => {
      cancelWake();
      req.off('data', onData).off('end', onEnd).off('close', onClose);
    };
    const fail = (error: unknown): void => {
      stop();
      // The rest is thrown away as it comes, so that the answer can travel and the connection stays in use.
      req.resume();
      reject(error);
    };
    const onData = (chunk: unknown): void => {
      try {
        received.add(chunk);
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = (): void => {
      stop();
      resolve(received.bytes);
    };
    const onClose = (): void => fail(bodyInterrupted());
    const cancelWake = clock.wake(deadlineAt, () => fail(bodyTimedOut()), { holdsProcess: true });
    if (req.destroyed) onClose();
    else req.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}

export function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  return headers;
}

/** Aborted when the client hangs up before it has its answer. */
export function signalOf(res: ServerResponse): AbortSignal {
  const hungUp = new AbortController();
  const onClose = (): void => {
    if (!res.writableFinished) hungUp.abort();
  };
  if (res.destroyed) onClose();
  else res.once('close', onClose);
  return hungUp.signal;
}

/** `undefined` where there is none: a Host with spaces or a password. */
export function urlOf(req: IncomingMessage): URL | undefined {
  const path = req.url ?? '/';
  const base = `http://${req.headers.host ?? 'localhost'}`;
  try {
    const url = path.startsWith('/') ? new URL(base + path) : new URL(path, base);
    return url.username === '' && url.password === '' ? url : undefined;
  } catch {
    return undefined;
  }
}
