import { IncomingMessage, type ServerResponse } from 'node:http';
import { type BodyLimits, Received, bodyInterrupted, bodyTimedOut, bodyTooLarge } from './body.ts';
import type { RawRequest } from './raw-handler.ts';
import { ReadingRoom } from './reading-room.ts';

const PARSED = Promise.resolve();
const EMPTY = new Uint8Array();

/** A request of Node.js, of which nothing is made that its channel does not ask for. */
export class NodeRequest implements RawRequest {
  readonly method: string;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #body: Uint8Array | IncomingMessage | undefined;
  #url: URL | undefined;
  #query: URLSearchParams | undefined;
  #headers: Headers | undefined;
  #signal: AbortSignal | undefined;

  /**
   * @param req one that has a URL
   * @param body where other code has read it before, the bytes that it kept
   */
  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    body: Uint8Array | IncomingMessage | undefined,
  ) {
    this.method = req.method ?? 'GET';
    this.#req = req;
    this.#res = res;
    this.#body = body;
  }

  get url(): URL {
    return (this.#url ??= urlOf(this.#req) ?? new URL('http://localhost'));
  }

  get query(): URLSearchParams {
    return (this.#query ??= queryOf(this.#req) ?? this.url.searchParams);
  }

  get headers(): Headers {
    return (this.#headers ??= headersOf(this.#req));
  }

  get signal(): AbortSignal {
    return (this.#signal ??= signalOf(this.#res));
  }

  readBody(limits: BodyLimits): Promise<Uint8Array> {
    const body = this.#body;
    // Nearly always it has come with the head, and is parsed when this call is through: no need of a timer.
    return PARSED.then(() => {
      if (body === undefined) return EMPTY;
      if (body instanceof Uint8Array) return checked(body, limits);
      // The parser of node:http takes exactly as much as is declared, so a body that is too long is known before it is read.
      const { maxBytes } = limits;
      if (Number(body.headers['content-length'] ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
      return isWhole(body) ? wholeOf(body, limits) : receive(body, limits);
    });
  }
}

/** Whether all of a body has arrived, and none of it was read. */
function isWhole(req: IncomingMessage): boolean {
  return (
    req instanceof IncomingMessage &&
    !req.destroyed &&
    req.readableFlowing === null &&
    Number(req.headers['content-length']) === req.readableLength
  );
}

/** The requests whose bodies were read before their parser said that they are complete. */
const READ = new WeakSet<IncomingMessage>();

/** Whether all of a body was taken from its connection. */
export function isRead(req: IncomingMessage): boolean {
  return req.complete || READ.has(req);
}

function wholeOf(req: IncomingMessage, limits: BodyLimits): Uint8Array {
  const bytes: unknown = req.read();
  READ.add(req);
  // To its end, which listeners of the host may wait for.
  req.resume();
  return bytes === null ? EMPTY : checked(bytes, limits);
}

/** The bytes of a body that is in memory already. */
function checked(bytes: unknown, limits: BodyLimits): Uint8Array {
  const received = new Received({ ...limits, room: NO_BOUND });
  received.add(bytes);
  return received.bytes;
}

const NO_BOUND = new ReadingRoom(Number.POSITIVE_INFINITY);

function receive(req: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  const { deadlineAt, clock } = limits;
  return new Promise((resolve, reject) => {
    const received = new Received(limits);
    const stop = (): void => {
      cancelWake();
      received.end();
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

const PLAIN_HOST = /^[\w.:[\]-]+$/;

/** That of the last request that had one which a URL can hold: nearly all requests name the same one. */
let knownHost: string | undefined;

/** Whether there is a URL, without making it where that is known. */
export function hasUrl(req: IncomingMessage): boolean {
  if (isKnown(req)) return true;
  if (urlOf(req) === undefined) return false;
  const { host } = req.headers;
  if (host !== undefined && PLAIN_HOST.test(host) && req.url?.startsWith('/')) knownHost = host;
  return true;
}

function isKnown({ url, headers }: IncomingMessage): boolean {
  return knownHost !== undefined && headers.host === knownHost && url?.startsWith('/') === true;
}

/** The parameters of a URL with a plain host, which are the same without it. */
function queryOf(req: IncomingMessage): URLSearchParams | undefined {
  if (!isKnown(req)) return undefined;
  const [path = ''] = (req.url ?? '').split('#', 1);
  const start = path.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : path.slice(start + 1));
}
