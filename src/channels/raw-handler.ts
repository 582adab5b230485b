import type { BodyLimits } from './body.ts';
import type { Answer } from './reception.ts';
import type { Report } from './report.ts';

/** One request, as far as a webhook needs it. What is dear to make is made when it is asked for. */
export interface RawRequest {
  readonly method: string;
  readonly url: URL;
  /** That of the URL. */
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** Aborted when the client hangs up before it has its answer. */
  readonly signal: AbortSignal;
  /** To be called once. Rejects as `readBody` of a Request does. */
  readBody(limits: BodyLimits): Promise<Uint8Array>;
}

export interface RawHandler {
  /** Answers a request with what any host can send. Never rejects. */
  readonly exchange: (incoming: RawRequest) => Promise<Answer>;
  /** Takes the errors of the host around it. */
  readonly report: Report;
}

type Handler = (request: Request) => Promise<Response>;

/**
 * Handlers that can be had without a Request and a Response. Those two are most of what a message costs on Node.js, and
 * its own server needs neither. A handler that a program has wrapped is not among them, and works as any other.
 */
const RAW_HANDLERS = new WeakMap<Handler, RawHandler>();

export function withRawHandler<H extends Handler>(handler: H, raw: RawHandler): H {
  RAW_HANDLERS.set(handler, raw);
  return handler;
}

export function rawHandlerOf(handler: Handler): RawHandler | undefined {
  return RAW_HANDLERS.get(handler);
}
