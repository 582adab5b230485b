import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../clock.ts';
import { ColloquyError } from '../../errors.ts';
import type { StudioRecording } from '../wire.ts';
import type { StudioRefusal } from '../wire-requests.ts';
import {
  type AccessDecision,
  type AccessOptions,
  checkSameSite,
  checkWrite,
  decideAccess,
} from './access.ts';
import { recordingOf } from './backlog-recording.ts';
import type { Desk } from './desk.ts';
import { EventHub } from './event-hub.ts';
import { pageFile } from './page-files.ts';
import { isRequestName, problemInBody } from './request-shapes.ts';
import { wireJson } from './wire-json.ts';

export interface StudioHandlerOptions extends AccessOptions {
  /** The folder of the page. Default: beside this library. */
  readonly folder?: URL | undefined;
  /** Whether the page shows pictures of other sites, as replies name them. Default false. */
  readonly showsPictures?: boolean | undefined;
  /** Default: the clock of the system. */
  readonly clock?: Clock | undefined;
}

/** Serves a page, at any path. */
export interface StudioHandler {
  (request: Request): Promise<Response>;
  /** Ends the streams of all pages. */
  close(): void;
}

const MAX_BODY_BYTES = 1_048_576;
const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // A proxy must neither collect events nor compress them.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const;

/**
 * Serves the page of Studio over a desk:
 *
 * - `GET .` and the files of the page
 * - `GET events`, the stream of `StudioEvents`
 * - `POST api/<name>`, a request of `StudioRequests` as JSON
 * - `GET recording.colloquy.json`
 *
 * Where a proxy or a framework mounts it does not matter: only the last parts of the path are read.
 */
export function createStudioHandler(desk: Desk, options: StudioHandlerOptions): StudioHandler {
  const { clock = systemClock, folder, showsPictures = false } = options;
  const hub = new EventHub(desk, clock, randomBytes(6).toString('hex'));
  const headers = protectingHeaders(showsPictures);

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const access = await decideAccess(request, options);
    if (access.is === 'refused') return refuse(access);
    // A Response of `fetch` or of `Response.redirect` takes no more headers.
    if (access.is === 'answered') return new Response(access.response.body, access.response);
    const [last = '', folderName = ''] = url.pathname.split('/').toReversed();
    if (access.is === 'entered') {
      url.searchParams.delete('token');
      const location = `./${last === '' ? '' : `${last}/`}${url.search}`;
      return new Response(null, {
        status: 303,
        headers: { location, 'set-cookie': access.cookie },
      });
    }
    if (request.method === 'POST' && folderName === 'api') return ask(request, last);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refusal(405, 'bad_request', 'The page takes GET, and POST to api/<name>.');
    }
    return read(request, url, last);
  }

  async function read(request: Request, url: URL, last: string): Promise<Response> {
    if (last === 'events' || last === 'recording.colloquy.json') {
      const site = checkSameSite(request);
      if (site.is === 'refused') return refuse(site);
      return last === 'events' ? stream(request) : recording();
    }
    const file = await pageFile(last === '' ? 'index.html' : last, folder);
    if (file !== undefined) {
      return new Response(file.body, {
        status: file.status,
        headers: { 'content-type': file.type },
      });
    }
    if (last.includes('.')) return refusal(404, 'not_found', 'There is no such file.');
    // The addresses in the page are relative to its folder. Without the dot, `http:1` would be another host.
    return new Response(null, { status: 308, headers: { location: `./${last}/${url.search}` } });
  }

  function stream(request: Request): Response {
    // The client neither reads the body of its answer nor says that it is gone.
    if (request.method === 'HEAD') return new Response(null, { headers: STREAM_HEADERS });
    const page = hub.open(request.headers.get('last-event-id'));
    if (page === undefined) return refusal(503, 'too_many', 'Too many pages are open; close one.');
    if (request.signal.aborted) page.end();
    else request.signal.addEventListener('abort', () => page.end(), { once: true });
    return new Response(page.body, { headers: STREAM_HEADERS });
  }

  function recording(): Response {
    const made: StudioRecording | undefined = recordingOf(desk.backlog(), clock.now());
    if (made === undefined) return refusal(404, 'not_found', 'There is nothing to record yet.');
    return new Response(`${wireJson(made)}\n`, {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': 'attachment; filename="recording.colloquy.json"',
      },
    });
  }

  async function ask(request: Request, name: string): Promise<Response> {
    const write = checkWrite(request);
    if (write.is === 'refused') return refuse(write);
    if (!isRequestName(name)) return refusal(404, 'not_found', 'There is no such request.');
    const type = request.headers.get('content-type') ?? '';
    if (!/^application\/json\b/iu.test(type)) {
      return refusal(415, 'bad_request', 'The body of a request is application/json.');
    }
    const text = await bodyWithin(request, MAX_BODY_BYTES);
    if (text === undefined) {
      return refusal(
        413,
        'too_large',
        `The body of a request has at most ${MAX_BODY_BYTES} bytes.`,
      );
    }
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return refusal(400, 'bad_request', 'The body of a request is JSON.');
    }
    const problem = problemInBody(name, body);
    if (problem !== undefined) return refusal(400, 'bad_request', problem);
    try {
      // The shape of the body is that of its name.
      const given = await desk.request(name, body as never);
      return new Response(wireJson(given), {
        headers: { 'content-type': 'application/json; charset=utf-8' },
      });
    } catch (error) {
      if (ColloquyError.is(error)) return refusal(400, error.code, error.message);
      throw error;
    }
  }

  async function handle(request: Request): Promise<Response> {
    let response: Response;
    try {
      response = await answer(request);
    } catch {
      response = refusal(500, 'error', 'The server of this page failed.');
    }
    for (const [name, value] of Object.entries(headers)) {
      if (!response.headers.has(name)) response.headers.set(name, value);
    }
    return response;
  }

  return Object.assign(handle, { close: () => hub.close() });
}

function refuse({ status, text }: Extract<AccessDecision, { is: 'refused' }>): Response {
  return refusal(status, status === 401 ? 'unauthorized' : 'forbidden', text);
}

function refusal(status: number, code: string, text: string): Response {
  const body: StudioRefusal = { error: { code, text } };
  return Response.json(body, { status });
}

/** The text of a body; undefined where it is too long. */
async function bodyWithin({ body }: Request, maxBytes: number): Promise<string | undefined> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function protectingHeaders(showsPictures: boolean): Readonly<Record<string, string>> {
  const pictures = `'self' data: blob:${showsPictures ? ' https:' : ''}`;
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `img-src ${pictures}`,
      `media-src ${pictures}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
