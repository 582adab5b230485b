import type { IncomingMessage, ServerResponse } from 'node:http';
import { atRest } from '../internal/async.ts';
import { isRead } from './node-request.ts';
import { BODILESS } from './response.ts';

/** A body beyond this is sent as it comes, also if all of it is there: its reader sets the pace. */
const LARGEST_GATHERED = 65_536;

type Chunks = ReadableStreamDefaultReader<Uint8Array>;

/**
 * Sends the response of a handler. A body that is there at once is sent as a whole, with its length. Any other one is sent as it
 * comes, as events of a server are; it is read no faster than the client takes it, and cancelled when the client hangs up.
 * @throws what the body throws before its first byte has left
 */
export async function sendResponse(
  req: IncomingMessage,
  res: ServerResponse,
  response: Response,
): Promise<void> {
  const chunks = response.body?.getReader();
  const begun = chunks === undefined ? EMPTY : await beginningOf(chunks);
  // The host may have answered in the meantime, by its timeout.
  if (res.headersSent) return chunks?.cancel();
  sendHead(res, response);
  closeAfterUnread(req, res);
  if (chunks === undefined || begun.isWhole) return end(req, res, Buffer.concat(begun.chunks));
  if (req.method === 'HEAD') await chunks.cancel();
  else await pour(res, chunks, begun);
  end(req, res, '');
}

function sendHead(res: ServerResponse, { status, headers }: Response): void {
  res.statusCode = status;
  for (const [name, value] of headers) if (name !== 'set-cookie') res.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) res.setHeader('set-cookie', cookies);
}

interface Beginning {
  readonly chunks: readonly Uint8Array[];
  readonly isWhole: boolean;
  /** The read that has not ended yet. */
  readonly next?: ReturnType<Chunks['read']>;
}

const EMPTY: Beginning = { chunks: [], isWhole: true };

/** What of a body is there without waiting for anything but the event loop. */
async function beginningOf(reader: Chunks): Promise<Beginning> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const rested = atRest();
  while (size <= LARGEST_GATHERED) {
    const next = reader.read();
    const read = await Promise.race([next, rested]);
    if (read === undefined) return { chunks, isWhole: false, next };
    if (read.done) return { chunks, isWhole: true };
    chunks.push(read.value);
    size += read.value.byteLength;
  }
  return { chunks, isWhole: false };
}

/** Writes a body as it comes, until it ends or the client hangs up. What the body throws cuts the answer off. */
async function pour(res: ServerResponse, reader: Chunks, begun: Beginning): Promise<void> {
  const cancel = (): void => void reader.cancel().catch(ignore);
  if (res.destroyed) return cancel();
  res.once('close', cancel);
  try {
    res.flushHeaders();
    for (const chunk of begun.chunks) await write(res, chunk);
    let read = await (begun.next ?? reader.read());
    while (!read.done && !res.destroyed) {
      await write(res, read.value);
      read = await reader.read();
    }
  } catch (error) {
    // A body often breaks because its client has left.
    if (res.destroyed) return;
    // Otherwise the client takes the part that it has for the whole.
    res.destroy();
    throw error;
  } finally {
    res.off('close', cancel);
  }
}

/** Resolves when the client can take more, or has left. */
function write(res: ServerResponse, chunk: Uint8Array): Promise<void> | undefined {
  if (res.destroyed || res.write(chunk)) return undefined;
  return new Promise((resolve) => {
    const onEnd = (): void => {
      res.off('drain', onEnd).off('close', onEnd);
      resolve();
    };
    res.on('drain', onEnd).on('close', onEnd);
  });
}

/** No code waits for the result of a cancelled stream. */
function ignore(): void {}

/**
 * Closes the connection after the answer if the body of the request was not read to its end: a proxy may see the next request
 * where we see the rest of this one, and reading the rest is too much work for a sender that is not proven.
 */
export function closeAfterUnread(req: IncomingMessage, res: ServerResponse): void {
  if (req.httpVersionMajor !== 1) return;
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = req.headers;
  if (encoding === undefined && Number(length) === 0) return;
  if (isRead(req) && !hasNoBody(req)) return;
  res.shouldKeepAlive = false;
}

/** A body of a GET means nothing (https://www.rfc-editor.org/rfc/rfc9110#section-9.3.1), and a Request cannot hold it. */
export function hasNoBody({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** How long a client may send nothing before its connection is closed. */
const LONGEST_SILENCE_MS = 5000;

/**
 * Ends an answer. A client that still sends, and whose connection is to be closed after it, is heard out first: a
 * connection that is closed under its client is reset, and the answer may be lost with it.
 */
export function end(req: IncomingMessage, res: ServerResponse, body: string | Uint8Array): void {
  // An answer of HTTP/2 does not say, and closes nothing.
  const isClosing = req.httpVersionMajor === 1 && !res.shouldKeepAlive;
  if (req.complete || req.destroyed || !isClosing) {
    res.end(body);
    return;
  }
  if (!res.headersSent && !BODILESS.has(res.statusCode)) {
    res.setHeader('content-length', Buffer.byteLength(body));
  }
  if (body.length > 0) res.write(body);
  else res.flushHeaders();
  req.once('end', () => res.end()).once('close', () => res.end());
  req.setTimeout(LONGEST_SILENCE_MS);
  req.resume();
}
